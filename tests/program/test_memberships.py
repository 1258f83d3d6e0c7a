"""A member's page of their cohort: when a post is read, and who sees what of whom.

The policy is TABLE, for each level that the cohort, the other and the member stand at.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import (
    Cohort,
    CohortMembership,
    Consent,
    DailyEntry,
    DayComment,
    DayPost,
    Enrollment,
    MembersSee,
    Pause,
    PostReading,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_comment,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_post,
    make_reflection,
    make_user,
)
from tests.posting import HTMX, TODAY, Response, is_our_page, text_of

NOTHING, NAMES, COUNTS, ENTRIES = MembersSee
LINE, COMMENT = "canary-line", "canary-comment"
# What no member ever reads of another.
SECRETS = ["canary-private", "canary-reflection", "canary-moment", "canary-goal", "canary-answer"]
SECRETS += ["canary-planned", "canary-gone", "canary-to-coaches", "canary-hidden", "bob@"]


@pytest.fixture
def cohort(carol: User) -> Cohort:
    cohort = make_cohort(coach=carol)
    cohort.revise(members_see=ENTRIES)
    return cohort


def let_in(cohort: Cohort, enrollment: Enrollment, level: int = ENTRIES) -> CohortMembership:
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    CohortMembership.objects.filter(pk=membership.pk).update(members_see=level)
    membership.refresh_from_db()
    return membership


@pytest.fixture
def alices(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    return let_in(cohort, enrollment)


@pytest.fixture
def bobs(cohort: Cohort, bob: User) -> CohortMembership:
    """Bob's two weeks, with a word of every kind."""
    enrollment = make_enrollment(participant=bob, statement="canary-goal")
    membership = let_in(cohort, enrollment)
    make_entry(enrollment=enrollment, line=LINE)
    DailyEntry.objects.update(answer="canary-answer")
    private = make_entry(enrollment=enrollment, place=2, line="canary-private")
    DailyEntry.objects.filter(pk=private.pk).update(is_private=True)
    make_entry(enrollment=enrollment, place=3, line="canary-planned", placed=False)
    make_entry(enrollment=enrollment, place=4, line="canary-gone").remove(NOON)
    make_reflection(enrollment=enrollment, text="canary-reflection")
    make_moment(enrollment=enrollment, title="canary-moment")
    post = make_post(cohort=cohort)
    make_comment(post=post, membership=membership, text=COMMENT)
    make_comment(post=post, membership=membership, text="canary-to-coaches", for_members=False)
    make_comment(post=post, membership=membership, text="canary-hidden").hide(NOON)
    make_comment(post=post, membership=membership, text="canary-gone").remove(NOON)
    return membership


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(cohort: Cohort, path: str = "") -> str:
    return f"/cohorts/{cohort.pk}/{path}"


def pages_of(cohort: Cohort, other: CohortMembership) -> Iterator[str]:
    yield from (page_of(cohort), page_of(cohort, "posts/9/"))
    yield page_of(cohort, f"people/{other.pk}/")


# --- Who sees what of whom ------------------------------------------------------------------------


@pytest.mark.parametrize(("shown", "agreed"), list(product(MembersSee, MembersSee)))
def test_another_is_seen_as_far_as_the_cohort_shows_and_both_agreed(
    alice_client: Client,
    cohort: Cohort,
    alices: CohortMembership,
    bobs: CohortMembership,
    shown: MembersSee,
    agreed: MembersSee,
) -> None:
    Cohort.objects.update(members_see=shown)
    for seer, seen in ((agreed, ENTRIES), (ENTRIES, agreed)):
        CohortMembership.objects.filter(pk=alices.pk).update(members_see=seer)
        CohortMembership.objects.filter(pk=bobs.pk).update(members_see=seen)
        level = min(shown, agreed)

        page, post, person = (alice_client.get(url) for url in pages_of(cohort, bobs))

        assert ("Bob" in text_of(page)) == (level >= NAMES)
        assert (COMMENT in text_of(post)) == (level >= NAMES)
        assert ("Stones on each day so far" in text_of(page)) == (level >= COUNTS)
        assert person.status_code == (200 if level >= ENTRIES else 404)
        assert (LINE in text_of(person)) == (level >= ENTRIES)
        assert not any(
            secret in text_of(answer) for secret in SECRETS for answer in (page, post, person)
        )


