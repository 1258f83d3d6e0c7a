import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from program.models import Enrollment, Need
from tests.factories import NOON, make_enrollment, make_need
from tests.posting import HTMX, Response, is_our_page, is_toast, text_of

QUESTION = "Who decides about the library's evenings?"


def add(client: Client, **fields: Any) -> Response:
    data = {"client_id": uuid.uuid4(), "question": QUESTION, "who": "", **fields}
    return client.post("/people/needs/add/", data)


def edit(client: Client, need: Need, *, htmx: bool = False, **fields: Any) -> Response:
    data = {"version": need.version, **need.words, **fields}
    return client.post(f"/people/needs/{need.pk}/", data, headers=HTMX if htmx else None)


def post(client: Client, need: Need, verb: str, *, htmx: bool = False, **data: Any) -> Response:
    url = f"/people/needs/{need.pk}/{verb}/"
    return client.post(url, data, headers=HTMX if htmx else None)


def questions(response: Response) -> list[str]:
    return [row["need"].question for row in response.context["needs"]]


def test_needs_stand_beside_the_people_open_ones_first(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    make_need(enrollment=enrollment, question="Known", answered_at=NOON, answer="The board")
    make_need(enrollment=enrollment, question="First", who="Birgit")
    make_need(enrollment=enrollment, question="Second")
    make_need(enrollment=enrollment, question="Gone", removed_at=NOON)
    make_need(enrollment=make_enrollment(participant=bob), question="Bob's own")

    response = alice_client.get("/people/")

    assert questions(response) == ["First", "Second", "Known"]
    page = text_of(response)
    assert 'id="needs"' in page
    assert "2 questions open." in page
    assert "Might know: Birgit" in page
    assert "The board" in page


def test_needs_of_earlier_two_weeks_stay_there(alice_client: Client, alice: User) -> None:
    earlier = make_enrollment(participant=alice)
    need = make_need(enrollment=earlier)
    earlier.end(NOON)
    make_enrollment(participant=alice)

    assert questions(alice_client.get("/people/")) == []
    assert alice_client.get(f"/people/needs/{need.pk}/").status_code == 404


def test_need_create_adds_and_sent_twice_is_one(
    alice_client: Client, enrollment: Enrollment
) -> None:
    client_id = uuid.uuid4()

    for _time in range(2):
        response = add(alice_client, client_id=client_id, who="Birgit, or the <b>board</b>")

    need = Need.objects.of(enrollment).get()
    assert response["Location"] == f"/people/#need-{need.pk}"
    assert (need.question, need.who) == (QUESTION, "Birgit, or the <b>board</b>")
    assert (need.created_at, need.answered_at) == (NOON, None)
    assert "<b>board</b>" not in text_of(alice_client.get("/people/"))


@pytest.mark.parametrize(
    "fields",
    [
        {"question": " "},
        {"question": "a\0b"},
        {"question": "x" * 301},
        {"who": "x" * 201},
        {"client_id": "x"},
    ],
)
def test_need_create_refuses_and_keeps_what_was_typed(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, Any]
) -> None:
    response = add(alice_client, **{"who": "Half a thought", **fields})

    assert response.status_code == 422
    assert is_our_page(response)
    assert "data-error-summary" in text_of(response)
    assert fields.get("who", "Half a thought") in text_of(response)
    assert not Need.objects.exists()


