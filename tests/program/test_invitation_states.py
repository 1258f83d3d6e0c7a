"""A link in every state, to everybody who may hold it: who gets in, and that nobody else does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from program.models import Cohort, CohortMembership, EmailInvitation, Invitation
from tests.factories import NOON, make_cohort, make_enrollment, make_user
from tests.posting import text_of
from tests.program.test_email_invitations import join

STATES = ("fresh", "used", "expired", "revoked", "tampered", "closed", "of a coach", "declined")
# Who holds it; the mail went to erin@example.org.
HOLDERS = ("nobody yet", "in", "running", "other address", "unverified")
LETS_IN = {
    "link": {"in", "running", "other address", "unverified"},
    "mail": {"in", "running"},
}


@pytest.fixture
def cohort(carol: User, noon: time_machine.Traveller) -> Cohort:
    return make_cohort(coach=carol)


def make_link(cohort: Cohort, kind: str, state: str) -> tuple[Invitation, str]:
    """The invitation and its path."""
    coach = cohort.standing_coaches()[0].coach
    if kind == "link":
        role = "coach" if state == "of a coach" else "member"
        invitation, token = Invitation.make(
            cohort=cohort, by=coach, now=NOON, max_uses=1, role=role
        )
    else:
        EmailInvitation.objects.invite(
            cohort=cohort, by=coach, emails=["erin@example.org"], words="", now=NOON
        )
        mailed = EmailInvitation.objects.select_related("invitation").get()
        token, invitation = mailed.take_token(), mailed.invitation
    happen: dict[str, Callable[[], object]] = {
        "used": lambda: Invitation.objects.filter(pk=invitation.pk).update(uses=1),
        "expired": lambda: Invitation.objects.update(expires_at=NOON - timedelta(seconds=1)),
        "revoked": lambda: invitation.revoke(NOON),
        "closed": lambda: cohort.close(NOON),
        "declined": lambda: EmailInvitation.objects.get().decline(NOON),
        "of a coach": lambda: Invitation.objects.update(role="coach", max_uses=1),
    }
    if state in happen:
        happen[state]()
    if state == "tampered":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    return invitation, f"/join/{token}/"


def make_holder(holder: str) -> User | None:
    if holder == "nobody yet":
        return None
    user = make_user(name="Zoe" if holder == "other address" else "Erin")
    if holder == "unverified":
        EmailAddress.objects.filter(user=user).update(verified=False)
    if holder == "running":
        make_enrollment(participant=user)
    return user


@pytest.mark.parametrize("kind", ["link", "mail"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("holder", HOLDERS)
def test_link_lets_in_whom_it_is_for_and_nobody_else(
    cohort: Cohort, kind: str, state: str, holder: str, settings: Settings
) -> None:
    settings.REGISTRATION = "invitation"
    if (kind, state) == ("link", "declined"):
        state = "revoked"  # nobody declines a link that was passed on
    user, client = make_holder(holder), Client()
    invitation, link = make_link(cohort, kind, state)
    if user:
        client.force_login(user)
    is_good, is_for = state == "fresh", holder in LETS_IN[kind]

    page = client.get(link)
    response = join(client, link)

    if user is None:
        assert (page.status_code == 200) == is_good
        assert response.status_code == (302 if is_good else 404)
        # Where only invitations let in, it opens the sign-up while it stands.
        assert ('name="email"' in text_of(client.get("/accounts/signup/"))) == is_good
    else:
        assert page.status_code == (200 if is_good and is_for else 404)
        assert response.status_code == (302 if is_good and is_for else 404)
    if not (is_good and (is_for or user is None)):
        assert cohort.name not in text_of(page)
    joined = is_good and is_for and user is not None
    assert CohortMembership.objects.count() == joined
    before = 1 if state == "used" else 0
    assert Invitation.objects.get(pk=invitation.pk).uses == before + joined


@pytest.mark.parametrize("kind", ["link", "mail"])
def test_second_person_gets_in_by_no_link_for_one(cohort: Cohort, kind: str, erin: User) -> None:
    _invitation, link = make_link(cohort, kind, "fresh")
    late = make_user(name="Zoe")
    first, second = Client(), Client()
    first.force_login(erin)
    second.force_login(late)

    assert join(first, link).status_code == 302
    assert join(second, link).status_code == 404
    assert CohortMembership.objects.get().enrollment.participant == erin


@pytest.mark.parametrize("kind", ["link", "mail"])
def test_link_for_a_member_makes_no_coach(cohort: Cohort, kind: str, erin: User) -> None:
    _invitation, link = make_link(cohort, kind, "fresh")
    client = Client()
    client.force_login(erin)

    response = client.post(link.replace("/join/", "/coach/"))

    assert response.status_code == 404
    assert cohort.standing_coaches().count() == 1
