"""What the settings lead to: the database, mail, files, disk and clock, each tried for real."""

import json
import re
import shutil
import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import psycopg
from django.conf import settings
from django.core import checks as system_checks
from django.core.cache import cache
from django.core.mail import mailers
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import MailHold, OutgoingMail, User
from breakthrough import checks, environment, replica
from breakthrough.doctor.findings import BROKEN, OK, WARNING, Finding

LEAST_DISK, LITTLE_DISK = 200_000_000, 2_000_000_000
CLOCKS_APART = timedelta(seconds=5)
# Governments change their clocks at short notice; the package of zones follows a few times a year.
OLDEST_ZONES = timedelta(hours=200 * 24)


def examine() -> Iterator[Finding]:
    reached = list(database())
    yield from reached
    if all(finding.level != BROKEN for finding in reached):
        for examination in IN_THE_DATABASE:
            try:
                yield from examination()
            except DatabaseError as error:
                yield Finding(BROKEN, examination.__name__, f"{_first_line(error)}.")
    for examination in ON_THE_MACHINE:
        yield from examination()


# --- The database --------------------------------------------------------------------------------


def database() -> Iterator[Finding]:
    about = "database"
    try:
        with psycopg.connect(environment.value("DATABASE_URL"), connect_timeout=5) as found:
            version = found.info.server_version // 10_000
            lossy = checks.lossy_settings(found.cursor())
    except psycopg.Error as error:
        yield Finding(BROKEN, about, f"DATABASE_URL: {_first_line(error)}. No page works.")
        return
    if version < checks.OLDEST_POSTGRES:
        words = f"PostgreSQL {version}, and {checks.OLDEST_POSTGRES} or newer is needed."
        yield Finding(BROKEN, about, words)
    for setting in lossy:
        yield Finding(BROKEN, about, f"{checks.LOSSY.format(setting)} {checks.LOSSY_HINT}")
    if version >= checks.OLDEST_POSTGRES and not lossy:
        yield Finding(OK, about, f"PostgreSQL {version} answers, and keeps what it says it has")


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        words = f"{len(missing)} not applied, so pages fail. Run: manage.py migrate"
        yield Finding(BROKEN, "migrations", words)
    else:
        yield Finding(OK, "migrations", "all applied")


def the_replica() -> Iterator[Finding]:
    if replica.ALIAS not in connections.databases:
        return
    try:
        seconds = replica.lag()
    except DatabaseError as error:
        words = f"REPLICA_URL: {_first_line(error)}. The database itself answers instead."
        yield Finding(WARNING, "replica", words)
        return
    if seconds is None:
        words = "REPLICA_URL leads to no copy that follows another database, and is not read."
        yield Finding(WARNING, "replica", words)
    else:
        words = f"the last change came {seconds:.1f} s ago; read up to {replica.MOST_SECONDS:.0f} s"
        yield Finding(OK, "replica", words)


def cache_table() -> Iterator[Finding]:
    cache.set("doctor", "well", timeout=5)
    if cache.get("doctor") == "well":
        yield Finding(OK, "cache", "keeps what it is given")
    else:
        words = "forgets what it is given, so nothing limits who guesses passwords."
        yield Finding(BROKEN, "cache", words)


def staff() -> Iterator[Finding]:
    if User.objects.filter(is_staff=True, is_active=True).exists():
        yield Finding(OK, "staff", "there is somebody")
    else:
        words = "nobody can look after the accounts. Set ADMIN_EMAIL or run createsuperuser."
        yield Finding(WARNING, "staff", words)


def clock() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - timezone.now())
    if apart > CLOCKS_APART:
        words = f"is {apart.total_seconds():.0f} s from the database's: codes and days run out"
        yield Finding(WARNING, "clock", f"{words} too early or too late. Use NTP on both.")
    else:
        yield Finding(OK, "clock", "goes with the database's")


def worker() -> Iterator[Finding]:
    now = timezone.now()
    lamp = OutgoingMail.objects.lamp(now)
    if lamp.is_lit(now):
        yield Finding(OK, "worker", f"is about; {lamp.waiting} mails wait")
    else:
        last = lamp.last_scan_at
        seen = f"last seen {last:%Y-%m-%d %H:%M} UTC" if last else "never seen"
        words = f"{seen}, {lamp.waiting} mails wait: no code reaches anybody."
        yield Finding(BROKEN, "worker", f"{words} Start `worker` of the Procfile.")
    if lamp.trouble or lamp.dead:
        trouble = lamp.trouble or "none"
        words = f"{lamp.dead} mails of 30 days were given up. Trouble of the last scan: {trouble}"
        yield Finding(WARNING, "outbox", words)


def hold() -> Iterator[Finding]:
    if standing := MailHold.standing():
        words = f"held since {standing.since:%Y-%m-%d %H:%M} UTC, as this is a copy from a backup."
        yield Finding(WARNING, "held mail", f"{words} Run: manage.py release_mail")


