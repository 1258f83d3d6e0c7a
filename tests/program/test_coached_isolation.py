"""Between coaches and members an id of another cohort is as one that never was, and what somebody
took back is in no answer from the next request on.
"""

import re
from itertools import batched

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import resolve

from accounts.models import User
from program.models import Consent
from tests.addresses import fingerprint
from tests.coached import (
    COACH_PAGES,
    COACH_WRITES,
    MEMBER_PAGES,
    MEMBER_WRITES,
    Place,
    make_place,
)
from tests.posting import HTMX, Response, text_of
from tests.program.test_extra_fields import effect, fields_of_all_tables
from tests.program.test_isolation import BETWEEN_PEOPLE, NEVER
from tests.test_access import _table
from tests.writes import FRESH, Write

# By the link alone: the tests of links know of those.
BY_TOKEN = {"coach_join", "invitation_join", "invitation_decline"}
# An id of somebody else says nothing there, and changes nothing; elsewhere it is a 404.
SAYS_NOTHING = {
    ("encouragement_read", "note"): {204, 302},
    ("coach_remove", "lead"): {404},
    ("day_private", "shown"): {422},
    ("day_private", "private"): {422},
}
ROLES = [("coach", write) for write in COACH_WRITES] + [("member", w) for w in MEMBER_WRITES]

every_write = pytest.mark.parametrize(
    ("role", "write"), ROLES, ids=[f"{write.name}-{n}" for n, (_role, write) in enumerate(ROLES)]
)


@pytest.fixture
def others(dave: User, bob: User, noon: time_machine.Traveller) -> Place:
    return make_place(dave, bob)


@pytest.fixture
def place(others: Place, carol: User, alice: User) -> Place:
    return make_place(carol, alice)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_writes_are_all_that_pass_between_people() -> None:
    table = {name: rows for name, rows in _table().items() if name.startswith(BETWEEN_PEOPLE)}
    posted = {name for name, rows in table.items() if not set(rows["POST"]) <= {302, 405}}
    addresses = {write.name: write.path for _role, write in ROLES}

    assert posted - BY_TOKEN <= addresses.keys() <= table.keys()
    for name, path in addresses.items():
        example = re.sub(r"{(note|gone_note|comment|gone_comment)}", NEVER["uuid"], path)
        assert resolve(re.sub(r"{\w+}", "1", example)).url_name == name


@every_write
def test_write_with_ones_own_ids_works(role: str, write: Write, place: Place) -> None:
    user, before = getattr(place, role), fingerprint()

    response = write.post(client_of(user), place.world_of(user))

    assert response.status_code in {200, 302}
    assert fingerprint() != before


@every_write
def test_write_with_an_id_of_another_cohort_is_as_with_one_that_never_was(
    role: str, write: Write, place: Place, others: Place
) -> None:
    user = getattr(place, role)
    world, theirs, client = place.world_of(user), others.world_of(user), client_of(user)
    kept = fingerprint()

    for where, name in write.positions():
        if name == FRESH:
            continue
        is_pk = world.ids[name].isdigit()
        never = answers(client, write.with_id(where, name, NEVER["pk" if is_pk else "uuid"]), place)
        expected = SAYS_NOTHING.get((write.name, where), {404})
        assert {status for status, _page in never} <= expected, where
        for value in sorted(theirs.like(name) - world.of_kind(name)):
            assert answers(client, write.with_id(where, name, value), place) == never, (name, value)
    assert fingerprint() == kept


@every_write
def test_write_of_another_cohort_is_not_found(
    role: str, write: Write, place: Place, others: Place
) -> None:
    """Their own form, word for word, and from the other side of the same cohort."""
    if not {name for _where, name in write.positions()} - {FRESH}:
        return
    user = getattr(place, role)
    found = answers(client_of(user), write, others)

    expected = {204, 302} if write.name == "encouragement_read" else {404}
    assert {status for status, _page in found} <= expected
    across = place.member if role == "coach" else place.coach
    found = answers(client_of(across), write, place)
    assert {status for status, _page in found} <= expected


@every_write
def test_field_that_is_none_of_the_form_does_nothing(
    role: str, write: Write, place: Place, others: Place
) -> None:
    user = getattr(place, role)
    client, world = client_of(user), place.world_of(user)
    extra = sorted(fields_of_all_tables() - write.fields.keys() - ABSENT.get(write.name, set()))
    plain = effect(client, write, world, {})

    for value in ("1", others.ids["weeks"]):
        for some in batched(extra, 40):
            assert effect(client, write, world, dict.fromkeys(some, value)) == plain, value

    assert len(extra) > 80


