"""Who gets what from the addresses of coaches: the table is the policy, for every kind of coach.

A page of the participant or of the cohort never holds more of their words than their consent gives.
"""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import CoachNote, Cohort, Consent, DailyEntry, Enrollment, Reflection
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_reflection,
    make_user,
)
from tests.posting import HTMX, text_of

GOAL, LINE, ANSWER = "canary-goal", "canary-line", "canary-answer"
REFLECTION, MOMENT = "canary-reflection", "canary-moment"
PRIVATE, NOTE = "canary-private", "canary-note"
WORDS = {GOAL, LINE, ANSWER, REFLECTION}
ALL = {*WORDS, MOMENT, PRIVATE, NOTE}

# Who asks: the statuses of /coaching/, the table (a page, its poll, its file) and the participant,
# and whose words any of them holds.
TABLE: dict[str, tuple[int, int, int, set[str]]] = {
    "nobody": (302, 302, 302, set()),
    "owner": (200, 404, 404, set()),
    "other member": (200, 404, 404, set()),
    "no member": (200, 404, 404, set()),
    "staff": (200, 404, 404, set()),
    "coach of another cohort": (200, 404, 404, set()),
    "coach with counts": (200, 200, 200, set()),
    "coach with entries": (200, 200, 200, WORDS),
    "coach with moments": (200, 200, 200, {*WORDS, MOMENT}),
    "coach without consent": (200, 200, 404, set()),
    "coach after it was revoked": (200, 200, 404, set()),
    "coach after the member left": (200, 200, 404, set()),
    "coach who left": (200, 404, 404, set()),
    # A second coach sees what was granted to them, whatever the first one sees.
    "co-coach with counts": (200, 200, 200, set()),
    "co-coach without consent": (200, 200, 404, set()),
}


@pytest.fixture
def lived(enrollment: Enrollment) -> Enrollment:
    enrollment.goals.update(statement=GOAL)
    make_entry(enrollment=enrollment, line=LINE)
    DailyEntry.objects.update(answer=ANSWER)
    make_entry(enrollment=enrollment, place=2, line=PRIVATE)
    DailyEntry.objects.of(enrollment).filter(line=PRIVATE).update(is_private=True)
    make_reflection(enrollment=enrollment, text=REFLECTION)
    make_reflection(enrollment=enrollment, day=date(2027, 3, 15), text=PRIVATE)
    Reflection.objects.filter(text=PRIVATE).update(is_private=True)
    make_moment(enrollment=enrollment, title=MOMENT)
    return enrollment


@pytest.fixture
def cohort(lived: Enrollment, bob: User, carol: User, noon: time_machine.Traveller) -> Cohort:
    """Alice shares everything with carol, and with nobody else."""
    cohort = make_cohort(coach=carol)
    make_membership(cohort=cohort, enrollment=lived, scope="moments")
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob), scope=None)
    # What carol keeps for herself is nobody else's.
    CoachNote.objects.create(coach=carol, enrollment=lived, text=NOTE, updated_at=NOON)
    return cohort


def asking(role: str, cohort: Cohort, lived: Enrollment) -> User | None:
    """The one who asks, after what their role tells has happened."""
    carol = cohort.standing_coaches()[0].coach
    what: dict[str, Any] = {"enrollment": lived, "cohort": cohort, "now": NOON}
    match role.split():
        case ["nobody"]:
            return None
        case ["owner"]:
            return lived.participant
        case ["other", "member"]:
            return User.objects.get(display_name="Bob")
        case ["no", "member"]:
            return make_user(name="Erin")
        case ["staff"]:
            return User.objects.create_superuser("staff@example.org", "password")
        case ["coach", "of", *_]:
            dave = make_user(name="Dave")
            make_cohort(coach=dave)
            return dave
        case ["coach", "with", scope]:
            Consent.objects.grant(coach=carol, scope=scope, **what)
        case ["coach", "without", _] | ["coach", "after", "it", *_]:
            Consent.objects.get().revoke(NOON)
        case ["coach", "after", "the", *_]:
            cohort.memberships.get(enrollment=lived).leave(NOON)
        case ["coach", "who", "left"]:
            cohort.coaches.update(left_at=NOON)
        case ["co-coach", how, scope]:
            dave = make_user(name="Dave")
            cohort.coaches.create(coach=dave, joined_at=NOON)
            if how == "with":
                Consent.objects.grant(coach=dave, scope=scope, **what)
            return dave
        case _:
            raise AssertionError(role)
    return carol


@pytest.mark.parametrize("role", TABLE)
def test_coaching_answers_as_the_table_says(role: str, cohort: Cohort, lived: Enrollment) -> None:
    home, table, participant, words = TABLE[role]
    client = Client()
    user = asking(role, cohort, lived)
    if user:
        client.force_login(user)
    own_note = {NOTE} if user and user.display_name == "Carol" else set()
    detail = f"/coaching/{cohort.pk}/"

    home_page = client.get("/coaching/")
    pages = [
        client.get(detail),
        client.get(f"{detail}export/"),
        client.get(f"{detail}?q=a&sort=name"),
    ]
    poll = client.get(detail, headers=HTMX)
    one = client.get(f"{detail}people/{lived.pk}/")

    assert home_page.status_code == home
    assert {page.status_code for page in pages} == {table}
    assert poll.status_code == (table if user else 401)
    assert one.status_code == participant
    for page in (home_page, *pages, poll):
        assert not {word for word in ALL if word in text_of(page)}
        assert ("Alice" in text_of(page)) <= (participant == 200 or role == "owner")
    assert {word for word in ALL if word in text_of(one)} - own_note == words
