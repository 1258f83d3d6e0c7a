"""What members of a cohort see of each other: chosen by it, agreed to by each of them."""

import re

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Cohort, CohortMembership, Enrollment, Invitation, MembersSee
from tests.factories import NOON, make_cohort, make_membership
from tests.posting import is_our_page, named_on, text_of


@pytest.fixture
def cohort(carol: User) -> Cohort:
    cohort = make_cohort(coach=carol)
    cohort.revise(members_see=MembersSee.COUNTS)
    return cohort


@pytest.fixture
def link(cohort: Cohort, carol: User) -> str:
    return f"/join/{Invitation.make(cohort=cohort, by=carol, now=NOON)[1]}/"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def agreed() -> int:
    return CohortMembership.objects.get().members_see


def join(client: Client, link: str, enrollment: Enrollment, **fields: object) -> int:
    data = {
        "way": "bring",
        "scope": "counts",
        "named": named_on(link),
        "enrollment": enrollment.public_id,
        **fields,
    }
    return client.post(link, data).status_code


# --- Joining --------------------------------------------------------------------------------------


def test_join_page_says_what_the_others_see_before_anybody_joins(
    link: str, alice_client: Client, enrollment: Enrollment
) -> None:
    for client in (alice_client, Client()):
        page = text_of(client.get(link))

        assert "What the others in it see of you" in page
        assert "Your name, and what you write under the posts." in page
        assert "How many stones you placed on each day." in page
        assert "The lines you let a coach read" not in page


def test_join_page_of_a_cohort_whose_members_see_nothing_says_so(
    link: str, cohort: Cohort, alice_client: Client, enrollment: Enrollment
) -> None:
    cohort.revise(members_see=MembersSee.NOTHING)

    page = text_of(alice_client.get(link))

    assert "Nothing, not even that you are in it." in page


def test_who_joins_has_agreed_to_what_the_page_said(
    link: str, alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get(link))
    found = re.search(r'name="members_see" value="(\d)"', page)
    assert found

    assert join(alice_client, link, enrollment, members_see=found[1]) == 302

    assert agreed() == MembersSee.COUNTS


@pytest.mark.parametrize("later", list(MembersSee))
def test_who_joins_by_an_old_page_agrees_to_no_more_than_it_said_and_no_more_than_there_is(
    link: str, cohort: Cohort, alice_client: Client, enrollment: Enrollment, later: MembersSee
) -> None:
    cohort.revise(members_see=later)

    assert join(alice_client, link, enrollment, members_see=MembersSee.COUNTS.value) == 302

    assert agreed() == min(later, MembersSee.COUNTS)


def test_who_joins_by_a_page_that_said_nothing_has_agreed_to_nothing(
    link: str, alice_client: Client, enrollment: Enrollment
) -> None:
    assert join(alice_client, link, enrollment) == 302

    assert agreed() == MembersSee.NOTHING


@pytest.mark.parametrize("value", ["4", "-1", "names", "1\0", "9" * 5000])
def test_joining_with_what_is_no_such_choice_lets_nobody_in(
    link: str, alice_client: Client, enrollment: Enrollment, value: str
) -> None:
    assert join(alice_client, link, enrollment, members_see=value) == 422
    assert not CohortMembership.objects.exists()


# --- A coach changes it ---------------------------------------------------------------------------


def edit(cohort: Cohort, coach: User, value: object, shown: object = None) -> int:
    shown = cohort.members_see if shown is None else shown
    fields = {
        "name": cohort.name,
        "initial-name": cohort.name,
        "start": "each",
        "initial-start": "each",
        "members_see": value,
        "initial-members_see": shown,
    }
    response = logged_in(coach).post(f"/coaching/{cohort.pk}/edit/", fields)
    assert is_our_page(response) or response.status_code == 302
    return response.status_code


@pytest.mark.parametrize("wanted", list(MembersSee))
def test_cohort_update_changes_what_members_see_at_most(
    cohort: Cohort, carol: User, noon: time_machine.Traveller, wanted: MembersSee
) -> None:
    assert edit(cohort, carol, wanted.value) == 302

    cohort.refresh_from_db()
    assert cohort.members_see == wanted
    page = text_of(logged_in(carol).get(f"/coaching/{cohort.pk}/edit/"))
    checked = re.search(r'name="members_see" value="(\d)"[^>]* checked', page)
    assert checked
    assert int(checked[1]) == wanted


@pytest.mark.parametrize("value", ["4", "-1", "x", "1\0"])
def test_cohort_update_with_no_such_choice_changes_nothing(
    cohort: Cohort, carol: User, noon: time_machine.Traveller, value: str
) -> None:
    assert edit(cohort, carol, value) == 422

    cohort.refresh_from_db()
    assert cohort.members_see == MembersSee.COUNTS


def test_cohort_update_from_an_old_page_leaves_what_it_did_not_change(
    cohort: Cohort, carol: User, noon: time_machine.Traveller
) -> None:
    cohort.revise(members_see=MembersSee.NAMES)

    assert edit(cohort, carol, MembersSee.COUNTS.value, MembersSee.COUNTS.value) == 302

    cohort.refresh_from_db()
    assert cohort.members_see == MembersSee.NAMES


def test_less_holds_for_all_at_once_and_more_only_for_who_agrees(
    cohort: Cohort, enrollment: Enrollment
) -> None:
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    CohortMembership.objects.update(members_see=MembersSee.COUNTS)

    cohort.revise(members_see=MembersSee.ENTRIES)
    assert agreed() == MembersSee.COUNTS

    cohort.revise(members_see=MembersSee.NOTHING)
    cohort.revise(members_see=MembersSee.ENTRIES)
    membership.refresh_from_db()
    assert membership.members_see == MembersSee.NOTHING


def test_cohort_is_opened_with_what_was_chosen(carol: User, noon: time_machine.Traveller) -> None:
    fields = {"name": "Spring", "start": "each", "client_id": "0" * 32}

    logged_in(carol).post("/coaching/new/", {**fields, "members_see": "2"})
    assert Cohort.objects.get().members_see == MembersSee.COUNTS

    logged_in(carol).post("/coaching/new/", {**fields, "client_id": "1" * 32})
    assert Cohort.objects.latest("pk").members_see == MembersSee.NOTHING
