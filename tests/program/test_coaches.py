"""Who coaches a cohort: nobody's progress comes with it, and nothing of it stays behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client

from accounts.models import User
from program.models import (
    Cohort,
    CohortCoach,
    CohortMembership,
    Consent,
    Encouragement,
    Enrollment,
    Invitation,
)
from program.models.coaches import LastCoachError
from tests.factories import NOON, make_cohort, make_entry, make_membership, make_user
from tests.posting import TODAY, Response, is_our_page, text_of
from tests.program.test_invitations import ID, link_on
from tests.waiting import wait_until_a_lock_is_waited_for


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol, starts_on=date(2027, 3, 8))


@pytest.fixture
def membership(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    """Alice's, who lets Carol see all and has put a word down."""
    make_entry(enrollment=enrollment, line="Told Ruth")
    return make_membership(cohort=cohort, enrollment=enrollment, scope="moments")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    return client_of(carol)


@pytest.fixture
def dave_client(dave: User, noon: time_machine.Traveller) -> Client:
    return client_of(dave)


def link_for_a_coach(cohort: Cohort) -> str:
    coach = cohort.standing_coaches()[0].coach
    token = Invitation.make(cohort=cohort, by=coach, now=NOON, role=Invitation.Role.COACH)[1]
    return f"/coach/{token}/"


def names(cohort: Cohort) -> list[str]:
    return [str(lead.coach) for lead in cohort.standing_coaches().select_related("coach")]


def seen(coach: User) -> list[Enrollment]:
    return list(Enrollment.objects.coached_by(coach))


# --- A link for a coach --------------------------------------------------------------------------


def test_coach_list_makes_a_link_for_one_coach_and_shows_it_once(
    carol_client: Client, cohort: Cohort
) -> None:
    address = f"/coaching/{cohort.pk}/coaches/"

    response = carol_client.post(address, {"client_id": ID})

    assert response["Location"] == address
    assert link_on(carol_client.get(address), "coach") != ""
    assert link_on(carol_client.get(address), "coach") == ""
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.max_uses, invitation.uses) == ("coach", 1, 0)
    assert invitation.expires_at == NOON + timedelta(days=7)


def test_link_for_a_coach_stands_on_no_page_of_members_links(
    carol_client: Client, cohort: Cohort
) -> None:
    carol_client.post(f"/coaching/{cohort.pk}/coaches/", {"client_id": ID})

    page = carol_client.get(f"/coaching/{cohort.pk}/invite/")

    assert link_on(page) == ""
    assert "Good until" not in text_of(page)
    assert "Good until" in text_of(carol_client.get(f"/coaching/{cohort.pk}/coaches/"))


def test_database_takes_no_link_that_makes_several_coaches(cohort: Cohort, carol: User) -> None:
    with pytest.raises(IntegrityError, match="invitation_makes_one_coach"):
        Invitation.objects.create(
            cohort=cohort,
            role="coach",
            max_uses=2,
            token_hash="h",
            created_by=carol,
            created_at=NOON,
            expires_at=NOON,
        )


def test_coach_join_by_get_tells_and_uses_nothing_up(
    cohort: Cohort, membership: CohortMembership, dave_client: Client
) -> None:
    link = link_for_a_coach(cohort)

    for client in (Client(), dave_client):
        for method in ("get", "head"):
            response = getattr(client, method)(link)
            assert response.status_code == 200
            assert response["X-Robots-Tag"] == "noindex"
            assert "no-store" in response["Cache-Control"]
        page = text_of(client.get(link))
        assert "Carol asks you to coach" in page
        assert "Spring starters" in page
        assert "carol@" not in page
        assert "Alice" not in page
    assert names(cohort) == ["Carol"]
    assert Invitation.objects.get().uses == 0


def test_coach_join_makes_a_coach_who_sees_nobody_yet(
    cohort: Cohort, membership: CohortMembership, dave: User, carol: User, dave_client: Client
) -> None:
    response = dave_client.post(link_for_a_coach(cohort))

    assert response["Location"] == f"/coaching/{cohort.pk}/"
    assert names(cohort) == ["Carol", "Dave"]
    assert seen(dave) == []
    assert seen(carol) == [membership.enrollment]
    page = text_of(dave_client.get(f"/coaching/{cohort.pk}/"))
    assert "Alice" not in page
    assert "1 person does not share with you." in page
    person = f"/coaching/{cohort.pk}/people/{membership.enrollment_id}/"
    assert dave_client.get(person).status_code == 404


