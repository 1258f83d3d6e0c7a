from allauth.usersessions.apps import UserSessionsConfig as AllauthUserSessionsConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Each declares the mail it composes.
        from accounts import delivery, emails, goodbye, unused  # noqa: F401


class UserSessionsConfig(AllauthUserSessionsConfig):
    """allauth's list of sessions, whose rows hold what ours are found by."""

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_set, user_logged_in

        from accounts import sessions

        for signal in (user_logged_in, password_changed, password_set):
            signal.connect(sessions.on_new_session)
