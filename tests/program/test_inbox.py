"""What was left for somebody: read by them alone, and made something of."""

import re
import time as clock
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import (
    DailyEntry,
    Enrollment,
    Need,
    Person,
    PublicPage,
    Reply,
    ReplyBlock,
    ReplyTakedown,
)
from program.models.retention import prune
from tests.factories import (
    NOON,
    make_cohort,
    make_enrollment,
    make_membership,
    make_need,
    make_page,
    make_person,
    make_reply,
    make_user,
)
from tests.figures import figure
from tests.often import often
from tests.posting import text_of
from tests.program.test_replies import leave, page, page_of

__all__ = ["page"]  # a fixture

JUNK = often(100, 1000)


def inbox(client: Client, query: str = "") -> str:
    response = client.get(f"/inbox/{query}")
    assert response.status_code == 200
    return text_of(response)


def post(client: Client, reply: Reply, verb: str, **fields: Any) -> int:
    return client.post(f"/inbox/{reply.pk}/{verb}/", fields).status_code


# --- Reading --------------------------------------------------------------------------------------


def test_reply_is_read_by_whose_page_it_is_and_by_nobody_else(
    page: PublicPage, alice_client: Client, bob: User, carol: User, enrollment: Enrollment
) -> None:
    make_membership(cohort=make_cohort(coach=carol), enrollment=enrollment, scope="moments")
    reply = make_reply(page, words="A lamp for the stairs", email="peder@example.org")
    assert "A lamp for the stairs" in inbox(alice_client)
    assert "peder@example.org" not in inbox(alice_client)

    for other in (bob, carol):
        client = Client()
        client.force_login(other)
        assert "A lamp for the stairs" not in inbox(client)
        for verb in ("state", "turn", "person", "answer", "remove", "restore", "report", "block"):
            assert post(client, reply, verb, state="shown") == 404, verb
    assert Reply.objects.get().is_waiting


def test_reply_goes_to_the_page_and_off_it(page: PublicPage, alice_client: Client) -> None:
    reply = make_reply(page)

    for _time in range(2):
        assert post(alice_client, reply, "state", state="shown") == 302
    assert "kettle" in page_of(page)
    assert "kettle" in inbox(alice_client, "?state=shown")
    assert "kettle" not in inbox(alice_client)

    assert post(alice_client, reply, "state", state="kept") == 302
    assert "kettle" not in page_of(page)
    assert "kettle" in inbox(alice_client, "?state=kept")


@pytest.mark.parametrize("state", ["waiting", "", "removed"])
def test_state_that_is_none_is_refused(state: str, page: PublicPage, alice_client: Client) -> None:
    reply = make_reply(page)

    assert post(alice_client, reply, "state", state=state) == 422
    assert Reply.objects.get().is_waiting


def test_removed_reply_comes_back_as_it_was(page: PublicPage, alice_client: Client) -> None:
    reply = make_reply(page, state="shown")

    answer = alice_client.post(f"/inbox/{reply.pk}/remove/?state=shown")
    assert f"/inbox/{reply.pk}/restore/?state=shown" in text_of(answer)
    assert "kettle" not in page_of(page)
    assert "kettle" in inbox(alice_client, "?state=removed")

    assert post(alice_client, reply, "restore") == 302
    assert "kettle" in page_of(page)


def test_inbox_of_who_has_no_page_says_what_one_is_for(alice_client: Client, alice: User) -> None:
    assert "Nothing waits for you" in inbox(alice_client)


# --- Making something of it -----------------------------------------------------------------------


@pytest.mark.parametrize("practice", ["request", "act"])
def test_words_become_an_entry_of_today_once(
    practice: str, page: PublicPage, alice_client: Client
) -> None:
    reply = make_reply(page, words="Ask Jonas\nabout the wiring")

    for _time in range(2):
        assert post(alice_client, reply, "turn", practice=practice) == 302

    entry = DailyEntry.objects.get()
    assert (entry.practice, entry.line) == (practice, "Ask Jonas about the wiring")
    assert (entry.day, entry.placed_at) == (date(2027, 3, 16), None)
    reply.refresh_from_db()
    assert reply.state == "kept"
    assert getattr(reply, f"as_{practice}") == entry
    assert "kettle" not in page_of(page)


