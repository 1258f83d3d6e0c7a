import uuid
from datetime import date
from typing import Any

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import DailyEntry, Enrollment, Person
from tests.factories import NOON, make_enrollment, make_entry, make_person
from tests.posting import HTMX, Response, is_our_page, is_toast, text_of

HOSTILE = [
    """Rob "Bobby" O'Tables'); DROP TABLE program_person;--""",
    '"><script>alert(1)</script>',
    "🦊 👩‍🚀",
    "דוד כהן",
    "\u202eevil",
    "Æ" * 100,
    "{{ 7|add:7 }}{% debug %}",
    "a.*b(",
]


def add(client: Client, name: str, **fields: Any) -> Response:
    data = {"client_id": uuid.uuid4(), "name": name, "note": "", **fields}
    return client.post("/people/add/", data)


def edit(client: Client, person: Person, *, htmx: bool = False, **fields: Any) -> Response:
    data = {"version": person.version, "name": person.name, "note": person.note, **fields}
    return client.post(f"/people/{person.pk}/", data, headers=HTMX if htmx else None)


def post(client: Client, person: Person, verb: str, *, htmx: bool = False, **data: Any) -> Response:
    return client.post(f"/people/{person.pk}/{verb}/", data, headers=HTMX if htmx else None)


def shown(response: Response) -> list[str]:
    """The names on the page, in its order."""
    return [row["person"].name for row in response.context["rows"]]


def counts(response: Response) -> dict[str, int]:
    return {tab["role"]: tab["count"] for tab in response.context["tabs"]}


# --- The list -------------------------------------------------------------------------------------


def test_person_list_is_empty_with_one_thing_to_do(
    alice_client: Client, enrollment: Enrollment
) -> None:
    page = text_of(alice_client.get("/people/"))

    assert "Nobody here yet" in page
    assert 'href="#add-name"' in page
    assert 'class="tabs"' not in page


def test_person_list_filters_by_role_and_counts_each(
    alice_client: Client, alice: User, bob: User, enrollment: Enrollment
) -> None:
    make_person(user=alice, name="zoe", is_advisor=True)
    make_person(user=alice, name="Imani", is_evangelist=True, note="Her whole choir")
    make_person(user=alice, name="Peder", is_advisor=True, is_supporter=True)
    make_person(user=alice, name="Gone", removed_at=NOON, is_advisor=True)
    make_person(user=bob, name="Bob's own")
    make_entry(enrollment=enrollment, line="Peder and zoe")

    everyone = alice_client.get("/people/")
    advisors = alice_client.get("/people/?role=advisor")

    assert shown(everyone) == ["Imani", "Peder", "zoe"]
    assert counts(everyone) == {"": 3, "evangelist": 1, "advisor": 2, "supporter": 1, "told": 2}
    assert "Her whole choir" in text_of(everyone)
    assert shown(advisors) == ["Peder", "zoe"]
    assert 'href="/people/?role=advisor" aria-current="true"' in text_of(advisors)
    assert shown(alice_client.get("/people/?role=told")) == ["Peder", "zoe"]
    assert shown(alice_client.get("/people/?role=<script>")) == ["Imani", "Peder", "zoe"]
    assert shown(alice_client.get("/people/?role=name")) == ["Imani", "Peder", "zoe"]


def test_person_list_without_two_weeks_shows_the_people_alone(client: Client, erin: User) -> None:
    client.force_login(erin)
    make_person(user=erin)

    response = client.get("/people/")

    assert shown(response) == ["Imani Wekesa"]
    assert 'id="needs"' not in text_of(response)
    assert 'value="share"' not in text_of(response)


@pytest.mark.parametrize("size", [0, 60])
def test_person_list_takes_six_queries(
    alice_client: Client, alice: User, enrollment: Enrollment, size: int
) -> None:
    for number in range(size):
        make_person(user=alice, name=f"Imani {number}")
        make_entry(enrollment=enrollment, day=enrollment.dates[number % 9], place=number)

    with CaptureQueriesContext(connection) as captured:
        response = alice_client.get("/people/")

    assert response.status_code == 200
    assert len(captured) == 6, [query["sql"] for query in captured]


