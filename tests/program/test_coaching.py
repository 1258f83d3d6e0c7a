"""What a coach writes: notes on days, and notes of their own."""

import re
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import (
    CoachNote,
    Cohort,
    CohortMembership,
    Consent,
    Encouragement,
    Enrollment,
    Nudge,
)
from tests.factories import NOON, make_cohort, make_enrollment, make_entry, make_membership
from tests.posting import TODAY, Response, is_our_page, text_of

CANARY = "canary-7f3a: what only Carol thinks"


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def membership(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    return make_membership(cohort=cohort, enrollment=enrollment, nudges=True)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    return logged_in(carol)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url_of(membership: CohortMembership, verb: str = "") -> str:
    return f"/coaching/{membership.cohort_id}/people/{membership.enrollment_id}/{verb}"


def leave(client: Client, membership: CohortMembership, **fields: Any) -> Response:
    data = {"client_id": uuid.uuid4(), "day": TODAY, "text": "Who else has a key?", **fields}
    return client.post(url_of(membership, "notes/"), data)


def keep(client: Client, membership: CohortMembership, text: str, **fields: Any) -> Response:
    data = {"text": text, "version": 0, **fields}
    return client.post(url_of(membership, "private-note/"), data)


def left() -> list[tuple[date, str]]:
    return list(Encouragement.objects.kept().oldest_first().values_list("day", "text"))


# --- A note on a day ------------------------------------------------------------------------------


def test_encouragement_create_leaves_a_note_on_the_day(
    carol_client: Client, membership: CohortMembership, carol: User
) -> None:
    response = leave(carol_client, membership, day="2027-03-15", text="Two lines\r\nof words")

    assert response.status_code == 302
    assert response["Location"] == url_of(membership) + "#day-8"
    note = Encouragement.objects.get()
    assert (note.coach, note.day, note.text) == (carol, date(2027, 3, 15), "Two lines\nof words")
    assert note.created_at == NOON
    page = text_of(carol_client.get(url_of(membership)))
    assert "Two lines<br>of words" in page
    assert "Left. Alice sees it on that day." in page


def test_encouragement_create_twice_is_one_note(
    carol_client: Client, membership: CohortMembership
) -> None:
    client_id = uuid.uuid4()

    for _tap in range(2):
        assert leave(carol_client, membership, client_id=client_id).status_code == 302

    assert left() == [(TODAY, "Who else has a key?")]


@pytest.mark.parametrize("is_removed", [False, True])
def test_encouragement_create_with_the_id_of_other_words_keeps_both(
    carol_client: Client, membership: CohortMembership, is_removed: bool
) -> None:
    client_id = uuid.uuid4()
    leave(carol_client, membership, client_id=client_id, text="The first")
    if is_removed:
        Encouragement.objects.get().remove(NOON)
    words = "The first" if is_removed else "The second"

    refused = leave(carol_client, membership, client_id=client_id, text=words)

    assert refused.status_code == 422
    page = text_of(refused)
    assert words in page
    assert Encouragement.objects.count() == 1
    found = re.search(r'name="client_id" value="([^"]+)"', page)
    assert found
    assert leave(carol_client, membership, client_id=found[1], text=words).status_code == 302
    assert Encouragement.objects.count() == 2


def test_encouragement_create_on_an_entry(
    carol_client: Client, membership: CohortMembership, enrollment: Enrollment
) -> None:
    entry = make_entry(enrollment=enrollment, line="Told Ruth")

    assert leave(carol_client, membership, entry=entry.client_id).status_code == 302

    assert Encouragement.objects.get().entry == entry


@pytest.mark.parametrize("why", ["counts", "private", "another day", "bob", "nobody", "removed"])
def test_encouragement_create_on_an_entry_that_the_coach_does_not_see_is_not_found(
    carol_client: Client, membership: CohortMembership, enrollment: Enrollment, bob: User, why: str
) -> None:
    entry = make_entry(
        enrollment=make_enrollment(participant=bob) if why == "bob" else enrollment,
        day=date(2027, 3, 15) if why == "another day" else TODAY,
        line="Told Ruth",
    )
    if why == "counts":
        Consent.objects.update(scope="counts")
    if why == "private":
        entry.is_private = True
        entry.save()
    if why == "removed":
        entry.remove(NOON)
    client_id = uuid.uuid4() if why == "nobody" else entry.client_id

    assert leave(carol_client, membership, entry=client_id).status_code == 404

    assert left() == []


def test_encouragement_create_with_counts_only_is_a_note_on_the_day(
    carol_client: Client, membership: CohortMembership
) -> None:
    Consent.objects.update(scope="counts")

    assert leave(carol_client, membership).status_code == 302


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": "a\0b"},
        {"text": "x" * 2001},
        {"day": "2027-03-17"},  # ahead
        {"day": "2027-03-07"},  # before the fourteen
        {"day": "x"},
        {"day": ""},
        {"client_id": "x"},
        {"client_id": ""},
        {"entry": "x"},
        {"back": "//evil.example"},
    ],
)
def test_encouragement_create_that_is_not_taken_keeps_the_words(
    carol_client: Client, membership: CohortMembership, fields: dict[str, Any]
) -> None:
    response = leave(carol_client, membership, **{"text": "Half a thought"} | fields)

    assert response.status_code == 422
    assert is_our_page(response)
    assert "text" in fields or "Half a thought" in text_of(response)
    assert 'role="alert"' in text_of(response)
    assert left() == []


