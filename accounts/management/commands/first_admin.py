"""Said after `migrate`, by whatever starts the site: harmless on every start but the first."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from accounts.models import User


class Command(BaseCommand):
    help = "Make ADMIN_EMAIL the first administrator, where nobody is staff yet."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ADMIN_EMAIL:
            return
        user = User.objects.make_first_admin(settings.ADMIN_EMAIL)
        if user:
            log_in = f"{settings.SITE_URL}{reverse('account_request_login_code')}"
            self.stdout.write(f"{user.email} is the first administrator. Log in at {log_in}")