def test_request_of_a_visitor_stands_in_the_ledger_when_it_is_made(
    page: PublicPage, alice_client: Client
) -> None:
    reply = make_reply(page, words="Ask Jonas about the wiring")
    post(alice_client, reply, "turn", practice="request")
    entry = DailyEntry.objects.get()

    alice_client.post(
        f"/days/{entry.day}/entries/{entry.client_id}/",
        {"enrollment": entry.enrollment.public_id, "practice": "request", "done": "1"},
    )

    assert "Ask Jonas about the wiring" in text_of(alice_client.get("/requests/"))


def test_nothing_is_started_outside_of_the_fourteen_days(
    page: PublicPage, alice_client: Client, noon: time_machine.Traveller
) -> None:
    reply = make_reply(page)
    noon.shift(timedelta(days=10))
    alice_client.force_login(page.enrollment.participant)

    assert post(alice_client, reply, "turn", practice="act") == 422
    assert not DailyEntry.objects.exists()


def test_practice_that_is_none_is_refused(page: PublicPage, alice_client: Client) -> None:
    assert post(alice_client, make_reply(page), "turn", practice="share") == 422


@pytest.mark.parametrize("role", Person.ROLES)
def test_visitor_becomes_a_person_with_a_role_once(
    role: str, page: PublicPage, alice_client: Client
) -> None:
    reply = make_reply(page, kind="help", name="Mrs  Lund")

    for _time in range(2):
        assert post(alice_client, reply, "person", role=role) == 302

    person = Person.objects.get()
    assert (person.name, getattr(person, role)) == ("Mrs Lund", True)


def test_visitor_whose_name_is_on_the_list_is_meant(
    page: PublicPage, alice_client: Client, alice: User
) -> None:
    make_person(user=alice, name="mrs lund", is_advisor=True)

    post(alice_client, make_reply(page, name="Mrs Lund"), "person", role="is_supporter")

    person = Person.objects.get()
    assert (person.is_advisor, person.is_supporter) == (True, True)


def test_words_answer_a_question_once(
    page: PublicPage, alice_client: Client, enrollment: Enrollment
) -> None:
    need = make_need(enrollment=enrollment)
    reply = make_reply(page, words="The caretaker has the key.")

    for _time in range(2):
        assert post(alice_client, reply, "answer", need=need.pk) == 302

    need.refresh_from_db()
    assert need.answer.endswith("The caretaker has the key.")
    assert need.answer.count("caretaker") == 1
    assert need.answered_at


def test_question_of_somebody_else_is_not_answered(
    page: PublicPage, alice_client: Client, bob: User
) -> None:
    bobs = make_need(enrollment=make_enrollment(participant=bob))
    before = Need.objects.get().answer

    assert post(alice_client, make_reply(page), "answer", need=bobs.pk) == 422
    assert Need.objects.get().answer == before


def test_ideas_stand_beside_step_8_and_hands_raised_beside_step_6(
    page: PublicPage, alice_client: Client
) -> None:
    for kind in Reply.Kind.values:
        make_reply(page, kind=kind, state="kept")
        make_reply(page, kind=kind, words="Not read yet")

    steps = text_of(alice_client.get("/steps/"))

    assert "1 idea was left on your page" in steps
    assert "1 person raised a hand on your page" in steps


# --- What is not welcome --------------------------------------------------------------------------


def test_blocked_sender_leaves_no_more_until_let_in_again(
    page: PublicPage, alice_client: Client
) -> None:
    for words in ("Buy this", "Buy that"):
        leave(page, words=words)
    leave(page, words="Something good", ip="192.0.2.9")

    assert post(alice_client, Reply.objects.earliest("pk"), "block") == 302

    assert list(Reply.objects.waiting().values_list("words", flat=True)) == ["Something good"]
    assert leave(page, words="Buy more").status_code == 403
    block = ReplyBlock.objects.get()
    assert alice_client.post(f"/inbox/blocks/{block.pk}/remove/").status_code == 302
    assert leave(page, words="Buy more").status_code == 302


def test_block_of_one_page_is_none_of_another(
    page: PublicPage, alice_client: Client, bob: User
) -> None:
    bobs_page = make_page(make_enrollment(participant=bob))
    leave(page)
    post(alice_client, Reply.objects.get(), "block")

    assert leave(bobs_page).status_code == 302
    bobs = Client()
    bobs.force_login(bob)
    block = ReplyBlock.objects.get()
    assert bobs.post(f"/inbox/blocks/{block.pk}/remove/").status_code == 404