def test_coach_join_twice_is_one_coach_and_leads_to_the_cohort(
    cohort: Cohort, dave_client: Client
) -> None:
    link = link_for_a_coach(cohort)

    for _twice in range(2):
        assert dave_client.post(link)["Location"] == f"/coaching/{cohort.pk}/"

    assert names(cohort) == ["Carol", "Dave"]
    assert dave_client.get(link)["Location"] == f"/coaching/{cohort.pk}/"


def test_coach_join_of_who_coaches_already_uses_nothing_up(
    cohort: Cohort, carol_client: Client
) -> None:
    carol_client.post(link_for_a_coach(cohort))

    assert names(cohort) == ["Carol"]
    assert Invitation.objects.get().uses == 0


def test_coach_join_of_a_visitor_leads_to_the_login_and_back(
    cohort: Cohort, noon: time_machine.Traveller
) -> None:
    link = link_for_a_coach(cohort)

    assert Client().post(link)["Location"] == f"/accounts/login/?next={link}"
    assert Invitation.objects.get().uses == 0


def _expire(cohort: Cohort) -> None:
    Invitation.objects.update(expires_at=NOON)


def _revoke(cohort: Cohort) -> None:
    Invitation.objects.get().revoke(NOON)


def _use_up(cohort: Cohort) -> None:
    Invitation.objects.update(uses=1)


def _close(cohort: Cohort) -> None:
    cohort.close(NOON)


def _be_for_members(cohort: Cohort) -> None:
    Invitation.objects.update(role="member")


@pytest.mark.parametrize("happen", [_expire, _revoke, _use_up, _close, _be_for_members])
def test_link_that_makes_no_coach_looks_like_one_that_never_was(
    cohort: Cohort, dave: User, dave_client: Client, happen: Callable[[Cohort], None]
) -> None:
    link = link_for_a_coach(cohort)
    happen(cohort)

    for client in (Client(), dave_client):
        for method in ("get", "post"):
            gone, unknown = (getattr(client, method)(url) for url in (link, "/coach/never-was/"))
            assert gone.status_code == unknown.status_code == 404
            assert is_our_page(gone)
            assert "Spring starters" not in text_of(gone)
    assert not Cohort.objects.coached_by(dave).exists()


def test_link_for_a_coach_opens_no_door_of_members(cohort: Cohort, dave_client: Client) -> None:
    token = link_for_a_coach(cohort).split("/")[-2]

    assert dave_client.get(f"/join/{token}/").status_code == 404
    assert dave_client.post(f"/join/{token}/").status_code == 404


@pytest.mark.parametrize("verb", ["revoke", "replace"])
def test_link_for_a_coach_is_revoked_and_replaced_on_its_own_page(
    carol_client: Client, cohort: Cohort, verb: str
) -> None:
    link = link_for_a_coach(cohort)
    address = f"/coaching/{cohort.pk}/coaches/"

    response = carol_client.post(f"/coaching/invitations/{Invitation.objects.get().pk}/{verb}/")

    assert response["Location"] == address
    assert Client().get(link).status_code == 404
    anew = link_on(carol_client.get(address), "coach")
    assert bool(anew) == (verb == "replace")
    if anew:
        assert Invitation.objects.get(revoked_at=None).role == "coach"


# --- Going ---------------------------------------------------------------------------------------


@pytest.fixture
def both(cohort: Cohort, dave: User) -> Cohort:
    """Carol and Dave coach it."""
    cohort.take_on(dave, NOON)
    return cohort


def remove(client: Client, cohort: Cohort, coach: User) -> Response:
    lead = CohortCoach.objects.get(coach=coach, cohort__name=cohort.name)
    return client.post(f"/coaching/{cohort.pk}/coaches/remove/", {"lead": lead.pk})