def test_what_a_coach_removed_leaves_a_line_to_who_saw_it(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, bobs: CohortMembership
) -> None:
    assert text_of(alice_client.get(page_of(cohort))).count("Removed by a coach.") == 1


@pytest.mark.parametrize("scope", ["counts", None])
def test_lines_that_no_coach_may_read_no_member_reads(
    alice_client: Client,
    cohort: Cohort,
    alices: CohortMembership,
    bobs: CohortMembership,
    carol: User,
    scope: str | None,
) -> None:
    person = page_of(cohort, f"people/{bobs.pk}/")
    assert LINE in text_of(alice_client.get(person))

    if scope:
        Consent.objects.grant(
            enrollment=bobs.enrollment, coach=carol, cohort=cohort, scope=scope, now=NOON
        )
    else:
        Consent.objects.revoke_from(carol, enrollment=bobs.enrollment, now=NOON)

    assert alice_client.get(person).status_code == 404
    assert "Bob" in text_of(alice_client.get(page_of(cohort)))


def test_lines_are_read_by_no_member_when_the_coach_who_read_them_has_left(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, bobs: CohortMembership
) -> None:
    cohort.coaches.update(left_at=NOON)

    assert alice_client.get(page_of(cohort, f"people/{bobs.pk}/")).status_code == 404


def test_who_leaves_is_gone_on_the_next_request_and_so_is_what_they_wrote(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, bobs: CohortMembership
) -> None:
    assert COMMENT in text_of(alice_client.get(page_of(cohort)))

    logged_in(bobs.enrollment.participant).post(f"/consents/{bobs.pk}/leave/")

    for url in pages_of(cohort, bobs):
        page = text_of(alice_client.get(url))
        assert "Bob" not in page
        assert "canary" not in page
    assert not DayComment.objects.exists()


def test_membership_that_has_ended_in_any_way_shows_nothing(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, bobs: CohortMembership
) -> None:
    CohortMembership.objects.filter(pk=bobs.pk).update(left_at=NOON)

    for url in pages_of(cohort, bobs):
        page = text_of(alice_client.get(url))
        assert "Bob" not in page
        assert "canary" not in page


WHO = {
    "nobody": 302,
    "member": 200,
    "other member": 200,
    "coach": 404,
    "co-coach": 404,
    "staff": 404,
    "member of another cohort": 404,
    "stranger": 404,
    "member who left": 404,
}


@pytest.mark.parametrize(("who", "status"), list(WHO.items()))
def test_only_members_get_at_the_pages_of_a_cohort(
    cohort: Cohort,
    alices: CohortMembership,
    bobs: CohortMembership,
    carol: User,
    dave: User,
    erin: User,
    noon: time_machine.Traveller,
    who: str,
    status: int,
) -> None:
    frida, hugo, ines = (make_user(name=name) for name in ("Frida", "Hugo", "Ines"))
    cohort.coaches.create(coach=frida, joined_at=NOON)
    other = make_cohort(coach=dave)
    other.revise(members_see=ENTRIES)
    let_in(other, make_enrollment(participant=ines))
    let_in(cohort, make_enrollment(participant=hugo)).leave(NOON)
    staff = make_user(name="Staff")
    User.objects.filter(pk=staff.pk).update(is_staff=True, is_superuser=True)
    users = {
        "member": alices.enrollment.participant,
        "other member": bobs.enrollment.participant,
        "coach": carol,
        "co-coach": frida,
        "staff": staff,
        "member of another cohort": ines,
        "stranger": erin,
        "member who left": hugo,
    }
    client = logged_in(users[who]) if who in users else Client()
    comment = DayComment.objects.filter(text=COMMENT).get()

    other_member = alices if who == "other member" else bobs
    pages = [client.get(url) for url in pages_of(cohort, other_member)]
    before = DayComment.objects.count()
    writes = [
        client.post(page_of(cohort, "seen/"), {"members_see": "0"}),
        client.post(page_of(cohort, "posts/9/read/")),
        comment_on(client, cohort),
    ]
    # Whose it is, and nobody else.
    own = [
        client.post(page_of(cohort, f"comments/{comment.client_id}/{verb}/"))
        for verb in ("remove", "restore")
    ]

    assert {page.status_code for page in pages} == {status}
    assert {answer.status_code for answer in writes} == {404 if status == 404 else 302}
    mine = {200, 302} if who == "other member" else {302 if who == "nobody" else 404}
    assert {answer.status_code for answer in own} == mine
    assert DayComment.objects.count() - before == (status == 200)
    if status != 200:
        assert not any("canary" in text_of(page) for page in pages)


