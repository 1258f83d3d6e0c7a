"""Joining a cohort by a link: consent before membership, and one place a person."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test import Client

from accounts.models import User
from program.models import (
    Cohort,
    CohortMembership,
    Consent,
    Enrollment,
    Invitation,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_entry,
    make_membership,
    make_user,
)
from tests.posting import Response, is_our_page, named_on, text_of
from tests.waiting import wait_until_a_lock_is_waited_for


@pytest.fixture
def cohort(carol: User) -> Cohort:
    cohort = make_cohort(coach=carol, starts_on=date(2027, 3, 22))
    Cohort.objects.update(welcome="Bring one thing you have put off.")
    return cohort


@pytest.fixture
def link(cohort: Cohort) -> str:
    return link_into(cohort)


def link_into(cohort: Cohort, *, max_uses: int | None = None) -> str:
    coach = cohort.standing_coaches()[0].coach
    token = Invitation.make(cohort=cohort, by=coach, now=NOON, max_uses=max_uses)[1]
    return f"/join/{token}/"


@pytest.fixture
def erin_client(erin: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(erin)
    return client


def join(client: Client, link: str, **fields: object) -> Response:
    """As somebody without two weeks."""
    data = {
        "statement": "Sing in front of people",
        "time_zone": "Europe/Stockholm",
        "scope": "counts",
        "named": named_on(link),
        **fields,
    }
    return client.post(link, data)


def join_running(client: Client, link: str, running: Enrollment, **fields: object) -> Response:
    data = {
        "way": "bring",
        "enrollment": running.public_id,
        "scope": "entries",
        "named": named_on(link),
        **fields,
    }
    return client.post(link, data)


def uses() -> list[int]:
    return list(Invitation.objects.order_by("pk").values_list("uses", flat=True))


# --- Reading the page ----------------------------------------------------------------------------


def test_page_names_the_cohort_and_asks_a_visitor_to_sign_up(
    link: str, noon: time_machine.Traveller
) -> None:
    response = Client().get(link)

    page = text_of(response)
    assert response.status_code == 200
    assert "Spring starters" in page
    assert "Carol" in page
    assert "carol@" not in page
    assert "Bring one thing you have put off." in page
    assert "Monday, March 22" in page
    assert f"/accounts/signup/?next={link.replace('/', '%2F')}" in page
    assert f"/accounts/login/?next={link.replace('/', '%2F')}" in page
    assert "<form" not in page
    assert uses() == [0]


def test_page_is_kept_from_other_sites_indexes_and_caches(
    link: str, erin_client: Client, noon: time_machine.Traveller
) -> None:
    for client, policy in ((Client(), "no-referrer"), (erin_client, "strict-origin")):
        for address in (link, "/join/unknown/"):
            response = client.get(address)
            assert response["Referrer-Policy"] == policy
            assert response["X-Robots-Tag"] == "noindex"
            assert "no-store" in response["Cache-Control"]


def test_page_chooses_no_scope_beforehand(link: str, erin_client: Client) -> None:
    page = text_of(erin_client.get(link))

    assert page.count('name="scope"') == 3
    assert "checked" not in page
    assert uses() == [0]


def _expire(noon: time_machine.Traveller) -> None:
    Invitation.objects.update(expires_at=NOON)


def _revoke(noon: time_machine.Traveller) -> None:
    Invitation.objects.get().revoke(NOON)


def _use_up(noon: time_machine.Traveller) -> None:
    Invitation.objects.update(max_uses=1, uses=1)


def _close(noon: time_machine.Traveller) -> None:
    Cohort.objects.update(closed_at=NOON)


@pytest.mark.parametrize("happen", [_expire, _revoke, _use_up, _close])
@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_lets_nobody_in_looks_like_one_that_never_was(
    link: str,
    erin_client: Client,
    noon: time_machine.Traveller,
    happen: Callable[[time_machine.Traveller], None],
    method: str,
) -> None:
    happen(noon)

    for client in (Client(), erin_client):
        gone, unknown = (getattr(client, method)(url) for url in (link, "/join/never-was/"))
        assert gone.status_code == unknown.status_code == 404
        assert is_our_page(gone)
        assert "Spring starters" not in text_of(gone)
        if method == "get":
            assert _without_csrf(gone) == _without_csrf(unknown)
    assert join(erin_client, link).status_code == 404
    assert not CohortMembership.objects.exists()
    assert not Enrollment.objects.exists()


def _without_csrf(response: Response) -> list[str]:
    return [line for line in text_of(response).splitlines() if "csrfmiddlewaretoken" not in line]


def test_post_of_a_visitor_leads_to_the_login_and_back(
    link: str, noon: time_machine.Traveller
) -> None:
    response = join(Client(), link)

    assert response["Location"] == f"/accounts/login/?next={link}"
    assert uses() == [0]


# --- Without two weeks ---------------------------------------------------------------------------


def test_join_begins_two_weeks_with_the_cohort(
    link: str, cohort: Cohort, erin: User, carol: User, erin_client: Client
) -> None:
    response = join(erin_client, link, allows_nudges="on", time_zone="Asia/Tokyo")

    enrollment = Enrollment.objects.owned_by(erin).current().get()
    assert response["Location"] == "/today/"
    assert enrollment.starts_on == date(2027, 3, 22)
    assert enrollment.goals.get().statement == "Sing in front of people"
    assert enrollment.participant.time_zone == "Asia/Tokyo"
    membership = CohortMembership.objects.get()
    assert (membership.cohort, membership.enrollment) == (cohort, enrollment)
    assert membership.allows_nudges
    assert Enrollment.objects.coached_by(carol).get().scope == "counts"
    assert uses() == [1]


@pytest.mark.parametrize(
    ("starts_on", "own_day_1", "first_day"),
    [
        (None, False, date(2027, 3, 16)),
        (date(2027, 3, 16), False, date(2027, 3, 16)),
        (date(2027, 3, 8), False, date(2027, 3, 8)),
        (date(2027, 3, 8), True, date(2027, 3, 16)),
        (date(2027, 3, 3), False, date(2027, 3, 3)),  # their last day
        (date(2027, 3, 2), False, date(2027, 3, 16)),
    ],
)
def test_join_begins_on_the_day_that_the_cohort_says(
    carol: User,
    erin_client: Client,
    starts_on: date | None,
    own_day_1: bool,
    first_day: date,
) -> None:
    cohort = make_cohort(coach=carol, starts_on=starts_on)
    cohort.revise(late_joiners_start_at_day_1=own_day_1)

    join(erin_client, link_into(cohort))

    assert Enrollment.objects.get().starts_on == first_day


def test_join_lets_every_coach_who_stands_see_and_no_other(
    cohort: Cohort, link: str, dave: User, bob: User, carol: User, erin_client: Client
) -> None:
    cohort.coaches.create(coach=dave, joined_at=NOON)
    cohort.coaches.create(coach=bob, joined_at=NOON, left_at=NOON)

    join(erin_client, link, scope="moments")

    granted = Consent.objects.standing().values_list("coach__display_name", "scope")
    assert sorted(granted) == [("Carol", "moments"), ("Dave", "moments")]


@pytest.mark.parametrize(
    "fields",
    [
        {"scope": ""},
        {"scope": "everything"},
        {"statement": " "},
        {"statement": "s" * 201},
        {"statement": "a\0b"},
        {"time_zone": ""},
        {"time_zone": "Mars/Olympus"},
        {"named": "1\0"},
    ],
)
def test_join_refuses_and_keeps_the_words(
    link: str, erin_client: Client, fields: dict[str, str]
) -> None:
    response = join(erin_client, link, **fields)

    assert response.status_code == 422
    assert is_our_page(response)
    assert fields.get("statement", "Sing in front") in text_of(response)
    assert not Enrollment.objects.exists()
    assert uses() == [0]


def test_join_twice_is_one_membership_and_one_place(cohort: Cohort, erin_client: Client) -> None:
    link = link_into(cohort, max_uses=1)

    for _twice in range(2):
        assert join(erin_client, link)["Location"] == "/today/"

    assert CohortMembership.objects.count() == 1
    assert Consent.objects.count() == 1
    assert uses() == [1]


def test_join_after_two_weeks_that_are_over_begins_others_and_takes_requests_along(
    link: str, erin: User, erin_client: Client
) -> None:
    over = make_enrollment(participant=erin, starts_on=date(2027, 2, 1))
    make_entry(enrollment=over, day=date(2027, 2, 1), practice="request", outcome="waiting")

    join(erin_client, link, carries_requests="on")

    current = Enrollment.objects.owned_by(erin).current().get()
    assert current.starts_on == date(2027, 3, 22)
    assert current.carried_entries.count() == 1


# --- With two weeks that run ---------------------------------------------------------------------


def test_join_brings_two_weeks_along_with_their_days(
    link: str, enrollment: Enrollment, carol: User, alice_client: Client
) -> None:
    assert "Bring them along" in text_of(alice_client.get(link))

    join_running(alice_client, link, enrollment)

    assert CohortMembership.objects.get().enrollment == enrollment
    enrollment.refresh_from_db()
    assert enrollment.starts_on == date(2027, 3, 8)
    assert Enrollment.objects.coached_by(carol).get().scope == "entries"


def test_join_ends_two_weeks_and_starts_with_the_cohort(
    link: str, enrollment: Enrollment, carol: User, alice_client: Client
) -> None:
    make_entry(enrollment=enrollment, practice="request", outcome="waiting")

    join_running(alice_client, link, enrollment, way="restart")

    enrollment.refresh_from_db()
    assert enrollment.ended_at == NOON
    current = Enrollment.objects.owned_by(enrollment.participant).current().get()
    assert current.starts_on == date(2027, 3, 22)
    assert current.goals.get().statement == "Open a repair corner in the library"
    assert current.carried_entries.count() == 1
    assert list(Enrollment.objects.coached_by(carol)) == [current]


@pytest.mark.parametrize(
    "fields",
    [
        {"way": ""},
        {"way": "both"},
        {"scope": ""},
        {"enrollment": ""},
        {"enrollment": "00000000-0000-0000-0000-000000000007"},
    ],
)
def test_join_with_two_weeks_refuses_what_is_not_chosen(
    link: str, enrollment: Enrollment, alice_client: Client, fields: dict[str, str]
) -> None:
    response = join_running(alice_client, link, enrollment, **fields)

    assert response.status_code == 422
    assert is_our_page(response)
    assert f'name="enrollment" value="{enrollment.public_id}"' in text_of(response)
    assert not CohortMembership.objects.exists()
    assert uses() == [0]


def test_member_is_sent_on_and_takes_no_second_place(
    link: str, cohort: Cohort, enrollment: Enrollment, alice_client: Client
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment, scope="counts")

    assert alice_client.get(link)["Location"] == "/today/"
    join_running(alice_client, link, enrollment, scope="moments")

    assert Consent.objects.get().scope == "counts"
    assert uses() == [0]


def test_who_left_can_come_back(
    link: str, cohort: Cohort, enrollment: Enrollment, alice_client: Client
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment).leave(NOON)

    join_running(alice_client, link, enrollment)

    assert CohortMembership.objects.standing().count() == 1


def test_who_comes_back_is_seen_as_far_as_they_choose_now(
    link: str, cohort: Cohort, enrollment: Enrollment, carol: User, alice_client: Client
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment, scope="moments", nudges=True).leave(NOON)

    join_running(alice_client, link, enrollment, scope="counts")

    assert Enrollment.objects.coached_by(carol).get().scope == "counts"
    assert not CohortMembership.objects.standing().get().allows_nudges


def test_other_two_weeks_take_the_place_of_the_earlier_ones_in_the_cohort(
    link: str, cohort: Cohort, alice: User, carol: User, alice_client: Client
) -> None:
    earlier = make_enrollment(participant=alice, ended=True)
    make_membership(cohort=cohort, enrollment=earlier, scope="moments")
    current = make_enrollment(participant=alice)

    join_running(alice_client, link, current, scope="counts")

    assert CohortMembership.objects.standing().get().enrollment == current
    assert list(Enrollment.objects.coached_by(carol)) == [current]


# --- Several coaches -----------------------------------------------------------------------------


def test_choice_covers_the_coaches_whom_the_page_named(
    link: str, cohort: Cohort, dave: User, erin_client: Client, carol: User
) -> None:
    named = named_on(link)
    page = text_of(erin_client.get(link))
    assert [f'name="named" value="{pk}"' in page for pk in named] == [True]
    cohort.take_on(dave, NOON)  # while the page is open

    join(erin_client, link, named=named, scope="moments")

    assert Enrollment.objects.coached_by(carol).get().scope == "moments"
    assert not Enrollment.objects.coached_by(dave).exists()


def test_choice_covers_nobody_who_has_gone_and_come_back(
    link: str, cohort: Cohort, dave: User, erin_client: Client
) -> None:
    cohort.take_on(dave, NOON)
    named = named_on(link)
    cohort.part_with(dave, NOON)
    cohort.take_on(dave, NOON)

    join(erin_client, link, named=named)

    assert not Enrollment.objects.coached_by(dave).exists()
    assert CohortMembership.objects.count() == 1


@pytest.mark.parametrize("named", [[], [""], ["x"], ["0"], ["9" * 40]])
def test_join_by_a_page_that_named_nobody_is_asked_once_more(
    link: str, erin_client: Client, named: list[str]
) -> None:
    response = join(erin_client, link, named=named)

    assert response.status_code == 422
    assert is_our_page(response)
    assert "See who coaches now" in text_of(response)
    assert not Enrollment.objects.exists()


def test_join_names_no_coach_of_another_cohort(link: str, dave: User, erin_client: Client) -> None:
    other = make_cohort(coach=dave, name="Another").coaches.get()

    response = join(erin_client, link, named=[other.pk])

    assert response.status_code == 422
    assert not Enrollment.objects.exists()


# --- Two cohorts of one coach --------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [("counts", "moments"), ("moments", "counts")])
def test_one_coach_of_two_cohorts_sees_what_was_chosen_last(
    cohort: Cohort,
    enrollment: Enrollment,
    carol: User,
    alice_client: Client,
    first: str,
    second: str,
) -> None:
    make_membership(cohort=cohort, enrollment=enrollment, scope=first)
    other = make_cohort(coach=carol, name="Another")
    link = link_into(other)
    page = text_of(alice_client.get(link))
    assert "Carol sees something of these two weeks already" in page

    join_running(alice_client, link, enrollment, scope=second)

    assert Enrollment.objects.coached_by(carol).get().scope == second
    seen = Enrollment.objects.coached_by(carol)
    assert seen.in_cohort(cohort).get() == seen.in_cohort(other).get() == enrollment


@pytest.mark.parametrize("leaves", ["Spring starters", "Another"])
def test_who_leaves_one_of_two_cohorts_of_a_coach_is_seen_in_neither(
    cohort: Cohort, enrollment: Enrollment, carol: User, alice_client: Client, leaves: str
) -> None:
    other = make_cohort(coach=carol, name="Another")
    for each in (cohort, other):
        make_membership(cohort=each, enrollment=enrollment, scope="moments")
    membership = CohortMembership.objects.get(cohort__name=leaves)
    page = text_of(alice_client.get("/consents/"))
    assert "Carol also leads" in page

    alice_client.post(f"/consents/{membership.pk}/leave/")

    assert not Enrollment.objects.coached_by(carol).exists()
    stays = CohortMembership.objects.standing().get()
    fields = {"coach": carol.pk, "scope": "counts"}
    alice_client.post(f"/consents/{stays.pk}/", fields)
    assert Enrollment.objects.coached_by(carol).get().scope == "counts"


def test_coach_who_leaves_one_of_two_cohorts_sees_what_was_chosen_in_the_other_at_most(
    cohort: Cohort, enrollment: Enrollment, carol: User, dave: User
) -> None:
    other = make_cohort(coach=carol, name="Another")
    other.take_on(dave, NOON)
    make_membership(cohort=other, enrollment=enrollment, scope="moments")
    make_membership(cohort=cohort, enrollment=enrollment, scope="counts")

    other.part_with(carol, NOON)

    assert Enrollment.objects.coached_by(carol).get().scope == "counts"


def test_coach_may_join_their_own_cohort(
    link: str, carol: User, noon: time_machine.Traveller
) -> None:
    client = Client()
    client.force_login(carol)

    join(client, link)

    assert CohortMembership.objects.get().enrollment.participant == carol


# --- Two at once ---------------------------------------------------------------------------------


@pytest.fixture
def rosa(transactional_db: None, noon: time_machine.Traveller) -> User:
    return make_user(name="Rosa")


def join_while(rosa: User, link: str, other: Callable[[], object]) -> Response:
    """Rosa's post, which has read that there is a place while `other` was not stored yet."""
    client = Client(raise_request_exception=False)
    client.force_login(rosa)

    def run() -> Response:
        try:
            return join(client, link)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic(), connection.cursor() as cursor:
            other()
            answer = thread.submit(run)
            wait_until_a_lock_is_waited_for(cursor)
        return answer.result()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_race_for_the_last_place_one_gets_it(rosa: User) -> None:
    link = link_into(make_cohort(coach=make_user(name="Cleo")), max_uses=1)

    response = join_while(rosa, link, lambda: Invitation.objects.get().redeem(NOON))

    assert response.status_code == 404
    assert is_our_page(response)
    assert uses() == [1]
    assert not CohortMembership.objects.exists()
    assert not Enrollment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_taps_at_once_there_is_one_membership(rosa: User) -> None:
    link = link_into(make_cohort(coach=make_user(name="Cleo")), max_uses=1)

    def first_tap() -> None:
        running = make_enrollment(participant=rosa)
        Invitation.objects.get().admit(
            running, named=[], scope="counts", allows_nudges=False, now=NOON
        )

    response = join_while(rosa, link, first_tap)

    assert response.status_code == 302
    assert response["Location"] == "/today/"
    assert CohortMembership.objects.count() == Enrollment.objects.count() == 1
    assert uses() == [1]
