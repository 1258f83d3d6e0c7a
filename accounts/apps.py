from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Each declares the mail it composes.
        from accounts import delivery, emails, goodbye, unused  # noqa: F401
