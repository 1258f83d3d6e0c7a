"""Links into a cohort: made once, shown once, revoked for good."""

import html
import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Cohort, Invitation
from program.models.invitations import hashed
from tests.factories import NOON, make_cohort
from tests.posting import Response, is_our_page, text_of

ID = uuid.UUID(int=7)


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(carol)
    return client


def invite(client: Client, cohort: Cohort, **fields: object) -> Response:
    data = {"client_id": uuid.uuid4(), **fields}
    return client.post(f"/coaching/{cohort.pk}/invite/", data)


def link_on(response: Response, kind: str = "join") -> str:
    found = re.search(rf'value="([^"]*/{kind}/[^"]*)"', response.content.decode())
    return html.unescape(found[1]) if found else ""


def test_cohort_invite_shows_a_link_once_and_keeps_only_its_hash(
    carol_client: Client, cohort: Cohort
) -> None:
    response = invite(carol_client, cohort)

    address = f"/coaching/{cohort.pk}/invite/"
    assert response["Location"] == address  # without the token
    link = link_on(carol_client.get(address))
    assert re.fullmatch(r"http://localhost:8000/join/[\w-]{43}/", link)
    assert link_on(carol_client.get(address)) == ""
    invitation = Invitation.objects.get()
    assert invitation.token_hash == hashed(link.split("/")[-2])
    assert invitation.expires_at == NOON + timedelta(days=7)
    assert invitation.max_uses is None


def test_cohort_invite_twice_makes_one_link_and_shows_it(
    carol_client: Client, cohort: Cohort
) -> None:
    address = f"/coaching/{cohort.pk}/invite/"
    for _twice in range(2):
        invite(carol_client, cohort, client_id=ID)
    first = link_on(carol_client.get(address))

    # The second tap, while the page of the first was on its way.
    invite(carol_client, cohort, client_id=ID)

    assert Invitation.objects.count() == 1
    assert first != ""
    assert link_on(carol_client.get(address)) == first
    assert link_on(carol_client.get(address)) == ""


def test_cohort_invite_by_an_old_page_makes_and_shows_nothing_anew(
    carol_client: Client, cohort: Cohort
) -> None:
    address = f"/coaching/{cohort.pk}/invite/"
    invite(carol_client, cohort, client_id=ID)
    for _twice in range(2):
        carol_client.get(address)

    response = invite(carol_client, cohort, client_id=ID)

    assert response["Location"] == address
    assert link_on(carol_client.get(address)) == ""
    assert Invitation.objects.count() == 1


def test_cohort_invite_takes_an_id_of_another_coach_or_cohort_for_its_own(
    carol_client: Client, cohort: Cohort, carol: User, dave: User
) -> None:
    for coach, name in ((dave, "His"), (carol, "Another")):
        Invitation.make(
            cohort=make_cohort(coach=coach, name=name), by=coach, now=NOON, client_id=ID
        )

    invite(carol_client, cohort, client_id=ID)

    assert link_on(carol_client.get(f"/coaching/{cohort.pk}/invite/")) != ""


@pytest.mark.parametrize("client_id", ["", "7", "x" * 5000, "a\0b"])
def test_cohort_invite_without_an_id_makes_nothing(
    carol_client: Client, cohort: Cohort, client_id: str
) -> None:
    response = invite(carol_client, cohort, client_id=client_id)

    assert response.status_code == 422
    assert is_our_page(response)
    assert not Invitation.objects.exists()


def test_cohort_invite_shows_a_link_on_the_page_of_its_cohort_only(
    carol_client: Client, carol: User, cohort: Cohort
) -> None:
    other = make_cohort(coach=carol, name="Another")
    invite(carol_client, cohort)

    assert link_on(carol_client.get(f"/coaching/{other.pk}/invite/")) == ""
    assert link_on(carol_client.get(f"/coaching/{cohort.pk}/invite/")) != ""


def test_cohort_invite_lists_the_links_that_work(carol_client: Client, cohort: Cohort) -> None:
    invite(carol_client, cohort, max_uses="12")
    for expired, revoked in ((NOON, None), (NOON + timedelta(days=1), NOON)):
        Invitation.objects.create(
            cohort=cohort,
            token_hash=f"{expired}{revoked}",
            created_by=cohort.standing_coaches()[0].coach,
            created_at=NOON,
            expires_at=expired,
            revoked_at=revoked,
        )

    page = text_of(carol_client.get(f"/coaching/{cohort.pk}/invite/"))

    assert page.count("Good until") == 1
    assert "Good until Tuesday, March 23" in page
    assert "0 of 12 places taken" in page
    assert "made by Carol on Tuesday, March 16" in page


@pytest.mark.parametrize("max_uses", ["0", "-1", "1001", "a few", "9" * 5000, "1\0"])
def test_cohort_invite_refuses_a_number_of_places_that_is_none(
    carol_client: Client, cohort: Cohort, max_uses: str
) -> None:
    response = invite(carol_client, cohort, max_uses=max_uses)

    assert response.status_code == 422
    assert is_our_page(response)
    assert not Invitation.objects.exists()


def test_invitation_revoke_ends_it_and_a_repeat_changes_nothing(
    carol_client: Client, cohort: Cohort, carol: User, noon: time_machine.Traveller
) -> None:
    invitation, token = Invitation.make(cohort=cohort, by=carol, now=NOON)

    for _twice in range(2):
        response = carol_client.post(f"/coaching/invitations/{invitation.pk}/revoke/")
        noon.shift(timedelta(minutes=1))
        assert response["Location"] == f"/coaching/{cohort.pk}/invite/"

    invitation.refresh_from_db()
    assert invitation.revoked_at == NOON
    assert Client().get(f"/join/{token}/").status_code == 404


def test_invitation_replace_ends_it_and_keeps_the_places_that_are_left(
    carol_client: Client, cohort: Cohort, carol: User
) -> None:
    invitation, token = Invitation.make(cohort=cohort, by=carol, now=NOON, max_uses=5)
    invitation.redeem(NOON)

    for _twice in range(2):
        carol_client.post(f"/coaching/invitations/{invitation.pk}/replace/")

    old, new = Invitation.objects.order_by("pk")
    assert old.revoked_at == NOON
    assert (new.max_uses, new.uses, new.revoked_at) == (4, 0, None)
    # The second tap found nothing to replace, and the link of the first is shown.
    link = link_on(carol_client.get(f"/coaching/{cohort.pk}/invite/"))
    assert link
    assert token not in link


@pytest.mark.parametrize("verb", ["revoke", "replace"])
def test_invitation_of_another_coach_is_not_found(
    carol_client: Client, dave: User, verb: str
) -> None:
    invitation, _token = Invitation.make(cohort=make_cohort(coach=dave), by=dave, now=NOON)

    response = carol_client.post(f"/coaching/invitations/{invitation.pk}/{verb}/")

    assert response.status_code == 404
    assert Invitation.objects.get().revoked_at is None
