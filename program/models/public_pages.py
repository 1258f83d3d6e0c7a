"""The public page of somebody's two weeks: off until they publish it, and then what they chose."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import JSONArray, JSONObject

from accounts.models import User
from breakthrough.built_once import BuiltOnce
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.goals import Goal
from program.models.moments import Breakthrough
from program.models.pauses import Pause
from program.models.public_goal import PublicGoal
from program.models.takedowns import Takedown, TakedownQuerySet


def new_token() -> str:
    """144 random bits in 24 characters of an address."""
    return secrets.token_urlsafe(18)


class PublicPageQuerySet(models.QuerySet["PublicPage"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(enrollment__participant=user)

    def current(self) -> Self:
        """Those of the two weeks that have not been ended."""
        return self.filter(enrollment__ended_at__isnull=True)

    def published(self) -> Self:
        """As far as their owners decide."""
        return self.filter(published_at__isnull=False, taken_down_at__isnull=True)

    def open(self) -> Self:
        """Those that a visitor may see now. Two weeks that were ended take their page along, for
        their owner's settings speak of the current ones alone.
        """
        if not settings.PUBLIC_PAGES:
            return self.none()
        closed_by_host = HostTakedown.objects.standing().filter(page=OuterRef("pk"))
        return (
            self.published()
            .current()
            .filter(~Exists(closed_by_host), enrollment__participant__is_active=True)
        )

    def of_token(self, token: str) -> Self:
        """Open or not: for those who run the site."""
        return self.filter(token=token)

    def open_at(self, token: str) -> Self:
        return self.open().filter(token=token)

    def rows(self) -> "models.QuerySet[PublicPage, dict[str, Any]]":
        """What PublicGoal.of_row takes. What was not chosen is not looked for."""
        weeks = {"enrollment": OuterRef("enrollment")}
        goal = Goal.objects.filter(**weeks).newest_first()
        placed = DailyEntry.objects.placed().filter(**weeks).order_by()
        of_days = placed.values("day", "practice").annotate(placed=Count("pk"))
        of_all = placed.values("practice").annotate(placed=Count("pk"))
        pauses = Pause.objects.filter(**weeks).order_by("starts_on")
        moments = Breakthrough.objects.kept().filter(public_pages=OuterRef("pk"))
        climb = JSONObject(
            starts_on="enrollment__starts_on",
            time_zone="enrollment__participant__time_zone",
            day_end_hour="enrollment__participant__day_end_hour",
            pauses=ArraySubquery(pauses.values(days=JSONArray("starts_on", "ends_on"))),
            placed=ArraySubquery(of_days.values(cell=JSONArray("day", "practice", "placed"))),
        )
        totals = ArraySubquery(of_all.values(cell=JSONArray("practice", "placed")))
        words = JSONObject(**{name: name for name in Breakthrough.WORDS})
        # Asked by its name, for its module knows this one.
        replies = apps.get_model("program.Reply")._default_manager.for_visitors(OuterRef("pk"))
        row = JSONObject(
            listed="listed",
            name="shown_as",
            statement=_if("show_goal", Subquery(goal.values("statement")[:1])),
            why=_if("show_why", Subquery(goal.values("why")[:1])),
            climb=_if("show_map", climb),
            totals=_if("show_totals", totals),
            moments=ArraySubquery(moments.order_by("day", "created_at", "pk").values(words=words)),
            replies=ArraySubquery(replies),
        )
        return self.values_list(row, flat=True)

    def find(self, token: str, now: datetime) -> PublicGoal | None:
        """What whoever has the link gets now; None where there is nothing to see.

        One statement, built once: to put it together costs ten times what its answer does.
        """
        if not settings.PUBLIC_PAGES:
            return None
        found = _OPEN.rows(link=token)
        return PublicGoal.of_row(found[0][0], now) if found else None


class PublicPage(models.Model):
    """A row is a draft until it is published. Its token stands here in plain, for its owner shows
    and prints the link again and again; who reads this table reads the page's words as well.
    """

    # Each is a part of the page, shown when it is chosen.
    PARTS = ("show_goal", "show_why", "show_map", "show_totals")
    NAME_MAX_LENGTH = 60

    enrollment = models.OneToOneField(
        Enrollment, on_delete=models.CASCADE, related_name="public_page"
    )
    token = models.CharField(max_length=32, unique=True, default=new_token)
    # What visitors read as its owner's name; none where it is empty.
    shown_as = models.CharField(max_length=NAME_MAX_LENGTH, blank=True, default="")
    show_goal = models.BooleanField(default=False)
    show_why = models.BooleanField(default=False)
    show_map = models.BooleanField(default=False)
    show_totals = models.BooleanField(default=False)
    moments = models.ManyToManyField(Breakthrough, related_name="public_pages", blank=True)
    # Whether search engines may list it.
    listed = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    taken_down_at = models.DateTimeField(null=True, blank=True)

    objects = PublicPageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_down_at__isnull=True) | Q(published_at__isnull=False),
                name="public_page_taken_down_was_published",
            ),
        ]

    def __str__(self) -> str:
        return f"Public page of {self.enrollment}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.taken_down_at is None

    def standing_takedown(self) -> "HostTakedown | None":
        return self.takedowns.filter(restored_at__isnull=True).first()

    @classmethod
    def choose(
        cls,
        enrollment: Enrollment,
        *,
        moments: Iterable[Breakthrough],
        now: datetime,
        **choices: str | bool,
    ) -> "PublicPage":
        """Keep what shows (`choices`: shown_as, PARTS, listed); a page that is not there yet is a
        draft. A repeat changes nothing.
        """
        with transaction.atomic():
            page, _is_new = cls.objects.update_or_create(
                enrollment=enrollment,
                defaults=choices,
                create_defaults={**choices, "created_at": now},
            )
            page.moments.set(moments)
        return page

    def publish(self, now: datetime) -> None:
        """Open to whoever has the link, which is the one it had before."""
        if self.is_published:
            return
        self.published_at, self.taken_down_at = now, None
        self.save(update_fields=["published_at", "taken_down_at"])

    def take_down(self, now: datetime) -> None:
        """From this moment on its link finds nothing."""
        if self.is_published:
            self.taken_down_at = now
            self.save(update_fields=["taken_down_at"])

    def replace_link(self) -> None:
        """The link there was finds nothing any more, whoever has it."""
        self.token = new_token()
        self.save(update_fields=["token"])

    def shown(self, now: datetime) -> PublicGoal:
        """What a visitor gets, or would get of a draft."""
        return PublicGoal.of_row(type(self).objects.filter(pk=self.pk).rows().get(), now)


class HostTakedownQuerySet(TakedownQuerySet["HostTakedown"]):
    def of_everybody(self) -> Self:
        """For those who run the site: what they did, never what stands on a page."""
        return self.select_related("by", "restored_by")

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class HostTakedown(Takedown):
    """Whoever runs the site closed a page; it opens again, as its owner has it, by `restore`."""

    REASON_MAX_LENGTH = 500

    page = models.ForeignKey(PublicPage, on_delete=models.CASCADE, related_name="takedowns")
    # Its owner reads it.
    reason = models.CharField(max_length=REASON_MAX_LENGTH)

    objects = HostTakedownQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page"],
                condition=Q(restored_at__isnull=True),
                name="host_takedown_one_standing_per_page",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} closed by the host"

    @classmethod
    def close(cls, page: PublicPage, *, by: User, reason: str, now: datetime) -> "HostTakedown":
        """A repeat finds the one that stands."""
        return cls.objects.standing().get_or_create(
            page=page, defaults={"by": by, "reason": reason, "at": now}
        )[0]

    def restore(self, *, by: User, now: datetime) -> None:
        if self.restored_at is None:
            self.restored_by, self.restored_at = by, now
            self.save(update_fields=["restored_by", "restored_at"])


def _if(flag: str, then: Any) -> Case:
    """Null where it was not chosen."""
    return Case(When(**{flag: True}, then=then))


_OPEN = BuiltOnce(lambda link: PublicPage.objects.open_at(link).rows(), link="of whoever asks")
