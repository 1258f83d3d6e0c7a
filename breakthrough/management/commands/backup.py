from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from breakthrough import backup, environment


class Command(BaseCommand):
    help = "Write the whole database, as it is now, into a file in a folder (docs/backup.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", required=True, type=Path, metavar="FOLDER")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="the newest N stay (0: all of them)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        served = (*(Path(folder) for folder in settings.STATICFILES_DIRS), settings.STATIC_ROOT)
        if options["keep"] < 0:
            raise CommandError("--keep takes a number from 0.")
        try:
            dump = backup.make(
                environment.required("DATABASE_URL"),
                options["to"],
                keep=options["keep"],
                served=served,
            )
        except backup.BackupError as error:
            raise CommandError(str(error)) from None
        manifest = backup.Manifest.beside(dump)
        tables = f"{len(manifest.tables)} tables, {manifest.rows} rows, {manifest.size} bytes"
        self.stdout.write(f"{dump}\n{tables}, as of {manifest.taken_at}.")
        self.stdout.write(
            "It holds everything that people wrote here, their addresses too, and is not encrypted:"
            " keep it to yourself, on another machine, apart from SECRET_KEY and MFA_KEYS."
        )