@pytest.mark.parametrize(
    ("role", "pages"), [("coach", COACH_PAGES), ("member", MEMBER_PAGES)], ids=["coach", "member"]
)
def test_page_with_an_id_of_another_cohort_is_as_with_one_that_never_was(
    role: str, pages: list[str], place: Place, others: Place
) -> None:
    user = getattr(place, role)
    client, world, theirs = client_of(user), place.world_of(user), others.world_of(user)
    gone = [page_of(client.get("/coaching/0/", headers=headers)) for headers in (None, HTMX)]
    before, asked = fingerprint(), 0

    for page in (Write("", path) for path in pages if "{" in path):
        for where, name in page.positions():
            for value in sorted(theirs.like(name) - world.of_kind(name)):
                address = page.with_id(where, name, value).address(world)
                for headers, same in zip((None, HTMX), gone, strict=True):
                    response = client.get(address, headers=headers)
                    assert (response.status_code, page_of(response)) == (404, same), address
                    asked += 1

    assert asked > 50
    assert fingerprint() == before


def test_pages_of_a_cohort_are_the_same_whatever_other_cohorts_there_are(
    place: Place, others: Place
) -> None:
    def look() -> dict[tuple[str, str], str]:
        return {
            (user.display_name, path): page_of(client_of(user).get(path.format(**place.ids)))
            for user, pages in ((place.coach, COACH_PAGES), (place.member, MEMBER_PAGES))
            for path in pages
        }

    beside = look()
    others.cohort.delete()
    others.member.delete()

    assert look() == beside
    assert "Alice asked Ruth" in beside["Carol", "/coaching/{cohort}/people/{weeks}/"]


# --- What was taken back --------------------------------------------------------------------------


def test_consent_revoked_between_two_requests_is_in_force_on_the_next(place: Place) -> None:
    client, asked = client_of(place.coach), 0
    world = place.world_of(place.coach)

    for path in COACH_PAGES:
        for headers in (None, HTMX):
            with transaction.atomic():
                address = path.format(**place.ids)
                before = text_of(client.get(address, headers=headers))
                revoke(place)
                response = client.get(address, headers=headers)
                assert not words_of_alice(response, path), path
                if "{weeks}" in path:
                    assert "Alice asked Ruth" in before
                    assert response.status_code == 404
                asked += 1
                transaction.set_rollback(True)
    for write in COACH_WRITES:
        with transaction.atomic():
            revoke(place)
            before = fingerprint()
            response = write.post(client, world)
            assert not words_of_alice(response, write.path), write.name
            if "{weeks}" in write.path:
                assert (response.status_code, fingerprint()) == (404, before), write.name
            asked += 1
            transaction.set_rollback(True)

    assert asked == 2 * len(COACH_PAGES) + len(COACH_WRITES)


@pytest.mark.parametrize("scope", ["counts", "entries"])
def test_consent_lowered_between_two_requests_is_in_force_on_the_next(
    place: Place, scope: str
) -> None:
    client = client_of(place.coach)
    fields = {"coach": place.coach.pk, "scope": scope}
    address = f"/coaching/{place.cohort.pk}/people/{place.enrollment.pk}/"
    assert "Alice saw it" in text_of(client.get(address))

    client_of(place.member).post(f"/consents/{place.ids['membership']}/", fields)

    page = text_of(client.get(address))
    assert "Alice saw it" not in page
    assert ("Alice asked Ruth" in page) == (scope == "entries")
    assert ("Alice asked Ruth" in text_of(client.get(f"/coaching/{place.cohort.pk}/queue/"))) == (
        scope == "entries"
    )


def revoke(place: Place) -> None:
    Consent.objects.get(
        enrollment=place.enrollment, coach=place.coach, revoked_at__isnull=True
    ).revoke(place.cohort.created_at)


def words_of_alice(response: Response, path: str) -> set[str]:
    page = text_of(response)
    # What they said under a post was said to the cohort, with their name; the address of a mail is
    # what the coach wrote.
    names = set() if "/posts/" in path or "/comments/" in path else {">Alice<", "Alice,", "Alice "}
    words = {"asked Ruth", "Alice wondered", "Alice saw it", "Alice opens", "Secretly", "did well"}
    return {said for said in words | names if said in page}


# --- Helpers --------------------------------------------------------------------------------------


# Forms whose empty places a page leaves out: a field that is posted says something.
ABSENT: dict[str, set[str]] = {
    "encouragement_create": {"entry"},
    "encouragement_read": {"note"},
    "day_private": {"reflection", "reflection_shown"},
}


def answers(client: Client, write: Write, place: Place) -> list[tuple[int, str]]:
    """Also with htmx where the page does; nothing may have changed."""
    found, before = [], fingerprint()
    world = place.world_of(place.coach)
    for htmx in sorted({False, write.name.endswith("_read")}):
        with transaction.atomic():
            response = write.post(client, world, htmx=htmx)
            assert fingerprint() == before, response.status_code
            found.append((response.status_code, page_of(response)))
            transaction.set_rollback(True)
    return found


def page_of(response: Response) -> str:
    """Without what is another one at every request, and the id that was asked with."""
    page = text_of(response) + response.headers.get("Location", "")
    page = re.sub(r"\b[A-Za-z0-9]{64}\b", "token", page)
    page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "uuid", page)
    return re.sub(r'action="[^"]*"', "action", page)
