"""Who wants to hear how it ends: a yes of their own, one mail, and a way out of all of it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import OutgoingMail, User
from program.models import (
    Follower,
    HostTakedown,
    MailChoice,
    PageUpdate,
    PublicPage,
    Reply,
)
from program.models.followers import ASKED_AT_MOST
from program.models.reminders import queue_due
from program.models.retention import prune
from tests.addresses import fingerprint
from tests.factories import NOON, make_enrollment, make_page, make_reply, make_user
from tests.posting import text_of
from tests.program.test_replies import leave, page

__all__ = ["page"]  # a fixture

PEDER = "peder@example.org"


@pytest.fixture
def follower(page: PublicPage) -> Follower:
    """Asked, and without an answer so far."""
    leave(page, email=PEDER)
    return Follower.objects.get()


def send(client: Client, text: str = "The doors are open. Thank you.", **fields: Any) -> int:
    data = {"client_id": str(uuid.uuid4()), "text": text, **fields}
    return client.post("/inbox/update/", data).status_code


def waiting(kind: str) -> int:
    return OutgoingMail.objects.filter(kind=kind, state="waiting").count()


# --- A yes ----------------------------------------------------------------------------------------


def test_address_is_asked_once_and_hears_nothing_before_it_says_yes(
    page: PublicPage, follower: Follower, alice_client: Client
) -> None:
    leave(page, email=PEDER.upper(), words="One more")
    assert (Follower.objects.count(), waiting("reply_confirm")) == (1, 1)

    assert send(alice_client) == 302

    assert waiting("page_update") == 0


def test_opening_a_link_changes_nothing_and_the_button_does(follower: Follower) -> None:
    before = fingerprint()
    for path in ("", "stop/"):
        for method in ("get", "head", "options"):
            getattr(Client(), method)(f"/follow/{follower.token}/{path}")
    for path in ("confirm/", "forget/"):
        assert Client().get(f"/follow/{follower.token}/{path}").status_code == 405
    assert fingerprint() == before

    for _time in range(2):
        answer = Client().post(f"/follow/{follower.token}/confirm/")
        assert answer.status_code == 302
    follower.refresh_from_db()
    assert follower.is_listening


def test_addresses_are_asked_so_often_a_day_on_all_pages(page: PublicPage) -> None:
    pages = [page]
    for number in range(ASKED_AT_MOST):
        pages.append(make_page(make_enrollment(participant=make_user(name=f"Owner {number}"))))

    statuses = [leave(each, email=PEDER).status_code for each in pages]

    assert statuses == [302] * ASKED_AT_MOST + [422]
    assert waiting("reply_confirm") == ASKED_AT_MOST


def test_mail_of_a_form_holds_no_word_that_was_typed_into_it(
    page: PublicPage, settings: Settings
) -> None:
    leave(page, email=PEDER, name="Cheap Watches", words="https://spam.test")
    message = compose("reply_confirm")

    assert "Watches" not in str(message)
    assert "spam.test" not in str(message)


def compose(kind: str) -> str:
    from accounts import outbox

    row = OutgoingMail.objects.filter(kind=kind).latest("pk")
    message = outbox.KINDS[kind].compose(row, NOON)
    return "" if message is None else message.message().as_string()


# --- One mail -------------------------------------------------------------------------------------


def test_words_of_the_owner_go_once_to_each_who_said_yes(
    page: PublicPage, follower: Follower, alice_client: Client
) -> None:
    follower.confirm(NOON)
    client_id = str(uuid.uuid4())

    for _time in range(2):
        assert send(alice_client, client_id=client_id) == 302
    assert send(alice_client, "And once more.") == 302

    assert waiting("page_update") == 1
    assert [(each.count) for each in PageUpdate.objects.order_by("pk")] == [1, 0]
    written = compose("page_update")
    assert "The doors are open" in written
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in written
    assert f"/follow/{follower.token}/stop/" in written.replace("=\n", "")


def test_who_says_yes_later_hears_the_next_words(
    page: PublicPage, follower: Follower, alice_client: Client
) -> None:
    follower.confirm(NOON)
    send(alice_client)
    late = make_reply(page, email="birgit@example.org").follower
    assert late
    late.confirm(NOON)

    send(alice_client, "For those who came late.")

    assert waiting("page_update") == 2
    late.refresh_from_db()
    assert late.told_by
    assert late.told_by.text == "For those who came late."


@pytest.mark.parametrize("why", ["stopped", "forgotten", "host", "switch"])
def test_mail_on_its_way_is_not_sent_any_more(
    why: str,
    page: PublicPage,
    follower: Follower,
    alice_client: Client,
    carol: User,
    settings: Settings,
) -> None:
    follower.confirm(NOON)
    send(alice_client)
    assert compose("page_update")

    if why == "stopped":
        follower.stop(NOON)
    elif why == "forgotten":
        Reply.objects.update(follower=None)
        Follower.objects.filter(pk=follower.pk).delete()
    elif why == "host":
        HostTakedown.close(page, by=carol, reason="Rude", now=NOON)
    else:
        settings.PUBLIC_PAGES = False

    assert compose("page_update") == ""


@pytest.mark.parametrize("fields", [{"text": ""}, {"text": "x" * 2001}, {"client_id": "x"}])
def test_words_that_cannot_be_sent_come_back(
    fields: dict[str, str], page: PublicPage, alice_client: Client
) -> None:
    assert send(alice_client, **fields) == 422
    assert not PageUpdate.objects.exists()


def test_nobody_writes_to_those_of_another_page(
    follower: Follower, bob: User, page: PublicPage
) -> None:
    follower.confirm(NOON)
    bobs = Client()
    bobs.force_login(bob)
    assert send(bobs) == 404
    make_page(make_enrollment(participant=bob))

    assert send(bobs) == 302
    assert waiting("page_update") == 0


# --- Out of it ------------------------------------------------------------------------------------


def test_mail_program_stops_it_without_cookie_token_or_redirect(follower: Follower) -> None:
    follower.confirm(NOON)
    path = f"/follow/{follower.token}/stop/"
    bare = Client(enforce_csrf_checks=True)

    for _time in range(2):
        answer = bare.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    follower.refresh_from_db()
    assert not follower.is_listening

    follower.forget(NOON)
    assert bare.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert bare.post("/follow/nobody.signed-this/stop/").status_code == 404


def test_who_said_no_is_not_asked_again_by_this_page(page: PublicPage, follower: Follower) -> None:
    Client().post(f"/follow/{follower.token}/stop/")

    leave(page, email=PEDER, words="Somebody typed it once more")

    assert waiting("reply_confirm") == 1
    assert compose("reply_confirm") == ""


def test_visitor_deletes_everything_that_came_with_their_address(
    page: PublicPage, follower: Follower, alice_client: Client
) -> None:
    leave(page, email=PEDER, words="One more", ip="192.0.2.8")
    other = make_reply(page, words="Somebody else's")
    shown = text_of(Client().get(f"/follow/{follower.token}/"))
    assert "One more" in shown
    assert "Somebody else" not in shown

    for _time in range(2):
        assert Client().post(f"/follow/{follower.token}/forget/").status_code == 200

    assert not Follower.objects.exists()
    assert not OutgoingMail.objects.filter(to=PEDER).exists()
    assert list(Reply.objects.exclude(words="").values_list("pk", flat=True)) == [other.pk]
    assert "One more" not in text_of(alice_client.get("/inbox/"))


def test_addresses_are_kept_so_long(page: PublicPage, follower: Follower) -> None:
    told = make_reply(page, email="birgit@example.org").follower
    assert told
    told.confirm(NOON)
    PageUpdate.objects.send(page=page, client_id=uuid.uuid4(), text="Done", now=NOON)

    prune(NOON + timedelta(days=8))
    assert list(Follower.objects.all()) == [told]
    prune(NOON + timedelta(days=31))
    assert not Follower.objects.exists()


# --- The owner's notice ---------------------------------------------------------------------------


def test_owner_hears_once_a_day_how_much_waits_and_none_of_it(
    page: PublicPage, alice: User
) -> None:
    for number in range(3):
        leave(page, words=f"Secret {number}")
    morning = NOON.replace(hour=9) + timedelta(days=1)

    for minutes in (1, 2, 90):
        queue_due(morning + timedelta(minutes=minutes))

    assert waiting("replies") == 1
    assert "3 wait for you" in compose("replies")
    assert "Secret" not in compose("replies")
    Reply.objects.all().remove(NOON)
    assert compose("replies") == ""


def test_who_stopped_the_notice_is_not_begun_with_it_again(page: PublicPage, alice: User) -> None:
    leave(page)
    MailChoice.objects.owned_by(alice).of_kinds("replies").stop(NOON)

    leave(page, words="One more")
    queue_due(NOON + timedelta(days=1))

    assert waiting("replies") == 0


def test_notice_is_chosen_and_stopped_in_the_settings(
    page: PublicPage, alice_client: Client, alice: User
) -> None:
    assert 'name="replies"' not in text_of(alice_client.get("/settings/mail/"))
    leave(page)
    assert 'name="replies"' in text_of(alice_client.get("/settings/mail/"))

    alice_client.post("/settings/mail/", {})
    assert not MailChoice.objects.owned_by(alice).of_kinds("replies").wanted().exists()
    alice_client.post("/settings/mail/", {"replies": "on"})
    assert MailChoice.objects.owned_by(alice).of_kinds("replies").wanted().exists()
