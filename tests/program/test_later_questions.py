"""Thirty and ninety days after: two questions, by mail for who wants them, and on the finish."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import OutgoingMail, User
from program.models import Enrollment, Finish, MailChoice
from program.models.reminders import queue_due, repair
from tests.factories import NOON, make_enrollment
from tests.post import body, scan, sink
from tests.posting import Response, text_of
from tests.sink import Sink

__all__ = ["sink"]  # a fixture

DAY = timedelta(days=1)
# Her days end on March 16; 10 in the morning in Stockholm, in summer.
THIRTY = datetime(2027, 4, 15, 8, 0, tzinfo=UTC)
NINETY = datetime(2027, 6, 14, 8, 0, tzinfo=UTC)
FIELDS = {"whereabouts": "", "gave_way": "", "glad_of": "The key.", "keep_doing": ""}
LATER = {"came_of_requests": "A room, in May.", "late_breakthrough": "My brother called."}
TICK = 'name="later_questions" id="id_later_questions"'


@pytest.fixture
def finished(alice: User, noon: time_machine.Traveller) -> Enrollment:
    return make_enrollment(participant=alice, starts_on=date(2027, 3, 3))


@pytest.fixture
def asked(finished: Enrollment) -> Enrollment:
    """Alice wants to be asked."""
    MailChoice.objects.choose(finished.participant, "later_questions", now=NOON)
    return finished


def save(client: Client, version: str = "0", **fields: str) -> Response:
    return client.post("/finish/", {**FIELDS, "version": version, **fields})


def tick(now: datetime) -> None:
    queue_due(now)
    scan(now)


def due_at() -> datetime | None:
    return MailChoice.objects.get(kind="later_questions").next_due_at


# --- Choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/finish/", "/settings/", "/settings/mail/"])
def test_nothing_is_chosen_beforehand(
    alice_client: Client, finished: Enrollment, path: str
) -> None:
    assert f"{TICK}>" in text_of(alice_client.get(path))
    assert not MailChoice.objects.exists()


def test_finish_takes_the_choice_and_takes_it_back(
    alice_client: Client, finished: Enrollment
) -> None:
    save(alice_client, later_questions="on")

    assert due_at() == THIRTY
    assert f"{TICK} checked" in text_of(alice_client.get("/finish/"))
    assert f"{TICK} checked" in text_of(alice_client.get("/settings/"))

    save(alice_client, version="1")

    assert due_at() is None
    assert not MailChoice.objects.wanted().exists()


def test_mail_update_takes_the_choice_and_takes_it_back(
    alice_client: Client, finished: Enrollment
) -> None:
    alice_client.post("/settings/mail/", {"later_questions": "on"})
    assert due_at() == THIRTY

    alice_client.post("/settings/mail/", {})
    assert due_at() is None


def test_a_choice_in_the_middle_of_the_days_follows_a_pause(
    alice_client: Client, enrollment: Enrollment
) -> None:
    alice_client.post("/settings/mail/", {"later_questions": "on"})
    before = due_at()
    alice_client.post("/pauses/", {"back_on": "2027-03-25"})

    assert before == datetime(2027, 4, 20, 8, 0, tzinfo=UTC)
    after = due_at()
    assert after
    assert after > before


def test_finish_that_was_refused_changes_no_choice(alice_client: Client, asked: Enrollment) -> None:
    save(alice_client, later_questions="on")

    assert save(alice_client, glad_of="Another tab").status_code == 409
    assert save(alice_client, glad_of="x" * 4001).status_code == 422

    assert due_at() == THIRTY


# --- The mail -------------------------------------------------------------------------------------


def test_each_question_is_sent_once(alice_client: Client, asked: Enrollment, sink: Sink) -> None:
    save(alice_client, later_questions="on", glad_of="Asked the caretaker")

    sent: list[datetime] = []
    day = THIRTY - DAY
    while day < NINETY + 40 * DAY:
        tick(day)
        tick(day + timedelta(minutes=1))
        repair(day)
        sent += [day] * (len(sink.mails) - len(sent))
        day += DAY

    assert sent == [THIRTY, NINETY]
    for mail, days in zip(sink.mails, (30, 90), strict=True):
        assert mail["To"] == "alice@example.org"
        assert mail["Subject"] == f"{days} days on: what came of it?"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for text in (body(mail), body(mail, "html")):
            assert "http://localhost:8000/finish/#later" in text
            assert "caretaker" not in text
            assert "door" not in text


@pytest.mark.parametrize(("days", "count"), [(6, 1), (8, 0)])
def test_after_an_outage_the_question_comes_within_a_week(
    asked: Enrollment, sink: Sink, days: int, count: int
) -> None:
    tick(THIRTY + days * DAY)

    assert len(sink.mails) == count
    assert due_at() == NINETY


def test_after_a_long_outage_the_second_question_comes_alone(asked: Enrollment, sink: Sink) -> None:
    tick(NINETY + 3 * DAY)

    assert [mail["Subject"] for mail in sink.mails] == ["90 days on: what came of it?"]
    assert due_at() is None


def test_one_click_ends_the_questions(asked: Enrollment, sink: Sink) -> None:
    tick(THIRTY)
    link = sink.mails[0]["List-Unsubscribe"].strip("<>")

    assert Client().post(link.removeprefix("http://localhost:8000")).status_code == 200
    tick(NINETY)

    assert len(sink.mails) == 1


def test_a_question_that_was_queued_is_not_sent_after_stop(
    alice_client: Client, asked: Enrollment, sink: Sink
) -> None:
    queue_due(THIRTY)
    alice_client.post("/settings/mail/", {})

    scan(THIRTY)

    assert sink.mails == []
    assert OutgoingMail.objects.filter(kind="later_questions").count() == 1


def test_who_ended_their_weeks_or_did_not_choose_is_not_asked(
    asked: Enrollment, bob: User, sink: Sink
) -> None:
    make_enrollment(participant=bob, starts_on=asked.starts_on)
    queue_due(THIRTY)
    asked.end(THIRTY)

    scan(THIRTY)
    tick(NINETY)

    assert sink.mails == []


# --- The answers ----------------------------------------------------------------------------------


def test_finish_asks_from_the_thirtieth_day_on(
    alice_client: Client, finished: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.move_to(THIRTY - DAY)
    assert 'id="later"' not in text_of(alice_client.get("/finish/"))
    save(alice_client, **LATER)
    assert Finish.objects.get().later_words() == ["", ""]

    noon.move_to(THIRTY)
    assert 'id="later"' in text_of(alice_client.get("/finish/"))
    assert save(alice_client, version="1", **LATER).status_code == 302

    assert Finish.objects.get().said() == {**FIELDS, **LATER}
    page = text_of(alice_client.get("/finish/"))
    assert "A room, in May." in page
    assert "My brother called." in page


def test_later_answers_of_two_tabs_are_both_shown(
    alice_client: Client, finished: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.move_to(THIRTY)
    save(alice_client, came_of_requests="From the first tab", late_breakthrough="")

    refused = save(alice_client, came_of_requests="From the second tab", late_breakthrough="")

    assert refused.status_code == 409
    assert "From the first tab" in text_of(refused)
    assert "From the second tab" in text_of(refused)
    assert Finish.objects.get().came_of_requests == "From the first tab"


@pytest.mark.parametrize("words", ["x" * 4001, "NUL \0"])
def test_later_answers_that_do_not_fit_are_refused(
    alice_client: Client, finished: Enrollment, noon: time_machine.Traveller, words: str
) -> None:
    noon.move_to(THIRTY)

    refused = save(alice_client, came_of_requests="Kept words", late_breakthrough=words)

    assert refused.status_code == 422
    assert "Kept words" in text_of(refused)
    assert not Finish.objects.exists()


def test_later_answers_are_read_in_earlier_weeks_by_their_owner_alone(
    alice_client: Client, finished: Enrollment, bob: User, noon: time_machine.Traveller
) -> None:
    noon.move_to(THIRTY)
    save(alice_client, **LATER)
    finished.restart(now=THIRTY)
    path = f"/enrollments/{finished.pk}/"
    bobs = Client()
    bobs.force_login(bob)

    assert "My brother called." in text_of(alice_client.get(path))
    assert bobs.get(path).status_code == 404


def test_link_of_the_mail_leads_through_the_login(finished: Enrollment) -> None:
    assert Client().get("/finish/")["Location"] == "/accounts/login/?next=/finish/"


def test_questions_are_offered_until_the_last_is_past(
    client: Client, finished: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.move_to(NINETY - DAY)
    client.force_login(finished.participant)
    assert TICK in text_of(client.get("/finish/"))

    noon.move_to(NINETY + DAY)
    page = text_of(client.get("/finish/"))
    assert TICK not in page
    assert 'id="later"' in page