def test_encouragement_create_without_a_good_id_gets_one(
    carol_client: Client, membership: CohortMembership
) -> None:
    page = text_of(leave(carol_client, membership, client_id="x"))

    found = re.search(r'name="client_id" value="([^"]*)"', page)
    assert found
    assert uuid.UUID(found[1])


def test_encouragement_remove_offers_the_way_back(
    carol_client: Client, membership: CohortMembership
) -> None:
    leave(carol_client, membership)
    note = Encouragement.objects.get()
    url = url_of(membership, f"notes/{note.client_id}/")

    removed = carol_client.post(url + "remove/")

    assert removed.status_code == 200
    assert left() == []
    assert f'action="{url}restore/"' in text_of(removed)
    assert carol_client.post(url + "restore/")["Location"] == url_of(membership) + "#day-9"
    assert left() == [(TODAY, "Who else has a key?")]


def test_encouragement_of_another_coach_is_not_hers_to_remove(
    carol_client: Client, membership: CohortMembership, dave: User
) -> None:
    membership.cohort.coaches.create(coach=dave, joined_at=NOON)
    Consent.objects.grant(
        enrollment=membership.enrollment,
        coach=dave,
        cohort=membership.cohort,
        scope="counts",
        now=NOON,
    )
    leave(logged_in(dave), membership)
    note = Encouragement.objects.get()

    for verb in ("remove", "restore"):
        url = url_of(membership, f"notes/{note.client_id}/{verb}/")
        assert carol_client.post(url).status_code == 404

    assert left() == [(TODAY, "Who else has a key?")]
    assert f"notes/{note.client_id}/remove/" not in text_of(carol_client.get(url_of(membership)))


@pytest.mark.parametrize(("scope", "is_shown"), [("counts", False), ("entries", True)])
def test_encouragement_of_another_coach_is_shown_with_the_words_that_it_may_tell(
    carol_client: Client, membership: CohortMembership, dave: User, scope: str, is_shown: bool
) -> None:
    membership.cohort.coaches.create(coach=dave, joined_at=NOON)
    for coach, granted in ((dave, "entries"), (membership.cohort.coaches.first().coach, scope)):  # type: ignore[union-attr]
        Consent.objects.grant(
            enrollment=membership.enrollment,
            coach=coach,
            cohort=membership.cohort,
            scope=granted,
            now=NOON,
        )
    leave(logged_in(dave), membership, text="What you told Ruth")
    leave(carol_client, membership, text="Her own")

    page = text_of(carol_client.get(url_of(membership)))

    assert "Her own" in page
    assert ("What you told Ruth" in page) == is_shown


# --- A coach's own note ---------------------------------------------------------------------------


def test_coach_note_save_keeps_versions(
    carol_client: Client, membership: CohortMembership, carol: User
) -> None:
    assert keep(carol_client, membership, "Sister?").status_code == 302
    assert keep(carol_client, membership, "Sister, and the key.", version=1).status_code == 302

    note = CoachNote.objects.get()
    assert (note.coach, note.text, note.version) == (carol, "Sister, and the key.", 2)
    page = text_of(carol_client.get(url_of(membership)))
    assert "Sister, and the key." in page
    assert 'name="version" value="2"' in page


def test_coach_note_save_of_two_tabs_shows_both_texts(
    carol_client: Client, membership: CohortMembership
) -> None:
    keep(carol_client, membership, "From the first tab")

    refused = keep(carol_client, membership, "From the second tab")

    assert refused.status_code == 409
    page = text_of(refused)
    assert "From the first tab" in page
    assert "From the second tab" in page
    assert CoachNote.objects.get().text == "From the first tab"
    both = {"keep": "both", "other_version": 1, "other_text": "From the first tab"}
    assert keep(carol_client, membership, "From the second tab", **both).status_code == 302
    assert CoachNote.objects.get().text == "From the first tab\n\nFrom the second tab"


