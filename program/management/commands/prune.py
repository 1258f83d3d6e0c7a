from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from program.models.retention import prune


class Command(BaseCommand):
    help = "Deletes what is kept no longer than it is of use (docs/retention.md); run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in prune(timezone.now()).items():
            self.stdout.write(f"{count:>7}  {what}")
