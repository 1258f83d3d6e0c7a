"""What was done to an account and from where, for its owner to read."""

from datetime import datetime, timedelta
from typing import Self

from allauth.account.adapter import get_adapter
from django.db import connection, models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import devices
from accounts.models.users import User

# Of wrong passwords, and of wrong codes, from one place within so long, the first says it.
FAILURES_APART = timedelta(hours=1)


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(user=user)

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")

    def before(self, instant: datetime) -> Self:
        return self.filter(at__lt=instant)

    def log(self, user: User, kind: str, request: HttpRequest, now: datetime) -> "AccessEvent":
        """Keep that `kind` (AccessEvent.Kind) was done by whoever sent the request."""
        return self.create(user=user, kind=kind, at=now, **_sender(request))

    def log_failure(
        self, user: User | None, kind: str, request: HttpRequest, now: datetime
    ) -> None:
        """Keep that something wrong was typed; of nobody's account there is nothing to keep.

        Nobody may learn from the time it takes whether there is an account, so this is the one
        write that does not wait for the disk, which would be the better part of it.
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
            sender = _sender(request)
            lately = self.filter(user=user, kind=kind, at__gt=now - FAILURES_APART, **sender)
            if not lately.exists() and user:
                self.create(user=user, kind=kind, at=now, **sender)


def _sender(request: HttpRequest) -> dict[str, str]:
    adapter = get_adapter(request)
    user_agent = adapter.get_http_user_agent(request)
    return {"device": devices.name_of(user_agent), "ip": adapter.get_client_ip(request)}


class AccessEvent(models.Model):
    """One thing that was done to an account; the row goes with the account."""

    class Kind(models.TextChoices):
        JOINED = "joined", _("You signed up")
        LOGIN = "login", _("Logged in")
        LOGIN_PASSWORD = "login_password", _("Logged in with the password")
        LOGIN_CODE = "login_code", _("Logged in with a code by email")
        LOGIN_PASSKEY = "login_passkey", _("Logged in with a passkey")
        LOGIN_PROVIDER = "login_provider", _("Logged in by way of another site")
        LOGIN_TWO_STEPS = "login_two_steps", _("Logged in, in two steps")
        LOGIN_FAILED = "login_failed", _("A wrong password was typed")
        CODE_FAILED = "code_failed", _("A wrong code was typed")
        LOGOUT = "logout", _("Logged out")
        SESSIONS_ENDED = "sessions_ended", _("Other devices were logged out")
        PASSWORD_CHANGED = "password_changed", _("The password was changed")
        PASSWORD_RESET = "password_reset", _("A new password was set by way of email")
        EMAIL_CHANGED = "email_changed", _("The email address was changed")
        APP_ADDED = "app_added", _("An authenticator app was added")
        APP_REMOVED = "app_removed", _("The authenticator app was removed")
        CODES_MADE = "codes_made", _("New recovery codes were made")
        PASSKEY_ADDED = "passkey_added", _("A passkey was added")
        PASSKEY_REMOVED = "passkey_removed", _("A passkey was removed")
        PROVIDER_ADDED = "provider_added", _("A way in by another site was added")
        PROVIDER_REMOVED = "provider_removed", _("A way in by another site was removed")
        EXPORTED = "exported", _("Your data was downloaded")
        IMPORTED = "imported", _("Data was brought in from a file")

    FAILURES = (Kind.LOGIN_FAILED, Kind.CODE_FAILED)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    # "Firefox on Linux", never all that a browser tells.
    device = models.CharField(max_length=60, blank=True)
    ip = models.GenericIPAddressField()

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="access_newest")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"
