import hashlib
import uuid
from collections.abc import Iterator
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.functions import RandomUUID
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import time_zones


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """What `createsuperuser` makes. Whoever has a shell here vouches for the address.

        Raises ValidationError where the address has an account already.
        """
        if self.filter(email__iexact=email.strip()).exists():
            raise ValidationError(_("There is an account with that address already."))
        with transaction.atomic():
            user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
            EmailAddress = apps.get_model("account", "EmailAddress")
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return user

    def make_first_admin(self, email: str) -> "User | None":
        """Make whoever owns that address an administrator, if there is none; else None.

        An account that was opened under that address and never confirmed is somebody's guess at
        it: it goes, with the password that they chose.
        """
        with transaction.atomic():
            if self.filter(is_staff=True, is_active=True).exists():
                return None
            owner = self.filter(
                emailaddress__email__iexact=email, emailaddress__verified=True
            ).first()
            if owner is None:
                self.filter(email__iexact=email).delete()
                return self.create_superuser(email)
            owner.is_active = owner.is_staff = owner.is_superuser = True
            owner.save(update_fields=["is_active", "is_staff", "is_superuser"])
            return owner

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "", _("Match my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("email"), max_length=254)
    display_name = models.CharField(_("what should we call you?"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default=time_zones.UTC)
    day_end_hour = models.PositiveSmallIntegerField(_("your day ends at"), default=0)
    theme = models.CharField(_("colors"), max_length=5, choices=Theme, blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    # By staff, where COACHES is "approved"; elsewhere nobody looks at it.
    is_approved_coach = models.BooleanField(_("approved to coach"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    # Part of what a session proves: where it grows, every session from before is over.
    session_epoch = models.PositiveIntegerField(_("session epoch"), default=0)
    # Names them to their own browsers alone, which keep by it what they have not sent yet.
    offline_key = models.UUIDField(
        default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=models.Q(day_end_hour__lte=5), name="user_day_end_hour_0_to_5"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email

    @property
    def zone(self) -> ZoneInfo:
        return time_zones.zone_or_utc(self.time_zone)

    @property
    def zone_is_known(self) -> bool:
        return time_zones.is_known(self.time_zone)

    @property
    def may_coach(self) -> bool:
        """Whether they may open a cohort, or coach one that somebody asks them to.

        Who coaches a cohort already goes on with it, approved or not.
        """
        return settings.COACHES == "anyone" or self.is_approved_coach

    @property
    def known_as(self) -> str:
        """What others call them; the address of who gave no name is not handed out."""
        return self.display_name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        """One or two letters for the round mark in the header."""
        words = (self.display_name or self.email).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    def get_session_auth_hash(self) -> str:
        """Changes with the password and with end_sessions(), and not with SECRET_KEY.

        A session is a row that SECRET_KEY signs as a whole. Were it in here too, the first request
        after a change of key would give the session another id, and of two requests at once the
        second would be of nobody.
        """
        password = hashlib.sha256(f"accounts.User.session {self.password}".encode()).hexdigest()
        return f"{password}.{self.session_epoch}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return iter(())

    def end_sessions(self) -> None:
        """End all their sessions, known or not, at the next request that comes with one."""
        self.session_epoch = models.F("session_epoch") + 1
        self.save(update_fields=["session_epoch"])
        self.refresh_from_db(fields=["session_epoch"])

    def has_confirmed(self, email: str) -> bool:
        """Whether that address is theirs, as a code that went there has shown."""
        return bool(
            self.emailaddress_set.filter(  # type: ignore[attr-defined] # allauth's
                email__iexact=email, verified=True
            ).exists()
        )

    def set_clock(self, *, time_zone: str, day_end_hour: int) -> None:
        """Live by this zone (an IANA name in use) and day-end hour from now on; no entry moves."""
        self.time_zone, self.day_end_hour = time_zone, day_end_hour
        self.save(update_fields=["time_zone", "day_end_hour"])