@pytest.mark.parametrize(
    "fields", [{"text": "a\0b"}, {"text": "x" * 4001}, {"version": "x"}, {"version": 2**40}]
)
def test_coach_note_save_that_is_not_taken_keeps_the_words(
    carol_client: Client, membership: CohortMembership, fields: dict[str, Any]
) -> None:
    response = keep(carol_client, membership, **{"text": "Half a thought"} | fields)

    assert response.status_code == 422
    assert is_our_page(response)
    assert "text" in fields or "Half a thought" in text_of(response)
    assert not CoachNote.objects.exists()


def test_coach_note_is_in_no_answer_but_its_coachs(
    carol_client: Client,
    membership: CohortMembership,
    alice: User,
    dave: User,
    bob: User,
) -> None:
    cohort = membership.cohort
    cohort.coaches.create(coach=dave, joined_at=NOON)
    Consent.objects.grant(
        enrollment=membership.enrollment, coach=dave, cohort=cohort, scope="moments", now=NOON
    )
    make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob))
    staff = User.objects.create_user("staff@example.org", is_staff=True, is_superuser=True)
    keep(carol_client, membership, CANARY)
    pages = [
        *("/today/", "/days/2027-03-15/", "/map/", "/finish/", "/enrollments/", "/settings/"),
        *("/requests/", "/people/", "/moments/", "/steps/", "/consents/", "/coaching/"),
        *(f"/coaching/{cohort.pk}/", f"/coaching/{cohort.pk}/export/"),
        *(f"/coaching/{cohort.pk}/queue/", url_of(membership)),
    ]

    def shown(client: Client) -> list[str]:
        return [
            page for page in pages if CANARY.encode() in client.get(page, follow=True).getvalue()
        ]

    assert shown(carol_client) == [url_of(membership)]
    for somebody in (alice, bob, dave, staff):
        assert shown(logged_in(somebody)) == [], somebody
    # Nor does somebody else's save say what it is based on.
    assert CANARY not in text_of(keep(logged_in(dave), membership, "Dave's own", version=1))
    assert CoachNote.objects.count() == 2


# --- Who may --------------------------------------------------------------------------------------


def _revoke(membership: CohortMembership) -> None:
    Consent.objects.get().revoke(NOON)


def _leave_cohort(membership: CohortMembership) -> None:
    membership.leave(NOON)


def _coach_leaves(membership: CohortMembership) -> None:
    membership.cohort.coaches.update(left_at=NOON)


@pytest.mark.parametrize("end", [_revoke, _leave_cohort, _coach_leaves])
def test_words_of_a_page_from_before_it_ended_are_not_taken(
    carol_client: Client,
    membership: CohortMembership,
    end: Callable[[CohortMembership], None],
) -> None:
    leave(carol_client, membership)
    note = Encouragement.objects.get()
    assert carol_client.get(url_of(membership)).status_code == 200

    end(membership)

    assert carol_client.get(url_of(membership)).status_code == 404
    assert leave(carol_client, membership, text="Late").status_code == 404
    assert keep(carol_client, membership, "Late").status_code == 404
    nudge = carol_client.post(url_of(membership, "nudge/"), {"text": "Late"})
    assert nudge.status_code == 404
    remove = carol_client.post(url_of(membership, f"notes/{note.client_id}/remove/"))
    assert remove.status_code == 404
    assert left() == [(TODAY, "Who else has a key?")]
    assert not CoachNote.objects.exists()
    assert not Nudge.objects.exists()


@pytest.mark.parametrize("who", ["alice", "bob", "dave", "erin", "staff"])
def test_words_of_whoever_does_not_coach_them_are_not_taken(
    membership: CohortMembership,
    noon: time_machine.Traveller,
    bob: User,
    dave: User,
    erin: User,
    who: str,
) -> None:
    make_cohort(coach=dave, name="Another")
    make_membership(cohort=membership.cohort, enrollment=make_enrollment(participant=bob))
    User.objects.create_user("staff@example.org", is_staff=True, is_superuser=True)
    client = logged_in(User.objects.get(email=f"{who}@example.org"))

    assert leave(client, membership).status_code == 404
    assert keep(client, membership, "Words").status_code == 404
    assert client.post(url_of(membership, "nudge/"), {"text": "Words"}).status_code == 404
    assert client.post(f"/coaching/{membership.cohort_id}/nudges/", {}).status_code == 404
    assert client.get(f"/coaching/{membership.cohort_id}/queue/").status_code == 404
    assert left() == []
    assert not CoachNote.objects.exists()


def test_words_for_somebody_of_another_cohort_are_not_taken(
    carol_client: Client, membership: CohortMembership, carol: User, enrollment: Enrollment
) -> None:
    """Hers too, but they do not walk in it."""
    other = make_cohort(coach=carol, name="Another")

    response = carol_client.post(f"/coaching/{other.pk}/people/{enrollment.pk}/notes/", {})

    assert response.status_code == 404