# --- The machine ---------------------------------------------------------------------------------


def static_files() -> Iterator[Finding]:
    about = "static files"
    if settings.DEBUG:
        yield Finding(OK, about, "come from their folders while DEBUG is on")
        return
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    run = "Run: manage.py collectstatic --noinput"
    try:
        paths = json.loads(manifest.read_text("utf-8"))["paths"]
        collected_at = manifest.stat().st_mtime
    except (OSError, ValueError, KeyError):
        yield Finding(BROKEN, about, f"not collected, so every page fails. {run}")
        return
    sources = [file for folder in settings.STATICFILES_DIRS for file in Path(folder).rglob("*.*")]
    names = {str(file.relative_to(settings.STATICFILES_DIRS[0])) for file in sources}
    gone = [name for name in paths.values() if not (manifest.parent / name).exists()]
    if names - paths.keys() or gone:
        yield Finding(BROKEN, about, f"not all collected, so pages fail. {run}")
    elif any(file.stat().st_mtime > collected_at for file in sources):
        yield Finding(WARNING, about, f"changed since they were collected. {run}")
    else:
        yield Finding(OK, about, f"{len(paths)} collected")


def mail() -> Iterator[Finding]:
    about, delivery = "mail", mailers.settings["delivery"]
    options = delivery.get("OPTIONS", {})
    if settings.MAILBOX_DIR:
        yield Finding(OK, about, "kept here, to be read at /mailbox/; nothing is sent")
        return
    if "host" not in options:
        yield Finding(WARNING, about, "EMAIL_URL is not set, so mail goes nowhere.")
        return
    where = f"{options['host']}, port {options['port']}"
    try:
        mailer = mailers["delivery"]
        mailer.open()
        mailer.close()
    except (smtplib.SMTPException, OSError) as error:
        # What a server says may repeat what it was sent; its number or our own words do not.
        said = getattr(error, "smtp_code", "") or getattr(error, "strerror", "") or "no answer"
        words = f"EMAIL_URL: {where} does not let us in ({type(error).__name__}: {said})."
        yield Finding(BROKEN, about, f"{words} No code reaches anybody.")
    else:
        with_login = " and takes our login" if options["username"] else ""
        yield Finding(OK, about, f"{where} answers{with_login}")


def proxies() -> Iterator[Finding]:
    count = settings.TRUSTED_PROXY_COUNT
    if count == 0 and settings.IS_PUBLIC:
        words = (
            "TRUSTED_PROXY_COUNT is 0: right only where browsers reach this process itself."
            " Behind a proxy, https redirects in a circle and all visitors share one limit."
        )
        yield Finding(WARNING, "proxies", words)
    elif count:
        words = f"{count} trusted: with fewer in the way, logging in is a bad request"
        yield Finding(OK, "proxies", words)
    else:
        yield Finding(OK, "proxies", "none")


def time_zones() -> Iterator[Finding]:
    """The package has no date of its own; its table of leap seconds is renewed twice a year."""
    table = (resources.files("tzdata") / "zoneinfo/leapseconds").read_text("ascii")
    updated = re.search(r"^#updated (\d+)", table, re.MULTILINE)
    since = datetime.fromtimestamp(int(updated[1]) if updated else 0, UTC)
    if timezone.now() - since > OLDEST_ZONES:
        words = f"the rules are from {since.date()}: a day may turn over an hour off somewhere."
        yield Finding(WARNING, "time zones", f"{words} Update the package tzdata.")
    else:
        yield Finding(OK, "time zones", f"of {since.date()} or later")


def prompts() -> Iterator[Finding]:
    # A pack that is not whole has been refused before we get here.
    yield Finding(OK, "prompts", f"{settings.PROMPT_PACK} is whole")


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.BASE_DIR).free
    words = f"{free / 1e9:.1f} GB free"
    if free < LEAST_DISK:
        yield Finding(BROKEN, "disk", f"{words}: soon nothing can be saved.")
    elif free < LITTLE_DISK:
        yield Finding(WARNING, "disk", f"{words}: backups and logs fill that soon.")
    else:
        yield Finding(OK, "disk", words)


def django_checks() -> Iterator[Finding]:
    is_server = not settings.DEBUG
    found = [
        message
        for message in system_checks.run_checks(include_deployment_checks=is_server)
        if not message.is_silenced() and message.level >= system_checks.WARNING
    ]
    for message in found:
        level = BROKEN if message.is_serious() else WARNING
        yield Finding(level, message.id or "django", str(message.msg))
    if not found:
        yield Finding(OK, "django", "its own checks find nothing")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0].rstrip(".")


Examination = Callable[[], Iterator[Finding]]
IN_THE_DATABASE: list[Examination] = [
    migrations,
    the_replica,
    cache_table,
    staff,
    worker,
    hold,
    clock,
]
ON_THE_MACHINE: list[Examination] = [
    *(static_files, mail, proxies, time_zones, prompts, disk, django_checks),
]