# --- When a post is read --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [8, 9, 10])
def test_post_is_read_from_the_members_own_day_on_and_never_before(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, number: int
) -> None:
    make_post(cohort=cohort, number=number, title="canary-title", text="canary-post")
    has_come = number <= 9

    page = alice_client.get(page_of(cohort))
    post = alice_client.get(page_of(cohort, f"posts/{number}/"))
    read = alice_client.post(page_of(cohort, f"posts/{number}/read/"))
    said = comment_on(alice_client, cohort, number)

    assert ("canary" in text_of(page)) == has_come
    assert post.status_code == (200 if has_come else 404)
    assert {read.status_code, said.status_code} == {302 if has_come else 404}


def test_post_comes_with_the_members_midnight(
    alice: User, cohort: Cohort, alices: CohortMembership
) -> None:
    make_post(cohort=cohort, number=10, text="canary-post")
    midnight = datetime(2027, 3, 16, 23, 0, tzinfo=UTC)  # in Stockholm

    for at, has_come in ((midnight - timedelta(seconds=1), False), (midnight, True)):
        with time_machine.travel(at, tick=False):
            page = text_of(logged_in(alice).get(page_of(cohort)))
        assert ("canary-post" in page) == has_come


def test_post_waits_while_the_two_weeks_do(
    alice: User, cohort: Cohort, alices: CohortMembership
) -> None:
    Pause.objects.create(
        enrollment=alices.enrollment,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=2),
        created_at=NOON,
    )
    make_post(cohort=cohort, number=9, text="canary-post")

    for days, has_come in ((0, False), (2, False), (3, True)):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            page = text_of(logged_in(alice).get(page_of(cohort)))
        assert ("canary-post" in page) == has_come


def test_posts_are_newest_first_and_those_removed_are_none(
    alice_client: Client, cohort: Cohort, alices: CohortMembership
) -> None:
    for number in (2, 5, 9):
        make_post(cohort=cohort, number=number, text=f"canary-{number}")
    make_post(cohort=cohort, number=7, text="canary-7").remove(NOON)

    page = text_of(alice_client.get(page_of(cohort)))

    assert page.index("canary-9") < page.index("canary-5") < page.index("canary-2")
    assert "canary-7" not in page
    assert alice_client.get(page_of(cohort, "posts/7/")).status_code == 404


def test_post_read_is_said_once_by_who_looks_and_not_by_asking(
    alice_client: Client, cohort: Cohort, alices: CohortMembership
) -> None:
    make_post(cohort=cohort)
    page = text_of(alice_client.get(page_of(cohort)))
    assert 'hx-trigger="revealed"' in page
    assert "I have read it" in page
    assert not PostReading.objects.exists()

    htmx = alice_client.post(page_of(cohort, "posts/9/read/"), headers=HTMX)
    plain = alice_client.post(page_of(cohort, "posts/9/read/"))

    assert (htmx.status_code, plain.status_code) == (204, 302)
    assert PostReading.objects.get().membership == alices
    assert 'hx-trigger="revealed"' not in text_of(alice_client.get(page_of(cohort)))


# --- The way in -----------------------------------------------------------------------------------


def test_membership_list_leads_to_the_one_cohort_or_offers_all(
    alice_client: Client, cohort: Cohort, enrollment: Enrollment, dave: User
) -> None:
    assert "You walk on your own" in text_of(alice_client.get("/cohorts/"))

    let_in(cohort, enrollment)
    assert alice_client.get("/cohorts/")["Location"] == page_of(cohort)

    other = make_cohort(coach=dave, name="The Thursday workshop")
    make_membership(cohort=other, enrollment=enrollment)
    page = text_of(alice_client.get("/cohorts/"))
    assert page_of(cohort) in page
    assert page_of(other) in page


