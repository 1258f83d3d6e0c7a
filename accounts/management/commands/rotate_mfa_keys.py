from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import factors


class Command(BaseCommand):
    help = "Encrypt the secrets of second factors with the first of MFA_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        rotated, unreadable = factors.rotate()
        self.stdout.write(f"Encrypted with the first key: {rotated}.")
        if unreadable:
            raise CommandError(
                f"No key of MFA_KEYS opens {unreadable}. Put back the key that does, or tell these"
                " people to set up a new factor."
            )
        self.stdout.write("The other keys of MFA_KEYS can go.")