def test_coach_remove_ends_what_they_see_and_leaves_their_notes(
    both: Cohort, enrollment: Enrollment, dave: User, carol: User, carol_client: Client
) -> None:
    make_membership(cohort=both, enrollment=enrollment, scope="entries")
    note = Encouragement.objects.leave(
        coach=dave,
        enrollment=enrollment,
        client_id=ID,
        day=TODAY,
        text="Well asked",
        now=NOON,
    )
    assert seen(dave) == [enrollment]

    for _twice in range(2):
        response = remove(carol_client, both, dave)
        assert response["Location"] == f"/coaching/{both.pk}/coaches/"

    assert names(both) == ["Carol"]
    assert seen(dave) == []
    assert seen(carol) == [enrollment]
    assert client_of(dave).get(f"/coaching/{both.pk}/").status_code == 404
    assert list(Encouragement.objects.owned_by(enrollment.participant)) == [note]


def test_coach_who_is_removed_comes_back_by_no_link_that_stood(
    both: Cohort, dave: User, carol: User, carol_client: Client
) -> None:
    links = [link_for_a_coach(both)]  # of Carol's, which Dave may have read
    links.append(f"/join/{Invitation.make(cohort=both, by=dave, now=NOON)[1]}/")
    kept = f"/join/{Invitation.make(cohort=both, by=carol, now=NOON)[1]}/"

    remove(carol_client, both, dave)

    assert [client_of(dave).get(link).status_code for link in links] == [404, 404]
    assert Client().get(kept).status_code == 200


def test_coach_who_comes_back_sees_nobody_until_they_are_let_again(
    both: Cohort, enrollment: Enrollment, dave: User, carol_client: Client
) -> None:
    make_membership(cohort=both, enrollment=enrollment, scope="entries")
    remove(carol_client, both, dave)

    client_of(dave).post(link_for_a_coach(both))

    assert names(both) == ["Carol", "Dave"]
    assert seen(dave) == []


def test_coach_who_comes_back_after_a_late_consent_sees_nobody(
    both: Cohort, enrollment: Enrollment, dave: User, carol: User
) -> None:
    """One that was granted while they went stood without effect, and does not wake up."""
    make_membership(cohort=both, enrollment=enrollment, scope=None)
    both.part_with(dave, NOON)
    Consent.objects.grant(enrollment=enrollment, coach=dave, cohort=both, scope="moments", now=NOON)

    both.take_on(dave, NOON)

    assert seen(dave) == []


@pytest.mark.parametrize("lead", ["", "x", "0", "9" * 40, "1\0"])
def test_coach_remove_of_nobody_is_not_found(both: Cohort, carol_client: Client, lead: str) -> None:
    response = carol_client.post(f"/coaching/{both.pk}/coaches/remove/", {"lead": lead})

    assert response.status_code == 404
    assert names(both) == ["Carol", "Dave"]


def test_coach_remove_reaches_no_coach_of_another_cohort_and_not_oneself(
    both: Cohort, bob: User, carol: User, carol_client: Client
) -> None:
    other = make_cohort(coach=bob, name="Another")
    theirs = other.coaches.get()

    address = f"/coaching/{both.pk}/coaches/remove/"
    assert carol_client.post(address, {"lead": theirs.pk}).status_code == 404
    assert remove(carol_client, both, carol).status_code == 404
    assert names(other) == ["Bob"]
    assert names(both) == ["Carol", "Dave"]


def test_coach_leave_hands_the_cohort_on(
    both: Cohort, enrollment: Enrollment, dave: User, carol: User, carol_client: Client
) -> None:
    make_membership(cohort=both, enrollment=enrollment, scope="counts")

    for _twice in range(2):
        response = carol_client.post(f"/coaching/{both.pk}/coaches/leave/")
        assert response["Location"] == "/coaching/"

    assert names(both) == ["Dave"]
    assert seen(carol) == []
    assert seen(dave) == [enrollment]
    assert carol_client.get(f"/coaching/{both.pk}/").status_code == 404