# --- What the others see --------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", list(MembersSee))
def test_membership_update_holds_at_once(
    alice_client: Client,
    cohort: Cohort,
    alices: CohortMembership,
    bobs: CohortMembership,
    wanted: MembersSee,
) -> None:
    bob_client = logged_in(bobs.enrollment.participant)
    assert "Alice" in text_of(bob_client.get(page_of(cohort)))

    response = alice_client.post(page_of(cohort, "seen/"), {"members_see": wanted.value})

    assert response["Location"] == page_of(cohort, "#seen")
    assert ("Alice" in text_of(bob_client.get(page_of(cohort)))) == (wanted >= NAMES)


def test_more_is_seen_only_of_who_agrees_to_it(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, bobs: CohortMembership
) -> None:
    for level in (NAMES, ENTRIES):
        cohort.revise(members_see=level)
    bob_client = logged_in(bobs.enrollment.participant)
    bob_client.post(page_of(cohort, "seen/"), {"members_see": ENTRIES.value})
    page = text_of(alice_client.get(page_of(cohort)))
    assert "The cohort can show more by now" in page
    assert "Stones on each day" not in page
    assert "Stones on each day" not in text_of(bob_client.get(page_of(cohort)))

    alice_client.post(page_of(cohort, "seen/"), {"members_see": ENTRIES.value})

    assert "Stones on each day" in text_of(alice_client.get(page_of(cohort)))
    assert "Stones on each day" in text_of(bob_client.get(page_of(cohort)))


@pytest.mark.parametrize("value", ["2", "3", "4", "-1", "", "names", "1\0", "9" * 4000])
def test_membership_update_takes_nothing_that_the_cohort_does_not_show(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, value: str
) -> None:
    cohort.revise(members_see=NAMES)

    response = alice_client.post(page_of(cohort, "seen/"), {"members_see": value})

    assert response.status_code == 422
    assert is_our_page(response)
    alices.refresh_from_db()
    assert alices.members_see == NAMES


# --- Queries --------------------------------------------------------------------------------------


def test_pages_take_as_many_queries_for_many_as_for_one(
    alice_client: Client, cohort: Cohort, alices: CohortMembership, bobs: CohortMembership
) -> None:
    taken = [_taken(alice_client, cohort, bobs)]
    for number in (1, 2, 3):
        make_post(cohort=cohort, number=number)
    for number in range(5):
        user = make_user(name=f"Member{number}")
        membership = let_in(cohort, make_enrollment(participant=user))
        make_entry(enrollment=membership.enrollment, line="Words")
        for post in DayPost.objects.of(cohort):
            make_comment(post=post, membership=membership)
    taken.append(_taken(alice_client, cohort, bobs))

    assert taken[0] == taken[1]
    assert max(taken[0]) <= 14


def _taken(client: Client, cohort: Cohort, other: CohortMembership) -> list[int]:
    taken = []
    for url in pages_of(cohort, other):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        taken.append(len(captured))
    return taken


@pytest.mark.parametrize("level", [NAMES, COUNTS])
def test_lower_level_asks_the_database_for_no_words_of_theirs(
    alice_client: Client,
    cohort: Cohort,
    alices: CohortMembership,
    bobs: CohortMembership,
    level: MembersSee,
) -> None:
    cohort.revise(members_see=level)

    with CaptureQueriesContext(connection) as captured:
        alice_client.get(page_of(cohort))

    asked = [query["sql"].partition(" FROM ")[0] for query in captured]
    words = ('"line"', '"answer"', '"statement"', '"program_reflection"', '"program_goal"')
    assert not [sql for sql in asked for column in words if column in sql]
    # It would be seen.
    cohort.revise(members_see=ENTRIES)
    CohortMembership.objects.update(members_see=ENTRIES)
    with CaptureQueriesContext(connection) as captured:
        alice_client.get(page_of(cohort, f"people/{bobs.pk}/"))
    assert any('"line"' in query["sql"].partition(" FROM ")[0] for query in captured)


def comment_on(client: Client, cohort: Cohort, number: int = 9, **fields: object) -> Response:
    data = {"client_id": uuid.uuid4(), "text": "I will ask Ruth.", "for_members": "1", **fields}
    return client.post(page_of(cohort, f"posts/{number}/comments/"), data)