@pytest.mark.parametrize("name", HOSTILE)
def test_person_list_shows_any_name_as_it_was_typed(
    alice_client: Client, enrollment: Enrollment, alice: User, name: str
) -> None:
    response = add(alice_client, name, note=name)

    assert response.status_code == 302
    person = Person.objects.owned_by(alice).get()
    assert person.name == name
    page = text_of(alice_client.get("/people/"))
    assert "<script>alert" not in page
    assert "14{%" not in page
    assert alice_client.get(f"/people/{person.pk}/").status_code == 200
    assert post(alice_client, person, "remove", htmx=True).status_code == 200


# --- Told -----------------------------------------------------------------------------------------


def test_told_is_the_first_placed_share_that_names_them_or_is_about_them(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    make_person(user=alice, name="Imani Wekesa")
    peder = make_person(user=alice, name="Peder Holm")
    dates = enrollment.dates
    make_entry(enrollment=enrollment, day=dates[8], place=1, line="Imani again")
    first = make_entry(enrollment=enrollment, day=dates[6], place=1, line="Imani Wekesa")
    about = make_entry(enrollment=enrollment, day=dates[1], place=1, line="The man at the café")
    about.person = peder
    about.save(update_fields=["person"])

    page = text_of(alice_client.get("/people/"))

    assert f'href="/days/{dates[6]}/#entry-{first.client_id}">Told on day 7' in page
    assert f'href="/days/{dates[1]}/#entry-{about.client_id}">Told on day 2' in page


def test_told_takes_neither_open_nor_removed_nor_other_practices(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    make_person(user=alice, name="Imani")
    make_entry(enrollment=enrollment, place=1, line="Imani", placed=False)
    make_entry(enrollment=enrollment, place=2, line="Imani").remove(NOON)
    make_entry(enrollment=enrollment, practice="request", line="Imani")

    assert counts(alice_client.get("/people/"))["told"] == 0


def test_told_in_earlier_two_weeks_shows_the_date(alice_client: Client, alice: User) -> None:
    # They were ended early, so that the day is one of the current two weeks as well.
    earlier = make_enrollment(participant=alice, starts_on=date(2027, 3, 1))
    make_entry(enrollment=earlier, day=date(2027, 3, 9), line="Imani")
    earlier.end(NOON)
    make_enrollment(participant=alice)
    make_person(user=alice, name="Imani")

    page = text_of(alice_client.get("/people/"))

    assert "Told on March 9, 2027" in page
    assert "/days/2027-03-09/" not in page


def test_told_by_anothers_share_is_not_told(
    alice_client: Client, alice: User, bob: User, enrollment: Enrollment
) -> None:
    make_person(user=alice, name="Imani")
    make_entry(enrollment=make_enrollment(participant=bob), line="Imani")

    assert counts(alice_client.get("/people/"))["told"] == 0


def test_names_come_as_a_list_and_as_one_value_within_another_query(
    alice: User, bob: User, enrollment: Enrollment
) -> None:
    zoe, al = make_person(user=alice, name="zoe"), make_person(user=alice, name="Al")
    make_person(user=alice, name="Gone", removed_at=NOON)
    make_person(user=bob, name="Bob's own")

    names = ArraySubquery(Person.objects.of(OuterRef("participant")).as_names())
    annotated = Enrollment.objects.annotate(listed=names).get(pk=enrollment.pk)

    assert Person.objects.owned_by(alice).names() == [(al.pk, "Al"), (zoe.pk, "zoe")]
    assert annotated.listed == [{"pk": al.pk, "name": "Al"}, {"pk": zoe.pk, "name": "zoe"}]


# --- Adding ---------------------------------------------------------------------------------------


def test_person_create_adds_and_leads_to_the_row(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    response = add(alice_client, "  Imani \t Wekesa ", note="Her choir", is_evangelist="on")

    person = Person.objects.owned_by(alice).get()
    assert response["Location"] == f"/people/#person-{person.pk}"
    assert (person.name, person.note) == ("Imani Wekesa", "Her choir")
    assert [person.is_evangelist, person.is_advisor, person.is_supporter] == [True, False, False]
    assert person.created_at == NOON


def test_person_create_sent_twice_is_one_person(alice_client: Client, alice: User) -> None:
    client_id = uuid.uuid4()

    for _time in range(2):
        assert add(alice_client, "Imani", client_id=client_id).status_code == 302

    person = Person.objects.owned_by(alice).get()
    person.remove(NOON)
    add(alice_client, "Imani", client_id=client_id)
    assert not Person.objects.owned_by(alice).kept().exists()


@pytest.mark.parametrize("again", ["imani WEKESA", "Imani  Wekesa"])
def test_person_create_of_a_name_on_the_list_leads_to_it(
    alice_client: Client, alice: User, again: str
) -> None:
    person = make_person(user=alice)

    response = add(alice_client, again, note="Kept words")

    assert response.status_code == 422
    page = text_of(response)
    assert "Imani Wekesa is on your list already." in page
    assert f'href="/people/#person-{person.pk}"' in page
    assert 'value="Kept words"' in page
    assert Person.objects.owned_by(alice).count() == 1


def test_person_create_of_a_removed_or_anothers_name_is_new(
    alice_client: Client, alice: User, bob: User
) -> None:
    make_person(user=alice, removed_at=NOON)
    make_person(user=bob)

    assert add(alice_client, "Imani Wekesa").status_code == 302
    assert Person.objects.owned_by(alice).kept().count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": " "},
        {"name": "a\0b"},
        {"name": "x" * 101},
        {"note": "x" * 501},
        {"note": "a\0b"},
        {"client_id": "nonsense"},
        {"client_id": "9" * 5000},
    ],
)
def test_person_create_refuses_and_keeps_what_was_typed(
    alice_client: Client, alice: User, fields: dict[str, Any]
) -> None:
    response = add(alice_client, **{"name": "Imani", **fields})

    assert response.status_code == 422
    assert is_our_page(response)
    assert "data-error-summary" in text_of(response)
    assert not Person.objects.exists()


def test_person_create_takes_only_a_post(alice_client: Client) -> None:
    assert alice_client.get("/people/add/").status_code == 405


# --- Editing --------------------------------------------------------------------------------------


def test_person_update_shows_the_row_as_a_form(alice_client: Client, alice: User) -> None:
    person = make_person(user=alice, note="Her choir")

    whole = alice_client.get(f"/people/{person.pk}/")
    row = alice_client.get(f"/people/{person.pk}/", headers=HTMX)

    assert is_our_page(whole)
    assert not is_our_page(row)
    for response in (whole, row):
        assert f'value="{person.version}"' in text_of(response)
        assert 'value="Her choir"' in text_of(response)
        assert "Remove" in text_of(response)


def test_person_update_rewrites_without_a_script_and_with(
    alice_client: Client, alice: User
) -> None:
    person = make_person(user=alice, is_evangelist=True)

    plain = edit(alice_client, person, name="Imani W", note="Choir", is_advisor="on")

    assert plain["Location"] == f"/people/#person-{person.pk}"
    person.refresh_from_db()
    assert (person.name, person.note, person.is_evangelist) == ("Imani W", "Choir", False)
    assert person.is_advisor

    swapped = edit(alice_client, person, htmx=True, is_supporter="on")

    assert swapped.status_code == 200
    assert not is_our_page(swapped)
    assert f'id="person-{person.pk}"' in text_of(swapped)
    assert 'id="people-tabs"' in text_of(swapped)
    person.refresh_from_db()
    assert [person.is_advisor, person.is_supporter] == [False, True]


@pytest.mark.parametrize("htmx", [False, True])
def test_person_update_of_two_tabs_shows_both_texts(
    alice_client: Client, alice: User, htmx: bool
) -> None:
    person = make_person(user=alice)
    edit(alice_client, person, note="From the first tab")

    refused = edit(alice_client, person, note="From the second tab", htmx=htmx)

    assert refused.status_code == 409
    assert "From the first tab" in text_of(refused)
    assert "From the second tab" in text_of(refused)
    stored = Person.objects.get()
    assert stored.note == "From the first tab"
    assert f'value="{stored.version}"' in text_of(refused)
    assert edit(alice_client, stored, note="From the second tab").status_code == 302
    assert Person.objects.get().note == "From the second tab"


def test_person_update_repeated_changes_nothing(alice_client: Client, alice: User) -> None:
    person = make_person(user=alice)

    for _time in range(2):
        assert edit(alice_client, person, note="Once").status_code == 302


def test_person_update_to_a_name_on_the_list_is_refused(alice_client: Client, alice: User) -> None:
    person = make_person(user=alice)
    other = make_person(user=alice, name="Al")

    plain = edit(alice_client, person, name="AL")
    toast = edit(alice_client, person, name="AL", htmx=True)

    assert (plain.status_code, toast.status_code) == (422, 422)
    assert f'href="/people/#person-{other.pk}"' in text_of(plain)
    assert is_toast(toast)
    assert Person.objects.owned_by(alice).names() == [(other.pk, "Al"), (person.pk, person.name)]
    # Their own name in other letters is theirs.
    assert edit(alice_client, person, name="IMANI Wekesa").status_code == 302


@pytest.mark.parametrize("fields", [{"name": ""}, {"name": "a\0b"}, {"note": "x" * 501}])
def test_person_update_refuses(alice_client: Client, alice: User, fields: dict[str, Any]) -> None:
    person = make_person(user=alice)

    plain = edit(alice_client, person, **fields)
    toast = edit(alice_client, person, htmx=True, **fields)

    assert (plain.status_code, toast.status_code) == (422, 422)
    assert is_our_page(plain)
    assert is_toast(toast)
    assert Person.objects.get().words == person.words


def test_person_of_somebody_else_is_not_there(
    alice_client: Client, bob: User, enrollment: Enrollment
) -> None:
    person = make_person(user=bob)
    make_enrollment(participant=bob)
    before = person.words

    assert alice_client.get(f"/people/{person.pk}/").status_code == 404
    assert edit(alice_client, person, name="Mine").status_code == 404
    for verb in ("remove", "restore", "start"):
        response = post(alice_client, person, verb, practice="share", client_id=uuid.uuid4())
        assert response.status_code == 404
        assert alice_client.get(f"/people/{person.pk}/{verb}/").status_code == 405
    person.refresh_from_db()
    assert (person.words, person.removed_at) == (before, None)
    assert not DailyEntry.objects.exists()


# --- Removing -------------------------------------------------------------------------------------


def test_person_remove_offers_the_way_back(alice_client: Client, alice: User) -> None:
    person = make_person(user=alice)

    page = post(alice_client, person, "remove")

    assert page.status_code == 200
    assert "Removed: Imani Wekesa" in text_of(page)
    assert f'action="/people/{person.pk}/restore/"' in text_of(page)
    assert not Person.objects.kept().exists()
    assert alice_client.get(f"/people/{person.pk}/").status_code == 404

    response = post(alice_client, person, "restore")

    assert response["Location"] == f"/people/#person-{person.pk}"
    assert Person.objects.kept().get() == person


def test_person_remove_with_htmx_is_a_toast_with_undo(alice_client: Client, alice: User) -> None:
    person = make_person(user=alice)

    response = post(alice_client, person, "remove", htmx=True)

    assert not is_our_page(response)
    assert '<div id="toast" hx-swap-oob="innerHTML">' in text_of(response)
    assert f'action="/people/{person.pk}/restore/"' in text_of(response)


def test_person_restore_beside_a_new_one_of_that_name_is_refused(
    alice_client: Client, alice: User
) -> None:
    person = make_person(user=alice, removed_at=NOON)
    make_person(user=alice, name="imani wekesa")

    response = post(alice_client, person, "restore")

    assert response.status_code == 422
    assert "imani wekesa is on your list already." in text_of(response)
    assert Person.objects.kept().count() == 1


# --- Starting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("practice", ["share", "request"])
def test_person_start_puts_the_name_under_today_without_a_stone(
    alice_client: Client, alice: User, enrollment: Enrollment, practice: str
) -> None:
    person = make_person(user=alice)

    response = post(alice_client, person, "start", practice=practice, client_id=uuid.uuid4())

    entry = DailyEntry.objects.of(enrollment).get()
    assert response["Location"] == f"/today/#entry-{entry.client_id}"
    assert (entry.practice, entry.line, entry.person) == (practice, "Imani Wekesa", person)
    assert (entry.day, entry.is_placed) == (enrollment.dates[8], False)
    assert f'id="entry-{entry.client_id}"' in text_of(alice_client.get("/today/"))


def test_person_start_tapped_twice_is_one_entry_and_keeps_its_line(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    person = make_person(user=alice)
    fields: dict[str, Any] = {"practice": "share", "client_id": uuid.uuid4()}

    first = post(alice_client, person, "start", **fields)
    DailyEntry.objects.update(line="Imani, about the lamp")
    second = post(alice_client, person, "start", **fields)
    other = post(alice_client, person, "start", **{**fields, "practice": "request"})

    assert first["Location"] == second["Location"] != other["Location"]
    assert DailyEntry.objects.get(practice="share").line == "Imani, about the lamp"
    assert DailyEntry.objects.count() == 2


def test_person_start_of_a_removed_entry_stays_removed(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    person = make_person(user=alice)
    fields: dict[str, Any] = {"practice": "share", "client_id": uuid.uuid4()}
    post(alice_client, person, "start", **fields)
    DailyEntry.objects.get().remove(NOON)

    response = post(alice_client, person, "start", **fields)

    assert response.status_code == 422
    assert "That entry was removed" in text_of(response)
    assert DailyEntry.objects.get().removed_at


def test_person_start_on_a_full_day_says_so(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    for place in range(1, 21):
        make_entry(enrollment=enrollment, place=place)

    response = post(
        alice_client, make_person(user=alice), "start", practice="share", client_id=uuid.uuid4()
    )

    assert response.status_code == 422
    assert "twenty on one day" in text_of(response)


@pytest.mark.parametrize("starts_on", [date(2027, 3, 17), date(2027, 3, 1)])
def test_person_start_outside_the_fourteen_days_says_so(
    alice_client: Client, alice: User, starts_on: date
) -> None:
    make_enrollment(participant=alice, starts_on=starts_on)
    person = make_person(user=alice)

    response = post(alice_client, person, "start", practice="share", client_id=uuid.uuid4())

    assert response.status_code == 422
    assert "none of your fourteen days" in text_of(response)
    assert 'value="share"' not in text_of(response)
    assert not DailyEntry.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"practice": "act"}, {"practice": ""}, {"client_id": "x"}, {"client_id": ""}],
)
def test_person_start_refuses_nonsense(
    alice_client: Client, alice: User, enrollment: Enrollment, fields: dict[str, Any]
) -> None:
    data: dict[str, Any] = {"practice": "share", "client_id": uuid.uuid4(), **fields}

    response = post(alice_client, make_person(user=alice), "start", **data)

    assert response.status_code == 422
    assert not DailyEntry.objects.exists()


def test_person_start_needs_two_weeks(client: Client, erin: User) -> None:
    client.force_login(erin)

    response = post(
        client, make_person(user=erin), "start", practice="share", client_id=uuid.uuid4()
    )

    assert response.status_code == 404
