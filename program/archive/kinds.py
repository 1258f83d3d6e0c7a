"""What the archive of a person holds: each list of it, and the columns that its rows come from.

Both ways go by this table: what it names is written, and nothing else is read. docs/export.md says
it in words; tests hold the three together, and every model and column of the site to a decision.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Exists, F, Func, Model, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.models import AccessEvent, User
from program.models import (
    Breakthrough,
    CoachNote,
    CoachVisit,
    Cohort,
    CohortMembership,
    Consent,
    DailyEntry,
    DayComment,
    DayPost,
    Encouragement,
    Enrollment,
    Finish,
    Goal,
    HostTakedown,
    MailChoice,
    Need,
    Nudge,
    PageUpdate,
    Pause,
    Person,
    PublicPage,
    Reflection,
    Reply,
    StepProgress,
)
from program.models.scopes import seen_by

Column = str | Coalesce


@dataclass(frozen=True, eq=False)
class Kind:
    """One list of the archive: `columns` are the names in JSON and where in the row they stand."""

    key: str
    model: type[Model]
    rows: Callable[[User], QuerySet[Any]]
    columns: Mapping[str, Column]
    order: tuple[str, ...]
    # {name in JSON: many-to-many field}, as lists of the ids of entries
    links: Mapping[str, str] = field(default_factory=dict)
    # The column of the two weeks that a row hangs from; empty where it hangs from the person.
    weeks: str = "enrollment_id"
    # Texts that older archives do not have; empty there.
    newer: tuple[str, ...] = ()
    # An object or null in JSON instead of a list.
    is_one: bool = False


def _same(*names: str, **others: Column) -> dict[str, Column]:
    """The id, what is called alike on both sides, and what is not."""
    own_id = {"id": others.pop("id")} if "id" in others else {}
    return {**own_id, **{name: name for name in names}, **others}


def _called(path: str) -> Coalesce:
    """What others call somebody; the address of who gave no name is not handed out."""
    local_part = Func(
        F(f"{path}__email"), Value("@"), Value(1), function="split_part", output_field=TextField()
    )
    return Coalesce(
        NullIf(F(f"{path}__display_name"), Value("")), local_part, output_field=TextField()
    )


def _of_weeks(model: Any) -> Callable[[User], Any]:
    return lambda user: model._default_manager.filter(enrollment__participant=user)


def _kept_of_weeks(model: Any) -> Callable[[User], QuerySet[Any]]:
    return lambda user: _of_weeks(model)(user).kept()


def _listed(user: User) -> QuerySet[Person]:
    """Who is on the list, and who has left it while an entry still names them."""
    named = Exists(DailyEntry.objects.owned_by(user).kept().filter(person=OuterRef("pk")))
    return Person.objects.owned_by(user).filter(Q(removed_at__isnull=True) | named)


# --- What the person entered, and gets back by an import ------------------------------------------

PROFILE = Kind(
    "profile",
    User,
    lambda user: User.objects.filter(pk=user.pk),
    _same("email", "display_name", "time_zone", "day_end_hour", "theme", "date_joined"),
    order=("pk",),
    weeks="",
    is_one=True,
)
PEOPLE = Kind(
    "people",
    Person,
    _listed,
    _same("name", "note", *Person.ROLES, "created_at", "removed_at", id="client_id"),
    order=("created_at", "pk"),
    weeks="",
)
TWO_WEEKS = Kind(
    "two_weeks",
    Enrollment,
    Enrollment.objects.owned_by,
    _same("starts_on", "created_at", "ended_at", id="public_id"),
    order=("created_at", "pk"),
    weeks="pk",
)
GOALS = Kind(
    "goals", Goal, _of_weeks(Goal), _same(*Goal.WORDS, "created_at"), order=("created_at", "pk")
)
PAUSES = Kind(
    "pauses",
    Pause,
    _of_weeks(Pause),
    _same("starts_on", "ends_on", "created_at"),
    order=("starts_on",),
)
ENTRIES = Kind(
    "entries",
    DailyEntry,
    _kept_of_weeks(DailyEntry),
    _same(
        *("practice", "day", "line", "answer", "outcome", "size", "follow_up_on", "is_private"),
        *("placed_at", "created_at"),
        id="client_id",
        person="person__client_id",
        source="source__client_id",
        carried_into="carried_into__public_id",
    ),
    order=("day", "created_at", "pk"),
)
REFLECTIONS = Kind(
    "reflections",
    Reflection,
    _of_weeks(Reflection),
    _same("day", "text", "version", "is_private", "updated_at"),
    order=("day",),
)
STEPS = Kind(
    "steps",
    StepProgress,
    _of_weeks(StepProgress),
    _same("number", "state", "note", "version", "in_place_at", "updated_at"),
    order=("number",),
    links={"evidence": "evidence"},
)
NEEDS = Kind(
    "needs",
    Need,
    _kept_of_weeks(Need),
    _same(*Need.WORDS, "answered_at", "created_at", id="client_id"),
    order=("created_at", "pk"),
)
MOMENTS = Kind(
    "moments",
    Breakthrough,
    _kept_of_weeks(Breakthrough),
    _same("day", *Breakthrough.WORDS, "version", "created_at", id="client_id"),
    order=("day", "created_at", "pk"),
    links={"entries": "entries"},
)
FINISH = Kind(
    "finish",
    Finish,
    _of_weeks(Finish),
    _same("whereabouts", *Finish.WORDS, *Finish.LATER_WORDS, "version", "updated_at"),
    order=("pk",),
    newer=Finish.LATER_WORDS,
    is_one=True,
)
PARTS = (GOALS, PAUSES, ENTRIES, REFLECTIONS, STEPS, NEEDS, MOMENTS, FINISH)

# --- Facts: to be read, and restored by nothing ---------------------------------------------------

ABOUT = (
    Kind(
        "addresses",
        EmailAddress,
        lambda user: EmailAddress.objects.filter(user=user),
        _same("email", "verified", "primary"),
        order=("pk",),
        weeks="",
    ),
    Kind(
        "mail",
        MailChoice,
        lambda user: MailChoice.objects.filter(user=user),
        _same("kind", "at", "weekdays", "chosen_at", "stopped_at"),
        order=("kind",),
        weeks="",
    ),
    Kind(
        "access",
        AccessEvent,
        AccessEvent.objects.owned_by,
        _same("kind", "at", "device", "ip"),
        order=("at", "pk"),
        weeks="",
    ),
)
RECEIVED = (
    Kind(
        "cohorts",
        CohortMembership,
        _of_weeks(CohortMembership),
        _same("allows_nudges", "members_see", "joined_at", "left_at", cohort="cohort__name"),
        order=("joined_at", "pk"),
    ),
    Kind(
        "consents",
        Consent,
        _of_weeks(Consent),
        _same(
            *("scope", "granted_at", "revoked_at"), coach=_called("coach"), cohort="cohort__name"
        ),
        order=("granted_at", "pk"),
    ),
    Kind(
        "notes",
        Encouragement,
        _kept_of_weeks(Encouragement),
        _same(
            *("day", "text", "created_at", "read_at"),
            coach=_called("coach"),
            entry="entry__client_id",
        ),
        order=("created_at", "pk"),
    ),
    Kind(
        "nudges",
        Nudge,
        _of_weeks(Nudge),
        _same("on", "text", "created_at", "read_at", coach=_called("coach")),
        order=("on", "pk"),
    ),
    Kind(
        "visits",
        CoachVisit,
        _of_weeks(CoachVisit),
        _same("on", "first_at", coach=_called("coach")),
        order=("first_at", "pk"),
    ),
    # Like a consent: who sees what is said by the person, never by a file.
    Kind(
        "public_pages",
        PublicPage,
        _of_weeks(PublicPage),
        _same(
            *("shown_as", *PublicPage.PARTS, "listed"),
            *("created_at", "published_at", "taken_down_at"),
        ),
        order=("pk",),
        links={"moments": "moments"},
    ),
    Kind(
        "takedowns",
        HostTakedown,
        lambda user: HostTakedown.objects.filter(page__enrollment__participant=user),
        _same("reason", "at", "restored_at"),
        order=("at", "pk"),
        weeks="page__enrollment_id",
    ),
    # What visitors left, as far as it was read and kept; how to reach them stays with us.
    Kind(
        "replies",
        Reply,
        lambda user: Reply.objects.owned_by(user).read(),
        _same("kind", "name", "words", "state", "created_at"),
        order=("created_at", "pk"),
        weeks="page__enrollment_id",
    ),
    Kind(
        "updates",
        PageUpdate,
        lambda user: PageUpdate.objects.filter(page__enrollment__participant=user),
        _same("text", "count", "sent_at"),
        order=("sent_at", "pk"),
        weeks="page__enrollment_id",
    ),
    # Their own words, under what belongs to a cohort.
    Kind(
        "comments",
        DayComment,
        lambda user: DayComment.objects.filter(membership__enrollment__participant=user).kept(),
        _same(
            *("text", "for_members", "created_at"),
            cohort="membership__cohort__name",
            day="post__number",
        ),
        order=("created_at", "pk"),
        weeks="membership__enrollment_id",
    ),
)
# What somebody wrote as a coach, about those whom they see at that moment.
COACHING = (
    Kind(
        "cohorts",
        Cohort,
        Cohort.objects.coached_by,
        _same(
            *("name", "welcome", "starts_on", "late_joiners_start_at_day_1", "members_see"),
            *("created_at", "closed_at"),
        ),
        order=("created_at", "pk"),
        weeks="",
    ),
    Kind(
        "posts",
        DayPost,
        lambda user: DayPost.objects.filter(coach=user, removed_at__isnull=True),
        _same("number", "title", "text", "created_at", "updated_at", cohort="cohort__name"),
        order=("created_at", "pk"),
        weeks="",
    ),
    Kind(
        "notes",
        Encouragement,
        lambda user: Encouragement.objects.written_by(user).kept(),
        _same("day", "text", "created_at", to=_called("enrollment__participant")),
        order=("created_at", "pk"),
        weeks="",
    ),
    Kind(
        "nudges",
        Nudge,
        lambda user: Nudge.objects.filter(seen_by(user, path="enrollment__"), coach=user),
        _same("on", "text", "created_at", to=_called("enrollment__participant")),
        order=("created_at", "pk"),
        weeks="",
    ),
    Kind(
        "private_notes",
        CoachNote,
        CoachNote.objects.owned_by,
        _same("text", "updated_at", about=_called("enrollment__participant")),
        order=("updated_at", "pk"),
        weeks="",
    ),
)
KINDS = (PROFILE, *ABOUT, PEOPLE, TWO_WEEKS, *PARTS, *RECEIVED, *COACHING)