def test_coach_leave_of_the_last_one_changes_nothing_and_says_what_to_do(
    cohort: Cohort, membership: CohortMembership, carol: User, carol_client: Client
) -> None:
    response = carol_client.post(f"/coaching/{cohort.pk}/coaches/leave/")

    assert response.status_code == 409
    assert is_our_page(response)
    assert "Invite another coach first, or close the cohort." in text_of(response)
    assert names(cohort) == ["Carol"]
    assert seen(carol) == [membership.enrollment]


def test_page_of_the_only_coach_offers_no_leaving(
    both: Cohort, carol_client: Client, carol: User
) -> None:
    address = f"/coaching/{both.pk}/coaches/"
    assert "coaches/leave/" in text_of(carol_client.get(address))

    CohortCoach.objects.exclude(coach=carol).update(left_at=NOON)

    page = text_of(carol_client.get(address))
    assert "coaches/leave/" not in page
    assert "You are the only coach." in page


# --- Closing -------------------------------------------------------------------------------------


def test_cohort_close_ends_all_that_is_seen_and_every_link(
    both: Cohort, enrollment: Enrollment, carol: User, dave: User, carol_client: Client
) -> None:
    make_membership(cohort=both, enrollment=enrollment, scope="moments")
    links = [
        link_for_a_coach(both),
        f"/join/{Invitation.make(cohort=both, by=carol, now=NOON)[1]}/",
    ]
    assert "It has 1 member." in text_of(carol_client.get(f"/coaching/{both.pk}/coaches/"))

    for _twice in range(2):
        response = carol_client.post(f"/coaching/{both.pk}/close/")
        assert response["Location"] == "/coaching/"

    assert seen(carol) == seen(dave) == []
    assert [Client().get(link).status_code for link in links] == [404, 404]
    enrollment.refresh_from_db()
    assert enrollment.ended_at is None
    assert not CohortMembership.objects.standing().exists()
    assert not Consent.objects.standing().exists()


def test_closed_cohort_is_a_name_on_the_coach_home_and_nothing_else(
    cohort: Cohort, membership: CohortMembership, carol_client: Client
) -> None:
    carol_client.post(f"/coaching/{cohort.pk}/close/")

    response = carol_client.get("/coaching/")

    assert response.context["groups"] == []
    page = text_of(response)
    assert "Spring starters" in page
    assert "Closed on March 16, 2027" in page
    assert "Alice" not in page
    person = f"people/{membership.enrollment_id}/"
    for path in ("", "edit/", "invite/", "coaches/", "export/", "queue/", person):
        assert carol_client.get(f"/coaching/{cohort.pk}/{path}").status_code == 404


def test_members_are_told_that_their_cohort_was_closed(
    cohort: Cohort, membership: CohortMembership, alice_client: Client
) -> None:
    words = "Spring starters was closed by its coaches on March 16, 2027."
    assert words not in text_of(alice_client.get("/consents/"))

    cohort.close(NOON)

    page = text_of(alice_client.get("/consents/"))
    assert words in page
    assert "You are in no cohort" in page
    assert alice_client.get(f"/cohorts/{cohort.pk}/").status_code == 404
    assert alice_client.get("/today/").status_code == 200


def test_closed_cohort_shows_nothing_even_by_a_consent_that_stands(
    cohort: Cohort, membership: CohortMembership, carol: User
) -> None:
    Cohort.objects.update(closed_at=NOON)

    assert seen(carol) == []


def test_cohort_close_after_leaving_is_not_found(
    both: Cohort, dave: User, carol_client: Client
) -> None:
    both.part_with(dave, NOON)

    assert client_of(dave).post(f"/coaching/{both.pk}/close/").status_code == 404
    assert Cohort.objects.get().closed_at is None


# --- Two at once ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_last_coaches_who_leave_at_once_one_stays(noon: time_machine.Traveller) -> None:
    first, second = make_user(name="Cleo"), make_user(name="Ivo")
    cohort = make_cohort(coach=first)
    cohort.take_on(second, NOON)

    def leave() -> None:
        try:
            Cohort.objects.get().part_with(second, NOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic(), connection.cursor() as cursor:
            cohort.part_with(first, NOON)
            answer = thread.submit(leave)
            wait_until_a_lock_is_waited_for(cursor)
        with pytest.raises(LastCoachError):
            answer.result()

    assert names(cohort) == ["Ivo"]
