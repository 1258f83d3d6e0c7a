"""On a server: what is set from the environment, and what is refused before anything is served."""

import base64
import hashlib
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.utils.csp import build_policy

from breakthrough import checks
from breakthrough.development import ROOT

# The same in every process, so that pytest-xdist sees the same tests.
KEY = base64.urlsafe_b64encode(hashlib.sha512(b"a key for tests").digest()).decode()[:67]
MFA_KEY = base64.urlsafe_b64encode(hashlib.sha256(b"a key for tests").digest()).decode()
PROVIDER = json.dumps(
    [
        {
            "id": "team",
            "name": "Team",
            "server_url": "https://id.test",
            "client_id": "two-weeks",
            "secret": "hush",
            "trust_email": True,
        }
    ]
)
GOOD = {
    "MFA_KEYS": MFA_KEY,
    "SITE_URL": "https://two-weeks.test",
    "SECRET_KEY": KEY,
    "DATABASE_URL": "postgresql://weeks:p%40ss@db.test:5433/weeks?sslmode=require",
    "EMAIL_URL": "smtps://weeks:p%2Fss@mail.test",
}


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Reads the settings as a process with that environment would."""

    def load(**changes: str) -> dict[str, Any]:
        monkeypatch.setattr(os, "environ", {**GOOD, **changes})
        return runpy.run_path(str(ROOT / "breakthrough/settings.py"))

    return load


def test_settings_of_a_server_say_https_everywhere(load: Any) -> None:
    settings = load(TRUSTED_PROXY_COUNT="1", SECRET_KEY_FALLBACKS=f"{KEY}1 {KEY}2")

    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["two-weeks.test"]
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_NAME"] == "__Host-session"
    assert settings["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert settings["SECRET_KEY_FALLBACKS"] == [f"{KEY}1", f"{KEY}2"]
    assert settings["DATABASES"]["default"]["PASSWORD"] == "p@ss"
    assert settings["DATABASES"]["default"]["OPTIONS"]["sslmode"] == "require"
    assert settings["MAILERS"]["delivery"]["OPTIONS"]["password"] == "p/ss"
    assert settings["MAILERS"]["delivery"]["OPTIONS"]["port"] == 465


def test_settings_believe_a_forwarded_protocol_from_a_trusted_proxy_alone(load: Any) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in load()


def test_settings_believe_as_many_proxies_as_there_are(load: Any) -> None:
    assert load()["ALLAUTH_TRUSTED_PROXY_COUNT"] == 0
    assert load(TRUSTED_PROXY_COUNT="2")["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


@pytest.mark.parametrize(
    "site_url",
    ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://a.localhost"],
)
def test_settings_of_a_local_site_take_http_debug_and_any_key(load: Any, site_url: str) -> None:
    settings = load(SITE_URL=f"{site_url}/", DEBUG="1", SECRET_KEY="x", EMAIL_URL="")

    assert settings["SITE_URL"] == site_url
    assert "SECURE_SSL_REDIRECT" not in settings
    assert settings["SESSION_COOKIE_NAME"] == "session"
    assert settings["MAILBOX_DIR"] is not None


def test_settings_read_secrets_from_files(load: Any, tmp_path: Path) -> None:
    for name in ("SECRET_KEY", "MFA_KEYS", "DATABASE_URL", "EMAIL_URL"):
        (tmp_path / name).write_text(f"{GOOD[name]}\n")

    settings = load(
        **dict.fromkeys(("SECRET_KEY", "MFA_KEYS", "DATABASE_URL", "EMAIL_URL"), ""),
        **{f"{p.name}_FILE": str(p) for p in tmp_path.iterdir()},
    )

    assert settings["SECRET_KEY"] == KEY
    assert settings["MFA_KEYS"] == [MFA_KEY]
    assert settings["DATABASES"]["default"]["HOST"] == "db.test"
    assert settings["MAILERS"]["delivery"]["OPTIONS"]["host"] == "mail.test"


def test_settings_hand_a_provider_to_allauth(load: Any) -> None:
    [app] = load(OPENID_CONNECT=PROVIDER)["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]

    assert app["provider_id"] == "team"
    assert app["settings"]["email_authentication"] is True
    assert load()["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"] == []


def test_settings_let_in_media_from_the_hosts_that_are_named_and_no_others(load: Any) -> None:
    without = load()
    named = load(MEDIA_HOSTS="media.test, Audio.test,media.test")

    assert named["MEDIA_HOSTS"] == ["media.test", "audio.test"]
    policy = build_policy(without["SECURE_CSP"])
    assert "media-src" not in policy
    assert build_policy(named["SECURE_CSP"]) == (
        f"{policy}; media-src https://media.test https://audio.test"
    )


# What differs from GOOD, and words of the line that says what to do.
REFUSED = [
    ({"SITE_URL": ""}, "SITE_URL is not set"),
    ({"REQUIRE_SECOND_FACTOR": "all"}, "REQUIRE_SECOND_FACTOR must be staff, coaches or nobody"),
    ({"OPENID_CONNECT": "{"}, "OPENID_CONNECT is no JSON"),
    ({"OPENID_CONNECT": "{}"}, "OPENID_CONNECT must be a list of providers"),
    ({"OPENID_CONNECT": '[{"id": "a"}]'}, "OPENID_CONNECT must be a list of providers"),
    ({"OPENID_CONNECT": PROVIDER.replace("https", "http")}, "OPENID_CONNECT must be a list"),
    ({"OPENID_CONNECT": PROVIDER.replace("team", "a/b")}, "OPENID_CONNECT must be a list"),
    ({"OPENID_CONNECT": f"{PROVIDER[:-1]}, {PROVIDER[1:]}"}, "two providers with one id"),
    ({"MFA_KEYS": ""}, "MFA_KEYS is not set"),
    ({"MFA_KEYS": "short"}, "MFA_KEYS must be keys of 44 characters"),
    ({"MFA_KEYS": f"{MFA_KEY},{MFA_KEY}"}, "MFA_KEYS must be keys of 44 characters"),
    ({"MFA_KEYS": "A" * 43 + "="}, "MFA_KEYS must be keys of 44 characters"),
    ({"SITE_URL": "two-weeks.test"}, "must look like https://"),
    ({"SITE_URL": "ftp://two-weeks.test"}, "must look like https://"),
    ({"SITE_URL": "https://"}, "must look like https://"),
    ({"SITE_URL": "https://*"}, "must name one host"),
    ({"SITE_URL": "https://*.two-weeks.test"}, "must name one host"),
    ({"SITE_URL": "https://.two-weeks.test"}, "must name one host"),
    ({"SITE_URL": "https://two-weeks.test,evil.test"}, "must name one host"),
    ({"SITE_URL": "https://zwei_wochen.test"}, "must name one host"),
    ({"SITE_URL": "https://zweiwöchig.test"}, "must name one host"),
    ({"SITE_URL": "https://two-weeks.test/app"}, "scheme, host and port alone"),
    ({"SITE_URL": "https://two-weeks.test?a=b"}, "scheme, host and port alone"),
    ({"SITE_URL": "https://two-weeks.test#a"}, "scheme, host and port alone"),
    ({"SITE_URL": "https://me:hush@two-weeks.test"}, "scheme, host and port alone"),
    ({"SITE_URL": "https://two-weeks.test:port"}, "cannot be read as a URL"),
    ({"SITE_URL": "https://[two-weeks.test"}, "cannot be read as a URL"),
    ({"SITE_URL": "https://two weeks.test"}, "holds a space"),
    ({"SITE_URL": "http://two-weeks.test"}, "must start with https://"),
    ({"SITE_URL": "http://192.168.1.20:8000"}, "must start with https://"),
    ({"SITE_URL": "http://localhost.two-weeks.test"}, "must start with https://"),
    ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ({"SECRET_KEY": KEY[:49]}, "SECRET_KEY must be 50 random characters"),
    ({"SECRET_KEY": "0123" * 20}, "SECRET_KEY must be 50 random characters"),
    ({"SECRET_KEY": f"django-insecure-{KEY}"}, "SECRET_KEY must be 50 random characters"),
    ({"SECRET_KEY": f"change-me-{KEY}"}, "SECRET_KEY must be 50 random characters"),
    ({"SECRET_KEY_FALLBACKS": f"{KEY} old"}, "SECRET_KEY_FALLBACKS must be 50 random"),
    ({"SECRET_KEY_FILE": "/dev/null"}, "SECRET_KEY and SECRET_KEY_FILE are both set"),
    ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"}, "a file we cannot read"),
    ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/dev/null"}, "SECRET_KEY is not set"),
    ({"DEBUG": "1"}, "set DEBUG=0"),
    ({"DEBUG": "maybe"}, "DEBUG must be 1 or 0, not 'maybe'"),
    ({"TRUSTED_PROXY_COUNT": "one"}, "must be a number from 0 to 9, not 'one'"),
    ({"TRUSTED_PROXY_COUNT": "-1"}, "must be a number from 0 to 9, not '-1'"),
    ({"TRUSTED_PROXY_COUNT": "1.5"}, "must be a number from 0 to 9, not '1.5'"),
    ({"TRUSTED_PROXY_COUNT": "10"}, "must be a number from 0 to 9, not '10'"),
    ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    ({"DATABASE_URL": "sqlite:///weeks"}, "must start with postgresql://"),
    ({"DATABASE_URL": "postgresql://db.test"}, "must end with the name of a database"),
    ({"DATABASE_URL": "postgresql://db.test/a/b"}, "must end with the name of a database"),
    ({"DATABASE_URL": "postgresql://db.test:port/a"}, "cannot be read as a URL"),
    ({"DATABASE_URL": "postgresql://me:hu#sh@db.test/a"}, "cannot be read as a URL"),
    ({"DATABASE_URL": "postgresql://me@db.test/a#b"}, "must be written %20 or %23"),
    ({"EMAIL_URL": ""}, "EMAIL_URL is not set: without mail"),
    ({"EMAIL_URL": "mail.test"}, "must look like smtps://"),
    ({"EMAIL_URL": "imap://mail.test"}, "must look like smtps://"),
    ({"EMAIL_URL": "smtps://"}, "must look like smtps://"),
    ({"EMAIL_URL": "smtps://mail.test:port"}, "cannot be read as a URL"),
    ({"EMAIL_URL": "smtps://mail.test/box"}, "takes nothing after host and port"),
    ({"EMAIL_URL": "smtp://mail.test?tsl=1"}, "takes nothing after host and port"),
    ({"EMAIL_URL": "smtp://me:hush@mail.test"}, "would send its password in the clear"),
    ({"COACHES": "me"}, "COACHES must be anyone or approved, not 'me'"),
    ({"REGISTRATION": "shut"}, "REGISTRATION must be open, invitation or closed, not 'shut'"),
    ({"MEDIA_HOSTS": "*.media.test"}, "MEDIA_HOSTS must be host names with commas between"),
    ({"MEDIA_HOSTS": "*"}, "not '*'"),
    ({"MEDIA_HOSTS": "https://media.test"}, "not 'https://media.test'"),
    ({"MEDIA_HOSTS": "media.test/audio"}, "not 'media.test/audio'"),
    ({"MEDIA_HOSTS": "media.test:8443"}, "not 'media.test:8443'"),
    ({"MEDIA_HOSTS": "media.test audio.test"}, "not 'media.test audio.test'"),
    ({"MEDIA_HOSTS": "media.test; script-src *"}, "not 'media.test; script-src *'"),
    ({"MEDIA_HOSTS": "media.test,,audio.test"}, "not ''"),
    ({"MEDIA_HOSTS": "'self'"}, "MEDIA_HOSTS must be host names"),
    ({"DEFAULT_FROM_EMAIL": "Two Weeks"}, "DEFAULT_FROM_EMAIL must be an address"),
    ({"DEFAULT_FROM_EMAIL": "a@b.test\nBcc: c@d.test"}, "DEFAULT_FROM_EMAIL must be an address"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=str)
def test_settings_refuse_in_one_line_what_is_not_safe(
    load: Any, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(**changes)

    line = str(refusal.value)
    assert words in line
    assert "\n" not in line
    assert not any(secret in line for secret in (KEY[:49], "hush", "hu#sh"))


# --- Every way to start says that line, and no more ----------------------------------------------


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-c", "import breakthrough.wsgi"]])
def test_start_on_unsafe_settings_ends_with_that_line_alone(command: list[str]) -> None:
    ended = _python(*command, SITE_URL="http://two-weeks.test")

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("SITE_URL must start with https://")


def test_deployment_checks_find_nothing() -> None:
    ended = _python("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert ended.returncode == 0, ended.stderr
    assert "no issues" in ended.stdout


def _python(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **GOOD, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


# --- What is saved is on the disk ----------------------------------------------------------------


def test_database_that_may_forget_stops_the_migrations(db: None) -> None:
    call_command("check", databases=["default"])

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        with pytest.raises(SystemCheckError, match=r"breakthrough\.E001.*synchronous_commit = off"):
            call_command("check", databases=["default"])
        cursor.execute("RESET synchronous_commit")


def test_lossy_settings_of_the_tests_own_database_are_none() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        assert checks.lossy_settings(database.cursor()) == []