def test_report_goes_to_the_host_who_takes_it_down_and_puts_it_back(
    page: PublicPage, alice_client: Client, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    staff = make_user(name="Host")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    host = Client()
    host.force_login(staff)
    reply, other = make_reply(page, state="shown"), make_reply(page, words="Never reported")
    assert "kettle" not in text_of(host.get("/staff/replies/"))
    assert host.post(f"/staff/replies/{other.pk}/take-down/").status_code == 404

    assert post(alice_client, reply, "report") == 302
    assert "kettle" not in page_of(page)
    assert "kettle" not in inbox(alice_client, "?state=removed")
    listed = text_of(host.get("/staff/replies/"))
    assert "kettle" in listed
    assert "Never reported" not in listed

    for _time in range(2):
        assert host.post(f"/staff/replies/{reply.pk}/take-down/").status_code == 302
    Reply.objects.filter(pk=reply.pk).restore()
    reply.settle("shown")
    assert "kettle" not in page_of(page), "its owner puts nothing back that the host took down"

    assert host.post(f"/staff/replies/{reply.pk}/restore/").status_code == 302
    assert "kettle" in page_of(page)
    log = ReplyTakedown.objects.get()
    assert (log.by, log.restored_by, log.restored_at is not None) == (staff, staff, True)


def test_host_blocks_a_sender_on_every_page(
    page: PublicPage, alice_client: Client, bob: User, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    staff = make_user(name="Host")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    host = Client()
    host.force_login(staff)
    leave(page)
    reply = Reply.objects.get()
    post(alice_client, reply, "report")

    host.post(f"/staff/replies/{reply.pk}/block/")
    assert leave(make_page(make_enrollment(participant=bob))).status_code == 403
    host.post(f"/staff/replies/{reply.pk}/settle/")
    assert "kettle" not in text_of(host.get("/staff/replies/"))
    host.post(f"/staff/replies/blocks/{ReplyBlock.objects.get().pk}/remove/")
    assert leave(page, words="Sorry").status_code == 302


# --- A flood --------------------------------------------------------------------------------------


def flood(page: PublicPage, noon: time_machine.Traveller, number: int) -> int:
    """So many posts of as many senders, of every kind; how many were taken in the end."""
    kinds, taken = Reply.Kind.values, 0
    tried = 0
    while taken < number:
        status = leave(
            page,
            kind=kinds[tried % 4],
            words=f"Cheap watches {tried} https://spam.test/{tried}",
            name=f"Bot {tried % 97}",
            ip=f"10.{tried // 62500}.{tried // 250 % 250}.{tried % 250}",
        ).status_code
        tried += 1
        taken += status == 302
        if status == 429:
            noon.shift(timedelta(hours=1, seconds=1))
    return tried


def looked_into(client: Client) -> tuple[int, str]:
    """How many queries the inbox takes, and the inbox."""
    with CaptureQueriesContext(connection) as queries:
        shown = inbox(client)
    return len(queries), shown


def tell(*, tried: int, few: int, many: int, took: float, size: int, shown: int) -> None:
    figure("public/spam", "junk posts that an inbox took, of as many senders", JUNK)
    figure("public/spam-tries", "posts it took, for a page takes 60 an hour", tried)
    figure("public/spam-shown", "of them on the page", shown, bar="0", holds=shown == 0)
    what = "queries of the inbox full of them, and of one with a single one"
    figure("public/spam-queries", what, f"{many}, {few}", bar="no more", holds=many <= few)
    figure("public/spam-inbox", "ms for its first page", took * 1000)
    figure("public/spam-bytes", "bytes of its first page, of 25", size)
    figure("public/spam-taps", "taps that empty it, and one that brings all back", 2)


def test_junk_posts_are_shown_nowhere_and_gone_in_two_taps(
    page: PublicPage, alice_client: Client, noon: time_machine.Traveller
) -> None:
    real = make_reply(page, words="I have a lamp", state="shown")
    first = make_reply(page, words="The only one that waits")
    few, quick = looked_into(alice_client)
    first.remove(NOON)

    tried = flood(page, noon, JUNK)
    alice_client.force_login(page.enrollment.participant)
    inbox(alice_client)  # a session is looked up, and written now and then
    begun = clock.perf_counter()
    many, full = looked_into(alice_client)
    took = clock.perf_counter() - begun

    shown = page_of(page)
    tell(tried=tried, few=few, many=many, took=took, size=len(full), shown=shown.count("watches"))
    assert "watches" not in shown
    assert real.words in shown
    assert full.count('class="reply"') == 25
    assert 5 < many <= few
    assert len(full) < len(quick) + 25 * 6000
    last = inbox(alice_client, f"?page={JUNK // 25}")
    assert last.count('class="reply"') == 25

    (ask,) = re.findall(r'href="(/inbox/clear/[^"]*)"', full)
    assert f"Remove all {JUNK}" in text_of(alice_client.get(ask))
    answer = text_of(alice_client.post("/inbox/clear/", {"kind": ""}))
    assert Reply.objects.waiting().count() == 0
    assert "Nothing waits for you" in answer
    (removed_at,) = re.findall(r'name="removed_at" value="([^"]+)"', answer)
    alice_client.post("/inbox/clear/undo/", {"removed_at": removed_at})
    assert Reply.objects.waiting().count() == JUNK


def test_kind_is_cleared_by_itself(page: PublicPage, alice_client: Client) -> None:
    for kind in Reply.Kind.values:
        make_reply(page, kind=kind)

    assert "Remove it" in text_of(alice_client.get("/inbox/clear/?kind=cheer"))
    alice_client.post("/inbox/clear/", {"kind": "cheer"})

    assert set(Reply.objects.waiting().values_list("kind", flat=True)) == {
        "idea",
        "help",
        "count_me_in",
    }
    assert alice_client.post("/inbox/clear/", {"kind": "spam"}).status_code == 422
    assert alice_client.post("/inbox/clear/undo/", {"removed_at": "x"}).status_code == 422


def test_clearing_and_undoing_touch_nobody_elses(
    page: PublicPage, alice_client: Client, bob: User
) -> None:
    theirs = make_reply(make_page(make_enrollment(participant=bob)))
    gone = make_reply(page, words="Removed at the same instant")
    gone.remove(NOON)

    alice_client.post("/inbox/clear/", {})
    bobs = Client()
    bobs.force_login(bob)
    bobs.post("/inbox/clear/undo/", {"removed_at": NOON.isoformat()})

    theirs.refresh_from_db()
    gone.refresh_from_db()
    assert theirs.removed_at is None
    assert gone.removed_at


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=99999999999999999999", "?state=x&kind=%00", "?kind=idea&page=-1"]
)
def test_addresses_that_nobody_links_to_are_answered(
    query: str, page: PublicPage, alice_client: Client
) -> None:
    make_reply(page)

    assert "kettle" in inbox(alice_client, query)


# --- Kept so long ---------------------------------------------------------------------------------


def test_what_nobody_read_and_where_it_came_from_are_forgotten(page: PublicPage) -> None:
    unread, kept = make_reply(page), make_reply(page, state="kept")
    withdrawn, removed = make_reply(page), make_reply(page)
    Reply.objects.filter(pk=withdrawn.pk).withdraw(NOON)
    removed.remove(NOON)
    ReplyBlock.objects.create(page=page, sender="1", at=NOON)

    prune(NOON + timedelta(days=2))
    assert not Reply.objects.filter(pk=withdrawn.pk).exists()
    prune(NOON + timedelta(days=31))
    assert set(Reply.objects.values_list("pk", "sender")) == {(unread.pk, ""), (kept.pk, "")}
    prune(NOON + timedelta(days=91))
    assert list(Reply.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not ReplyBlock.objects.exists()


def test_htmx_gets_the_list_as_it_is_after_a_tap(page: PublicPage, alice_client: Client) -> None:
    reply, other = make_reply(page, words="To the page"), make_reply(page, words="Still here")
    htmx = {"HX-Request": "true"}

    settled = alice_client.post(f"/inbox/{reply.pk}/state/", {"state": "shown"}, headers=htmx)
    removed = alice_client.post(f"/inbox/{other.pk}/remove/", headers=htmx)

    for response in (settled, removed):
        assert response.status_code == 200
        assert b"<html" not in response.content
        assert b"To the page" not in response.content
    assert b"Still here" in settled.content
    assert b"It stands on your page now." in settled.content
    assert f"/inbox/{other.pk}/restore/" in removed.content.decode()