def test_need_create_needs_two_weeks(client: Client, erin: User) -> None:
    client.force_login(erin)

    assert add(client).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_need_answer_is_the_wanted_state(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    need = make_need(enrollment=enrollment, answer="The board")

    for _time in range(2):
        response = post(alice_client, need, "answer", htmx=htmx, answered="1")

    need.refresh_from_db()
    assert (need.answered_at, need.answer) == (NOON, "The board")
    if htmx:
        assert 'aria-pressed="true"' in text_of(response)
        assert "Every question has its answer." in text_of(response)
    else:
        assert response["Location"] == f"/people/#need-{need.pk}"

    post(alice_client, need, "answer", htmx=htmx, answered="0")

    need.refresh_from_db()
    assert (need.answered_at, need.answer) == (None, "The board")


@pytest.mark.parametrize("answered", ["", "2", "yes", "\0"])
def test_need_answer_refuses_nonsense(
    alice_client: Client, enrollment: Enrollment, answered: str
) -> None:
    need = make_need(enrollment=enrollment)

    assert post(alice_client, need, "answer", answered=answered).status_code == 422
    assert Need.objects.get().answered_at is None


def test_need_update_shows_the_row_as_a_form(alice_client: Client, enrollment: Enrollment) -> None:
    need = make_need(enrollment=enrollment, who="Birgit")

    whole = alice_client.get(f"/people/needs/{need.pk}/")
    row = alice_client.get(f"/people/needs/{need.pk}/", headers=HTMX)

    assert is_our_page(whole)
    assert not is_our_page(row)
    for response in (whole, row):
        assert 'value="Birgit"' in text_of(response)


@pytest.mark.parametrize("htmx", [False, True])
def test_need_update_with_a_first_answer_is_answered(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    need = make_need(enrollment=enrollment)

    edit(alice_client, need, who="Birgit", htmx=htmx)

    need.refresh_from_db()
    assert (need.who, need.answered_at) == ("Birgit", None)

    response = edit(alice_client, need, answer="The board, on Mondays", htmx=htmx)

    assert response.status_code == (200 if htmx else 302)
    need.refresh_from_db()
    assert (need.answer, need.answered_at) == ("The board, on Mondays", NOON)

    post(alice_client, need, "answer", answered="0")
    edit(alice_client, need, answer="The board, on Tuesdays", htmx=htmx)

    need.refresh_from_db()
    assert (need.answer, need.answered_at) == ("The board, on Tuesdays", None)


@pytest.mark.parametrize("htmx", [False, True])
def test_need_update_of_two_tabs_shows_both_texts(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    need = make_need(enrollment=enrollment)
    edit(alice_client, need, answer="From the first tab")

    refused = edit(alice_client, need, answer="From the second tab", htmx=htmx)

    assert refused.status_code == 409
    assert "From the first tab" in text_of(refused)
    assert "From the second tab" in text_of(refused)
    stored = Need.objects.get()
    assert stored.answer == "From the first tab"
    assert f'value="{stored.version}"' in text_of(refused)
    assert edit(alice_client, stored, answer="From the second tab").status_code == 302
    assert Need.objects.get().answer == "From the second tab"


@pytest.mark.parametrize("fields", [{"question": ""}, {"answer": "x" * 501}, {"who": "a\0b"}])
def test_need_update_refuses(
    alice_client: Client, enrollment: Enrollment, fields: dict[str, Any]
) -> None:
    need = make_need(enrollment=enrollment)

    plain = edit(alice_client, need, **fields)
    toast = edit(alice_client, need, htmx=True, **fields)

    assert (plain.status_code, toast.status_code) == (422, 422)
    assert is_our_page(plain)
    assert is_toast(toast)
    assert Need.objects.get().words == need.words


def test_need_remove_offers_the_way_back(alice_client: Client, enrollment: Enrollment) -> None:
    need = make_need(enrollment=enrollment)

    page = post(alice_client, need, "remove")
    swapped = post(
        alice_client, make_need(enrollment=enrollment, question="Another"), "remove", htmx=True
    )

    assert f'action="/people/needs/{need.pk}/restore/"' in text_of(page)
    assert is_our_page(page)
    assert not is_our_page(swapped)
    assert '<div id="toast" hx-swap-oob="innerHTML">' in text_of(swapped)
    assert not Need.objects.kept().exists()

    response = post(alice_client, need, "restore")

    assert response["Location"] == f"/people/#need-{need.pk}"
    assert Need.objects.kept().get() == need


def test_need_of_somebody_else_is_not_there(
    alice_client: Client, bob: User, enrollment: Enrollment
) -> None:
    need = make_need(enrollment=make_enrollment(participant=bob))

    assert alice_client.get(f"/people/needs/{need.pk}/").status_code == 404
    assert edit(alice_client, need, answer="Mine").status_code == 404
    for verb in ("answer", "remove", "restore"):
        assert post(alice_client, need, verb, answered="1").status_code == 404
        assert alice_client.get(f"/people/needs/{need.pk}/{verb}/").status_code == 405
    assert alice_client.get("/people/needs/add/").status_code == 405
    assert Need.objects.kept().get().answer == ""
