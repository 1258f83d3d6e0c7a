"""What the doctor tries for real: each of its examinations, well and ill."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Scan
from breakthrough.doctor import machine
from breakthrough.doctor.findings import BROKEN, OK, WARNING, Finding
from tests.factories import make_user
from tests.resilience.launched import free_port


def level(examination: Callable[[], Iterator[Finding]]) -> str:
    (finding,) = examination()
    return finding.level


@pytest.fixture
def smtp() -> Iterator[Controller]:
    """A mail server that knows one login: me, with the password "hush"."""

    def authenticate(*arguments: Any) -> AuthResult:
        data = arguments[-1]
        return AuthResult(success=(data.login, data.password) == (b"me", b"hush"))

    controller = Controller(
        Sink(), hostname="127.0.0.1", port=free_port(), authenticator=authenticate,
        auth_require_tls=False, ready_timeout=60,
    )  # fmt: skip
    controller.start()
    yield controller
    controller.stop()


def use_mail(settings: Settings, port: int, password: str) -> None:
    settings.MAILBOX_DIR = None
    settings.MAILERS = {
        "delivery": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": "127.0.0.1",
                "port": port,
                "username": "me",
                "password": password,
                "timeout": 60,
            },
        }
    }


@pytest.mark.parametrize(("password", "expected"), [("hush", OK), ("wrong hush", BROKEN)])
def test_mail_is_tried_with_its_login(
    password: str, expected: str, smtp: Controller, settings: Settings
) -> None:
    use_mail(settings, smtp.port, password)

    (finding,) = machine.mail()

    assert finding.level == expected
    assert "hush" not in finding.words


def test_mail_that_nobody_takes_is_broken(settings: Settings) -> None:
    use_mail(settings, free_port(), "hush")

    assert level(machine.mail) == BROKEN


def test_migrations_that_wait_are_broken(db: None) -> None:
    assert level(machine.migrations) == OK

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'program'")

    assert level(machine.migrations) == BROKEN


def test_cache_that_forgets_is_broken(db: None, settings: Settings) -> None:
    assert level(machine.cache_table) == OK

    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert level(machine.cache_table) == BROKEN


def test_staff_is_missed_where_nobody_is(db: None) -> None:
    user = make_user(name="Marta")
    assert level(machine.staff) == WARNING

    user.is_staff = True
    user.save()

    assert level(machine.staff) == OK


def test_worker_is_missed_when_it_has_not_looked_for_a_while(db: None) -> None:
    assert level(machine.worker) == BROKEN

    Scan.note(Scan.MAIL, timezone.now())
    assert level(machine.worker) == OK

    with time_machine.travel(timedelta(minutes=4)):
        assert level(machine.worker) == BROKEN


def test_worker_in_trouble_is_worth_a_look(db: None) -> None:
    Scan.note(Scan.MAIL, timezone.now(), trouble="ConnectionRefusedError")

    worker, outbox = machine.worker()

    assert (worker.level, outbox.level) == (OK, WARNING)
    assert "ConnectionRefusedError" in outbox.words


def test_clock_is_held_against_the_databases(db: None) -> None:
    assert level(machine.clock) == OK

    with time_machine.travel(timedelta(minutes=-2)):
        assert level(machine.clock) == WARNING


def test_time_zones_grow_old() -> None:
    (now,) = machine.time_zones()
    since = re.search(r"\d{4}-\d\d-\d\d", now.words)
    assert since

    for days, expected in ((199, OK), (202, WARNING)):
        with time_machine.travel(f"{since[0]}T12:00Z"), time_machine.travel(timedelta(days=days)):
            assert level(machine.time_zones) == expected


def test_static_files_are_missed_where_they_are_not_collected(
    settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path / "root", [tmp_path / "static"]
    settings.DEBUG = False
    for folder in ("root", "static"):
        (tmp_path / folder).mkdir()
    (tmp_path / "static/app.css").write_text("")
    assert level(machine.static_files) == BROKEN  # no manifest

    manifest = tmp_path / "root/staticfiles.json"
    manifest.write_text('{"paths": {"app.css": "app.1.css"}}')
    assert level(machine.static_files) == BROKEN  # a manifest without its file

    (tmp_path / "root/app.1.css").write_text("")
    os.utime(manifest, (2**32, 2**32))
    assert level(machine.static_files) == OK

    os.utime(manifest, (0, 0))
    assert level(machine.static_files) == WARNING  # older than its sources

    (tmp_path / "static/new.css").write_text("")
    assert level(machine.static_files) == BROKEN


@pytest.mark.parametrize(("free", "expected"), [(10**7, BROKEN), (10**9, WARNING), (10**11, OK)])
def test_disk_is_measured(free: int, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)

    assert level(machine.disk) == expected


@pytest.mark.parametrize(
    ("count", "is_public", "expected"), [(0, True, WARNING), (1, True, OK), (0, False, OK)]
)
def test_proxies_are_asked_about(
    count: int, is_public: bool, expected: str, settings: Settings
) -> None:
    settings.TRUSTED_PROXY_COUNT, settings.IS_PUBLIC = count, is_public

    assert level(machine.proxies) == expected
