from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import delivery
from accounts.models import MailHold
from program.models import reminders


class Command(BaseCommand):
    help = "Let mail leave a database that was restored from a backup (docs/backup.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if MailHold.standing() is None:
            self.stdout.write("No mail is held here.")
            return
        # What came due meanwhile may have come from the site that was backed up.
        reminders.queue_due(now)
        passed_over, due = delivery.release(now)
        self.stdout.write(
            f"Mail leaves again. Passed over, as it may have come before: {passed_over}."
            f" Leaving now: {due}."
        )
