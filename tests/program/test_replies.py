"""What a visitor leaves on a public page: by whom it is taken, and how they take it back."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Enrollment, Follower, HostTakedown, PublicPage, Reply, ReplyBlock
from program.models.reply_guard import OF_ALL, OF_ONE_SENDER, sender_of
from tests.addresses import fingerprint
from tests.factories import NOON, make_page, make_reply
from tests.posting import Response, is_our_page, text_of

OURS = {"origin": "http://testserver"}
PAYLOAD = "<script>ran=1</script>"


@pytest.fixture
def page(enrollment: Enrollment, noon: time_machine.Traveller) -> PublicPage:
    return make_page(enrollment)


def leave(
    page: PublicPage,
    client: Client | None = None,
    *,
    headers: dict[str, str] = OURS,
    ip: str = "192.0.2.1",
    **fields: str,
) -> Response:
    data = {"kind": "idea", "name": "Peder", "words": "Put the kettle by the door.", **fields}
    client = client or Client(enforce_csrf_checks=True)
    return client.post(f"/goal/{page.token}/replies/", data, headers=headers, REMOTE_ADDR=ip)


def page_of(page: PublicPage) -> str:
    return text_of(Client().get(f"/goal/{page.token}/"))


# --- Leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Reply.Kind.values)
def test_reply_is_taken_and_waits(kind: str, page: PublicPage) -> None:
    response = leave(page, kind=kind)

    reply = Reply.objects.get()
    assert (reply.kind, reply.state, reply.name) == (kind, "waiting", "Peder")
    assert response["Location"] == f"/replies/{reply.token}/?new"
    assert not response.cookies
    assert "Peder" not in page_of(page)


def test_form_of_the_page_is_what_the_address_takes(page: PublicPage) -> None:
    form = page_of(page)

    assert f'action="/goal/{page.token}/replies/"' in form
    assert set(re.findall(r'name="(\w+)"', form)) >= {"kind", "words", "name", "email"}
    assert "csrfmiddlewaretoken" not in form


def test_count_me_in_needs_a_name_alone(page: PublicPage) -> None:
    assert leave(page, kind="count_me_in", words="").status_code == 302
    assert leave(page, kind="cheer", words="").status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": ""},
        {"kind": "spam"},
        {"name": ""},
        {"name": "\u202e\u0007 "},
        {"words": " \n "},
        {"name": "n" * 61},
        {"words": "w" * 501},
        {"words": "w" * 900_000},
        {"email": "nobody"},
        {"email": f"{'e' * 250}@example.org"},
        {"website": "https://spam.test"},
    ],
)
def test_form_that_is_not_right_comes_back_with_its_words(
    fields: dict[str, Any], page: PublicPage
) -> None:
    response = leave(page, **{"words": "A lamp for the stairs", **fields})

    assert response.status_code == 422
    assert is_our_page(response)
    assert not response.cookies
    if "words" not in fields:
        assert "A lamp for the stairs" in text_of(response)
    assert not Reply.objects.exists()


def test_what_cannot_be_seen_is_taken_out(page: PublicPage) -> None:
    leave(
        page, name="Pe\u202eder\n\u0000 Berg\u0007", words="One\r\ntwo\u0000\u001b[31m\u2066 three"
    )

    reply = Reply.objects.get()
    assert (reply.name, reply.words) == ("Peder Berg", "One\ntwo[31m three")


def test_words_of_right_to_left_writing_and_joined_marks_stay(page: PublicPage) -> None:
    leave(
        page,
        name="\u05d3\u05e0\u05d4",
        words="\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f373",
    )

    reply = Reply.objects.get()
    assert reply.name == "\u05d3\u05e0\u05d4"
    assert "\u200c" in reply.words
    assert "\u200d" in reply.words


# --- From whom ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.test"},
        {"origin": "http://testserver.evil.test"},
        {"sec-fetch-site": "same-origin"},
        {**OURS, "sec-fetch-site": "cross-site"},
        {**OURS, "sec-fetch-site": "same-site"},
        {**OURS, "sec-fetch-site": "none"},
        {"origin": "https://evil.test", "sec-fetch-site": "same-origin"},
    ],
)
def test_post_of_another_page_is_refused(headers: dict[str, str], page: PublicPage) -> None:
    assert leave(page, headers=headers).status_code == 403
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [OURS, {"origin": "http://localhost:8000"}, {**OURS, "sec-fetch-site": "same-origin"}],
)
def test_post_of_our_page_is_taken(headers: dict[str, str], page: PublicPage) -> None:
    assert leave(page, headers=headers).status_code == 302


def test_who_is_logged_in_leaves_no_more_than_a_stranger(
    page: PublicPage, bob: User, alice_client: Client
) -> None:
    bobs = Client(enforce_csrf_checks=True)
    bobs.force_login(bob)

    assert leave(page, bobs).status_code == 302
    assert leave(page, alice_client, name="Alice").status_code == 302

    assert set(Reply.objects.values_list("state", flat=True)) == {"waiting"}


@pytest.mark.parametrize("closed_by", ["owner", "host", "switch", "end", "token"])
def test_closed_page_takes_nothing(
    closed_by: str, page: PublicPage, enrollment: Enrollment, carol: User, settings: Any
) -> None:
    if closed_by == "owner":
        page.take_down(NOON)
    elif closed_by == "host":
        HostTakedown.close(page, by=carol, reason="Rude", now=NOON)
    elif closed_by == "switch":
        settings.PUBLIC_PAGES = False
    elif closed_by == "end":
        Enrollment.objects.update(ended_at=NOON)
    else:
        page.token = "another-link-of-24-signs"

    assert leave(page).status_code == 404
    assert not Reply.objects.exists()


# --- Once, and so often ---------------------------------------------------------------------------


def test_same_words_sent_twice_are_one_reply(page: PublicPage) -> None:
    first, second = leave(page), leave(page)

    assert first["Location"] == second["Location"]
    assert Reply.objects.count() == 1
    leave(page, words="Other words")
    leave(page, ip="192.0.2.2")
    assert Reply.objects.count() == 3


def test_words_that_were_read_give_their_link_to_nobody(page: PublicPage) -> None:
    leave(page)
    Reply.objects.get().settle("shown")

    assert leave(page)["Location"] == f"/goal/{page.token}/"
    assert Reply.objects.count() == 1


def test_one_sender_leaves_so_many_in_an_hour_and_in_a_day(
    page: PublicPage, noon: time_machine.Traveller
) -> None:
    (_hour, an_hour), (_day, a_day) = OF_ONE_SENDER
    taken = [leave(page, words=f"Idea {n}").status_code for n in range(an_hour + 1)]
    assert taken == [302] * an_hour + [429]

    elsewhere = leave(page, ip="192.0.2.9", words="From next door")
    assert elsewhere.status_code == 302

    for _hours in range(6):
        noon.shift(timedelta(hours=1, seconds=1))
        taken += [leave(page, words=f"{NOON} {len(taken)} {n}").status_code for n in range(6)]
    assert taken.count(302) == a_day


def test_refusal_keeps_the_words_and_says_when(page: PublicPage) -> None:
    for number in range(OF_ONE_SENDER[0][1]):
        leave(page, words=f"Idea {number}")

    response = leave(page, words="One too many")

    assert response.status_code == 429
    assert is_our_page(response)
    assert "One too many" in text_of(response)
    assert int(response["Retry-After"]) > 0


def test_page_takes_so_many_in_an_hour_from_all(page: PublicPage) -> None:
    at_most = OF_ALL[0][1]

    taken = [leave(page, ip=f"192.0.2.{n}", words=f"{n}").status_code for n in range(at_most + 3)]

    assert taken == [302] * at_most + [429] * 3


def test_what_was_taken_back_counts_still(page: PublicPage) -> None:
    for number in range(OF_ONE_SENDER[0][1]):
        leave(page, words=f"Idea {number}")
    Reply.objects.all().withdraw(NOON)

    assert leave(page, words="Again").status_code == 429


def test_sender_is_one_household_and_no_address() -> None:
    assert sender_of("2001:db8:1:2::5") == sender_of("2001:db8:1:2:ffff::9")
    assert sender_of("2001:db8:1:2::5") != sender_of("2001:db8:1:3::5")
    assert sender_of("::ffff:192.0.2.1") == sender_of("192.0.2.1")
    assert len(sender_of("192.0.2.1")) == 64


def test_proxies_that_were_not_named_make_nobody_another_sender(page: PublicPage) -> None:
    headers = {**OURS, "x-forwarded-for": "198.51.100.7"}
    leave(page, headers=headers)
    leave(page, headers={**headers, "x-forwarded-for": "198.51.100.8"})

    assert Reply.objects.count() == 1


def test_blocked_sender_is_told_and_nothing_is_stored(page: PublicPage) -> None:
    ReplyBlock.objects.create(page=None, sender=sender_of("192.0.2.1"), name="X", at=NOON)

    response = leave(page)

    assert response.status_code == 403
    assert "Put the kettle" in text_of(response)
    assert leave(page, ip="192.0.2.2").status_code == 302


# --- Their own ------------------------------------------------------------------------------------


def test_visitor_sees_their_words_and_takes_them_back(page: PublicPage) -> None:
    visitor = Client()
    link = leave(page, visitor)["Location"].partition("?")[0]
    before = fingerprint()

    for _time in range(3):
        shown = visitor.get(link)
        assert "Put the kettle" in text_of(shown)
        assert shown["X-Robots-Tag"] == "noindex"
        assert "no-store" in shown["Cache-Control"]
    assert fingerprint() == before
    assert visitor.get(f"{link}withdraw/").status_code == 405

    for _time in range(2):
        assert visitor.post(f"{link}withdraw/").status_code == 302
    reply = Reply.objects.get()
    assert (reply.name, reply.words, reply.follower) == ("", "", None)
    assert "Put the kettle" not in text_of(visitor.get(link))


def test_taken_back_reply_leaves_page_and_inbox(page: PublicPage, alice_client: Client) -> None:
    reply = make_reply(page, state="shown")
    assert "kettle" in page_of(page)

    Client().post(f"/replies/{reply.token}/withdraw/")

    assert "kettle" not in page_of(page)
    assert "kettle" not in text_of(alice_client.get("/inbox/?state=shown"))
    reply.settle("shown")
    assert "kettle" not in page_of(page)


@pytest.mark.parametrize("token", ["key", "8b7d0f5e-3c1f-4a55-9a40-6f3f0a3f2b11", "a.b", "."])
def test_link_that_we_did_not_sign_is_nobodys(token: str, page: PublicPage) -> None:
    make_reply(page, email="peder@example.org")

    for path in ("replies", "follow"):
        assert Client().get(f"/{path}/{token}/").status_code == 404


def test_link_for_one_purpose_opens_no_other(page: PublicPage) -> None:
    reply = make_reply(page, email="peder@example.org")
    follower = Follower.objects.get()

    assert Client().get(f"/follow/{reply.token}/").status_code == 404
    assert Client().get(f"/replies/{follower.token}/").status_code == 404


# --- On the page ----------------------------------------------------------------------------------


def test_page_that_has_not_changed_keeps_the_policy_of_pages(page: PublicPage) -> None:
    first = Client().get(f"/goal/{page.token}/")

    again = Client().get(f"/goal/{page.token}/", headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert again["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert "style-src" in again["Content-Security-Policy"]
    make_reply(page, state="shown")
    changed = Client().get(f"/goal/{page.token}/", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_only_what_its_reader_let_stand_is_on_the_page(page: PublicPage, carol: User) -> None:
    for state in ("waiting", "kept", "shown"):
        make_reply(page, state=state, words=f"Words that are {state}")
    removed = make_reply(page, state="shown", words="Words that are removed")
    removed.remove(NOON)

    shown = page_of(page)

    assert [
        state for state in ("waiting", "kept", "shown", "removed") if f"are {state}" in shown
    ] == ["shown"]


def test_address_and_sender_of_a_reply_are_on_no_page(page: PublicPage) -> None:
    reply = make_reply(page, state="shown", email="peder@example.org")

    assert "peder@example.org" not in page_of(page)
    assert reply.sender not in page_of(page)


def test_words_of_a_visitor_are_no_elements_of_the_page(page: PublicPage) -> None:
    make_reply(page, state="shown", name=PAYLOAD, words=f"https://spam.test {PAYLOAD}")

    shown = page_of(page)

    assert PAYLOAD not in shown
    assert "&lt;script&gt;" in shown
    assert 'href="https://spam.test' not in shown
