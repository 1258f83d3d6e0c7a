"""Archives that are put together in the background, each to be fetched for a day."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import User
from accounts.models.outbox import wake

LIFETIME = timedelta(minutes=24 * 60)
# As long as one process has for it; past that it has stopped, and the next one begins anew.
LEASE = timedelta(minutes=10)
ATTEMPTS = 5


class ExportQuerySet(models.QuerySet["Export"]):
    def owned_by(self, user: User) -> Self:
        """Without the archive itself, which only a download needs."""
        return self.filter(user=user).defer("content")

    def with_content(self) -> Self:
        return self.defer(None)

    def standing(self, now: datetime) -> Self:
        """Whose time has not run out."""
        return self.filter(expires_at__gt=now)

    def ready(self) -> Self:
        return self.filter(ready_at__isnull=False)

    def over(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)

    def ask_for(self, user: User, now: datetime) -> "Export":
        """One that is being put together, or will be; a second tap is the same one."""
        asked = {"created_at": now, "expires_at": now + LIFETIME}
        with transaction.atomic():
            export, is_new = self.get_or_create(user=user, defaults=asked)
            if not is_new:
                anew = {"ready_at": None, "content": None, "lease_until": None, "attempts": 0}
                over = Q(expires_at__lte=now) | Q(attempts__gte=ATTEMPTS)
                done = self.filter(Q(ready_at__isnull=False) | over, pk=export.pk)
                is_new = bool(done.update(**asked, **anew))
                export.refresh_from_db(fields=[*asked, *anew.keys() - {"content"}])
            if is_new:
                wake("program.tasks.scan_exports", timestamp=0)
        return export

    def open(self, now: datetime) -> Self:
        """Those that nobody works at: new ones, and those whose process has stopped."""
        is_free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
        return self.filter(is_free, ready_at__isnull=True, attempts__lt=ATTEMPTS).standing(now)

    def claim(self, pk: int, now: datetime) -> "Export | None":
        """Take one to work at it; None where somebody else does, or nothing is to be done."""
        lease = now + LEASE
        taken = self.open(now).filter(pk=pk)
        if not taken.update(lease_until=lease, attempts=F("attempts") + 1):
            return None
        return self.defer("content").select_related("user").filter(lease_until=lease, pk=pk).first()


class Export(models.Model):
    """Somebody's newest archive, or the wish for it.

    The file is a column and no file on a disk: every web server of a host can hand it out, it goes
    with its row (after a day, or with the account), and it is where the words in it are anyway.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="export")
    created_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    # A day after it is ready; until then, when the wish for it lapses.
    expires_at = models.DateTimeField(db_index=True)
    content = models.BinaryField(null=True, blank=True)
    # Until when a process works at it, and how many have begun.
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ready_at__isnull=True, content__isnull=True)
                | Q(ready_at__isnull=False, content__isnull=False),
                name="export_ready_with_content",
            ),
        ]

    def __str__(self) -> str:
        return f"Export of {self.user}"

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    @property
    def has_failed(self) -> bool:
        return not self.is_ready and self.attempts >= ATTEMPTS

    def finish(self, content: bytes, now: datetime) -> bool:
        """Keep the archive for a day, unless the lease went to another process meanwhile."""
        mine = Export.objects.filter(pk=self.pk, lease_until=self.lease_until, ready_at=None)
        done = mine.update(
            content=content, ready_at=now, expires_at=now + LIFETIME, lease_until=None
        )
        return done == 1
