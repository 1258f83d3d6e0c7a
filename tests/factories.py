"""Plain functions that make what a test needs; everything is a keyword with a plain default."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import User
from program.models import (
    Breakthrough,
    Cohort,
    CohortMembership,
    Consent,
    DailyEntry,
    DayComment,
    DayPost,
    Enrollment,
    Need,
    Person,
    PublicPage,
    Reflection,
    Reply,
)
from program.models.reply_guard import sender_of

PASSWORD = "four plain words here"
# A Tuesday at noon in UTC: the tests that look at a page live at this instant.
NOON = datetime(2027, 3, 16, 12, 0, tzinfo=UTC)


def make_user(*, name: str, time_zone: str = "Europe/Stockholm", day_end_hour: int = 0) -> User:
    user = User.objects.create_user(
        f"{name.lower()}@example.org",
        PASSWORD,
        display_name=name,
        time_zone=time_zone,
        day_end_hour=day_end_hour,
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_enrollment(
    *,
    participant: User,
    starts_on: date = date(2027, 3, 8),
    statement: str = "Open a repair corner in the library",
    why: str = "Things should last.",
    measure: str = "One mended toaster.",
    ended: bool = False,
) -> Enrollment:
    if ended:
        # Beside the current ones: as if it had ended before those began.
        enrollment = Enrollment.objects.create(
            participant=participant, starts_on=starts_on, created_at=NOON, ended_at=NOON
        )
        enrollment.goals.create(statement=statement, why=why, measure=measure, created_at=NOON)
        return enrollment
    return Enrollment.begin(
        participant=participant,
        starts_on=starts_on,
        statement=statement,
        why=why,
        measure=measure,
        now=NOON,
    )


def make_reflection(
    *, enrollment: Enrollment, day: date = date(2027, 3, 16), text: str = "It was easier to ask."
) -> Reflection:
    return Reflection.objects.save_text(
        enrollment=enrollment, day=day, text=text, based_on=0, now=NOON
    )


def make_entry(
    *,
    enrollment: Enrollment,
    day: date = date(2027, 3, 16),
    practice: str = "share",
    place: int = 1,
    line: str = "",
    placed: bool = True,
    outcome: str | None = None,
) -> DailyEntry:
    return DailyEntry.objects.save_entry(
        enrollment=enrollment,
        client_id=enrollment.stone_id(day, practice, place),
        day=day,
        practice=practice,
        placed=placed,
        line=line,
        outcome=outcome,
        now=NOON,
    )


def make_moment(
    *,
    enrollment: Enrollment,
    client_id: uuid.UUID | None = None,
    day: date = date(2027, 3, 16),
    title: str = "",
    before: str = "",
    moment: str = "",
    after: str = "",
) -> Breakthrough:
    return Breakthrough.catch(
        enrollment=enrollment,
        client_id=client_id or uuid.uuid4(),
        day=day,
        title=title,
        before=before,
        moment=moment,
        after=after,
        now=NOON,
    )


def make_person(*, user: User, name: str = "Imani Wekesa", **fields: Any) -> Person:
    return Person.objects.create(user=user, name=name, created_at=NOON, **fields)


def make_need(
    *,
    enrollment: Enrollment,
    question: str = "Who decides about the evenings?",
    **fields: Any,
) -> Need:
    return Need.objects.create(enrollment=enrollment, question=question, created_at=NOON, **fields)


def make_cohort(
    *, coach: User, name: str = "Spring starters", starts_on: date | None = None
) -> Cohort:
    cohort = Cohort.objects.create(name=name, starts_on=starts_on, created_at=NOON)
    cohort.coaches.create(coach=coach, joined_at=NOON)
    return cohort


def fill_cohort(cohort: Cohort, *, coach: User, size: int, days: int = 9) -> None:
    """So many people of these two weeks who show the coach their counts, six stones on each day."""
    users = User.objects.bulk_create(
        User(email=f"p{n}-of-{size}@example.org", display_name=f"Person {n}") for n in range(size)
    )
    weeks = Enrollment.objects.bulk_create(
        Enrollment(participant=user, starts_on=date(2027, 3, 8), created_at=NOON) for user in users
    )
    cohort.memberships.bulk_create(
        CohortMembership(cohort=cohort, enrollment=row, joined_at=NOON) for row in weeks
    )
    Consent.objects.bulk_create(
        Consent(enrollment=row, coach=coach, cohort=cohort, scope="counts", granted_at=NOON)
        for row in weeks
    )
    DailyEntry.objects.bulk_create(
        (
            DailyEntry(
                enrollment=row,
                client_id=uuid.uuid4(),
                practice=practice,
                day=row.starts_on + timedelta(days=day),
                line="What only they read",
                outcome="waiting" if practice == "request" else "",
                placed_at=NOON,
                created_at=NOON,
            )
            for row in weeks
            for day in range(days)
            for practice in DailyEntry.Practice.values
            for _twice in range(2)
        ),
        batch_size=5000,
    )


def make_membership(
    *, cohort: Cohort, enrollment: Enrollment, scope: str | None = "entries", nudges: bool = False
) -> CohortMembership:
    """In the cohort, and seen by each of its coaches as far as `scope` goes (None: not at all)."""
    membership = cohort.memberships.create(
        enrollment=enrollment, allows_nudges=nudges, joined_at=NOON
    )
    if scope:
        for standing in cohort.standing_coaches():
            Consent.objects.grant(
                enrollment=enrollment, coach=standing.coach, cohort=cohort, scope=scope, now=NOON
            )
    return membership


def make_post(
    *, cohort: Cohort, number: int = 9, title: str = "", text: str = "Ask one person more."
) -> DayPost:
    lead = cohort.standing_coaches()[0]
    return DayPost.objects.of(cohort).save_words(
        cohort=cohort,
        number=number,
        coach=lead.coach,
        title=title,
        text=text,
        based_on=0,
        now=NOON,
    )


def make_comment(
    *,
    post: DayPost,
    membership: CohortMembership,
    text: str = "I will ask Ruth.",
    for_members: bool = True,
) -> DayComment:
    return DayComment.objects.leave(
        post=post,
        membership=membership,
        client_id=uuid.uuid4(),
        text=text,
        for_members=for_members,
        now=NOON,
    )


def make_reply(
    page: PublicPage,
    *,
    kind: str = "idea",
    name: str = "Peder",
    words: str = "Put the kettle by the door.",
    email: str = "",
    sender: str = "",
    state: str = "waiting",
    now: datetime = NOON,
) -> Reply:
    """As a visitor leaves it; with a `state` but waiting, as its reader settled it."""
    reply = Reply.objects.leave(
        page=page,
        sender=sender or sender_of(f"10.0.{Reply.objects.count() % 250}.7"),
        kind=kind,
        name=name,
        words=words,
        email=email,
        now=now,
    )
    if state != "waiting":
        reply.settle(state)
    return reply


def make_page(enrollment: Enrollment, *, published: bool = True, **choices: Any) -> PublicPage:
    """With the goal and a name on it."""
    choices = {"moments": [], "shown_as": "Alice", "show_goal": True, **choices}
    page = PublicPage.choose(enrollment, now=NOON, **choices)
    if published:
        page.publish(NOON)
    return page
