from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from breakthrough import backup, environment

NEXT = """
Next:
  manage.py migrate          brings the tables up to this version, where it is newer
  manage.py doctor           says what is missing; then start the web server and the worker
  manage.py release_mail     lets mail leave again. Until then this copy sends none. Say it when the
                             site that was backed up is gone, and never while it still runs.
Everybody logs in once more: a backup holds nobody's session."""


class Command(BaseCommand):
    help = "Bring a backup into the empty database of DATABASE_URL (docs/backup.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="lose what the database holds now"
        )
        parser.add_argument(
            "--check", action="store_true", help="say whether the file is whole; change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        known = known_migrations()
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        try:
            if options["check"]:
                manifest = backup.check(options["file"], known)
                self.stdout.write(f"Whole: {manifest.rows} rows, as of {manifest.taken_at}.")
                return
            backup.restore(
                environment.required("DATABASE_URL"),
                options["file"],
                now=timezone.now(),
                known=known,
                replace=options["replace"],
                say=self.stdout.write,
            )
        except backup.BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(NEXT)


def known_migrations() -> dict[str, set[str]]:
    """Of each app of this code, their names; the replaced ones with those that replace them."""
    found: dict[str, set[str]] = {}
    loader = MigrationLoader(None)
    for app, name in loader.disk_migrations:
        found.setdefault(app, set()).add(name)
    return found
