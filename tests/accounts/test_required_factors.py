"""Staff and coaches set up a second factor before they see what is not theirs."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import factors
from accounts.models import User
from tests.accounts.test_factors import confirm, set_up_app
from tests.factories import make_cohort
from tests.posting import text_of

HERE = "/accounts/2fa/"


@pytest.fixture
def carol_client(carol: User, client: Client) -> Client:
    make_cohort(coach=carol)
    client.force_login(carol)
    return client


@pytest.mark.parametrize("method", ["get", "post", "head", "put"])
@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/1/change/", "/staff/x/"])
def test_staff_set_up_a_factor_first(
    path: str, method: str, carol_client: Client, carol: User
) -> None:
    User.objects.filter(pk=carol.pk).update(is_staff=True)

    assert getattr(carol_client, method)(path).headers["Location"] == HERE
    assert "a password alone is not enough" in text_of(carol_client.get(path, follow=True))
    confirm(carol_client)
    set_up_app(carol_client)
    assert carol_client.get(path).headers.get("Location") != HERE


def test_coaches_set_up_a_factor_first_where_the_host_says_so(
    carol_client: Client, settings: Settings
) -> None:
    [cohort] = cohorts_of(carol_client)
    assert carol_client.get(cohort).status_code == 200
    settings.REQUIRE_SECOND_FACTOR = "coaches"

    for path in ("/coaching/", cohort, f"{cohort}export/", f"{cohort}queue/", "/coach/x/"):
        assert carol_client.get(path).headers["Location"] == HERE
    assert carol_client.get("/settings/").status_code == 200
    confirm(carol_client)
    set_up_app(carol_client)
    assert carol_client.get(cohort).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(
    carol_client: Client, carol: User, settings: Settings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "coaches"
    factors.make_recovery_codes(carol)

    assert carol_client.get("/coaching/").headers["Location"] == HERE


def test_factor_that_is_taken_away_is_asked_for_again(
    carol_client: Client, settings: Settings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "coaches"
    confirm(carol_client)
    set_up_app(carol_client)
    assert carol_client.get("/coaching/").status_code == 200

    carol_client.post("/accounts/2fa/totp/deactivate/")

    assert carol_client.get("/coaching/").headers["Location"] == HERE


def test_nobody_is_asked_where_the_host_says_so(
    carol_client: Client, carol: User, settings: Settings
) -> None:
    User.objects.filter(pk=carol.pk).update(is_staff=True)
    settings.REQUIRE_SECOND_FACTOR = "nobody"

    assert carol_client.get("/admin/").headers.get("Location") != HERE
    assert carol_client.get("/coaching/").status_code == 200


def cohorts_of(client: Client) -> list[str]:
    """Of the cohorts that the list of them leads to."""
    page = text_of(client.get("/coaching/", follow=True))
    return sorted(set(re.findall(r'href="(/coaching/\d+/)"', page)))
