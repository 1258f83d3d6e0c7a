"""Who may coach here: anyone, or those whom the staff of the site approve."""

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from program.models import Cohort, Invitation
from tests.factories import make_cohort
from tests.posting import is_our_page, text_of
from tests.program.test_coaches import client_of, link_for_a_coach
from tests.program.test_cohorts import post_new


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    return client_of(carol)


@pytest.fixture
def _by_approval(settings: Settings) -> None:
    settings.COACHES = "approved"


def approve(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_approved_coach=True)


def test_anyone_opens_a_cohort_where_the_host_says_nothing(
    carol_client: Client, carol: User
) -> None:
    assert not carol.is_approved_coach

    assert post_new(carol_client).status_code == 302
    assert Cohort.objects.coached_by(carol).exists()


@pytest.mark.usefixtures("_by_approval")
def test_cohort_is_opened_by_nobody_who_is_not_approved(carol_client: Client) -> None:
    for response in (carol_client.get("/coaching/new/"), post_new(carol_client)):
        assert response.status_code == 403
        assert is_our_page(response)
        assert "Ask them to approve carol@example.org" in text_of(response)
        assert 'name="name"' not in text_of(response)
    home = text_of(carol_client.get("/coaching/"))
    assert "Ask them to approve carol@example.org" in home
    assert "/coaching/new/" not in home
    assert not Cohort.objects.exists()


@pytest.mark.usefixtures("_by_approval")
def test_cohort_is_opened_by_who_is_approved_and_by_no_other(
    carol_client: Client, carol: User, dave: User
) -> None:
    approve(carol)

    assert "/coaching/new/" in text_of(carol_client.get("/coaching/"))
    assert post_new(carol_client).status_code == 302
    assert post_new(client_of(dave)).status_code == 403


@pytest.mark.usefixtures("_by_approval")
def test_staff_is_no_coach_by_itself(carol_client: Client) -> None:
    User.objects.update(is_staff=True, is_superuser=True)

    assert post_new(carol_client).status_code == 403


@pytest.mark.usefixtures("_by_approval")
def test_coach_whose_approval_ends_goes_on_with_the_cohorts_they_have(
    carol_client: Client, carol: User
) -> None:
    cohort = make_cohort(coach=carol)

    for path in ("", "edit/", "invite/", "coaches/"):
        assert carol_client.get(f"/coaching/{cohort.pk}/{path}").status_code == 200
    assert "/coaching/new/" not in text_of(carol_client.get("/coaching/"))


@pytest.mark.usefixtures("_by_approval")
def test_link_for_a_coach_waits_for_the_approval(
    carol: User, dave: User, noon: time_machine.Traveller
) -> None:
    cohort = make_cohort(coach=carol)
    link, client = link_for_a_coach(cohort), client_of(dave)

    page, refused = client.get(link), client.post(link)

    assert (page.status_code, refused.status_code) == (200, 403)
    for response in (page, refused):
        assert "say who may coach here" in text_of(response)
        assert "It is good until Tuesday, March 23." in text_of(response)
    assert Invitation.objects.get().uses == 0
    assert not Cohort.objects.coached_by(dave).exists()

    approve(dave)
    assert client.post(link).status_code == 302
    assert Cohort.objects.coached_by(dave).get() == cohort
