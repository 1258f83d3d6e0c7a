"""Mail is a row first, and leaves by a worker: what a failure at each step makes of it."""

import re
import smtplib
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage, send_mail
from django.db import connection, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts import outbox
from accounts.delivery import Carrier, deliver
from accounts.mail_backend import from_content
from accounts.models import OutgoingMail, Scan, User
from accounts.models.outbox import LEASE, PAUSES
from accounts.outbox import Delivery
from tests.factories import NOON
from tests.post import scan, sink
from tests.racing import race_together
from tests.sink import Sink, running_sink

__all__ = ["sink"]  # a fixture

State = OutgoingMail.State
LIFETIME = timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def compose(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    if mail.payload.get("is_broken"):
        raise LookupError("the row it speaks of")
    if mail.payload.get("is_moot"):
        return None
    return EmailMessage("A word", "Your coach wrote.", to=[mail.to])


@pytest.fixture(autouse=True)
def _no_jobs(db: None) -> None:
    """Tests that commit leave jobs behind, which are no models of ours to be emptied."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    for delivery in Delivery:
        outbox.kind(str(delivery), delivery=delivery, lifetime=LIFETIME)(compose)
    yield
    for delivery in Delivery:
        del outbox.KINDS[str(delivery)]


def put(delivery: Delivery = Delivery.AT_LEAST_ONCE, key: str = "1", **more: object) -> bool:
    to = more.pop("to", "alice@example.org")
    return OutgoingMail.objects.put(str(delivery), key=key, to=to, now=NOON, **more)  # type: ignore[arg-type]


def the_mail() -> OutgoingMail:
    return OutgoingMail.objects.get()


@pytest.mark.django_db
def test_a_mail_is_there_once_per_key_and_wakes_a_worker_once() -> None:
    assert put()
    assert not put()

    assert OutgoingMail.objects.count() == 1
    (job,) = ProcrastinateJob.objects.all()
    assert (job.task_name, job.args) == ("accounts.tasks.deliver", {"mail": the_mail().pk})


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_neither_a_mail_nor_a_job() -> None:
    def fail() -> None:
        with transaction.atomic():
            put()
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert not OutgoingMail.objects.exists()
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db
def test_a_sent_mail_leaves_no_word_and_no_address_behind(alice: User, sink: Sink) -> None:
    put(to=alice, payload={"encouragement": 7})

    deliver(the_mail().pk, NOON)

    (arrived,) = sink.mails
    mail = the_mail()
    assert arrived["To"] == "alice@example.org"
    assert arrived["Message-ID"] == mail.message_id
    assert mail.state == State.SENT
    assert (mail.to, mail.payload, mail.content) == ("", {}, None)
    assert mail.settled_at == NOON


@pytest.mark.django_db
def test_mail_of_django_leaves_through_the_outbox_once_as_it_was_written(
    alice: User, sink: Sink
) -> None:
    with time_machine.travel(NOON, tick=False):
        send_mail(
            "Ünder way",
            "Körper",
            None,
            ["alice@example.org", "nobody@example.org"],
            html_message="<p>Körper</p>",
        )
    assert sink.mails == []

    assert scan(NOON) == 2
    assert scan(NOON) == 0

    assert [mail["To"] for mail in sink.mails] == ["alice@example.org", "nobody@example.org"]
    mail = sink.mails[0]
    assert mail["Subject"] == "Ünder way"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Körper"
    assert html.get_content().strip() == "<p>Körper</p>"
    users = OutgoingMail.objects.order_by("pk").values_list("user", flat=True)
    assert list(users) == [alice.pk, None]
    assert Scan.objects.get().trouble == ""


@pytest.mark.django_db
def test_a_code_is_on_its_way_with_the_click_and_worth_ten_minutes(alice: User, sink: Sink) -> None:
    with time_machine.travel(NOON, tick=False):
        Client().post("/accounts/login/code/", {"email": "alice@example.org"})

    mail = the_mail()
    assert ProcrastinateJob.objects.get().args == {"mail": mail.pk}
    assert mail.not_after == NOON + timedelta(minutes=10)
    assert mail.content
    code = re.search(r"\b\d{6}\b", str(from_content(mail.content, mail.to).body))
    assert code is not None
    assert code[0] not in str(OutgoingMail.objects.values().get())
    deliver(mail.pk, NOON)
    html = sink.mails[0].get_body(("html",))
    assert html is not None
    assert f">{code[0]}</p>" in html.get_content()


@pytest.mark.django_db
def test_what_has_nothing_to_say_any_more_is_skipped(sink: Sink) -> None:
    put(payload={"is_moot": True})

    scan(NOON)

    assert the_mail().state == State.SKIPPED
    assert sink.mails == []


@pytest.mark.django_db
def test_what_may_not_leave_yet_waits_and_what_is_too_late_never_leaves(sink: Sink) -> None:
    put(key="later", not_before=NOON + MINUTE)
    put(key="late", not_before=NOON - 2 * MINUTE, not_after=NOON - MINUTE)
    assert ProcrastinateJob.objects.count() == 1  # nobody is woken for what may not leave
    assert not OutgoingMail.objects.due(NOON).exists()

    scan(NOON)

    assert sink.mails == []
    assert OutgoingMail.objects.get(key="late").state == State.SKIPPED
    assert OutgoingMail.objects.get(key="later").state == State.WAITING
    scan(NOON + MINUTE)
    assert len(sink.mails) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("delivery", "answer", "state"),
    [
        (Delivery.AT_LEAST_ONCE, "421 Closing", State.WAITING),
        (Delivery.AT_LEAST_ONCE, "451 Greylisted", State.WAITING),
        (Delivery.AT_LEAST_ONCE, "550 No such mailbox", State.DEAD),
        (Delivery.AT_LEAST_ONCE, None, State.WAITING),
        (Delivery.AT_MOST_ONCE, "451 Greylisted", State.WAITING),
        (Delivery.AT_MOST_ONCE, "550 No such mailbox", State.DEAD),
        # It may have arrived.
        (Delivery.AT_MOST_ONCE, None, State.DEAD),
    ],
)
def test_a_server_that_refuses_or_hangs_up(
    sink: Sink, delivery: Delivery, answer: str | None, state: str
) -> None:
    put(delivery)
    sink.answer = lambda address: answer

    scan(NOON)

    mail = the_mail()
    assert mail.state == state
    assert mail.error == (answer[:3] if answer else mail.error)
    assert (mail.not_before == NOON + PAUSES[0]) is (state == State.WAITING)
    arrived = len(sink.mails)
    sink.answer = lambda address: "250 Taken"
    scan(NOON + PAUSES[0])
    assert len(sink.mails) - arrived == (1 if state == State.WAITING else 0)
    assert len({mail["Message-ID"] for mail in sink.mails}) <= 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("delivery", "state"),
    [(Delivery.AT_LEAST_ONCE, State.WAITING), (Delivery.AT_MOST_ONCE, State.DEAD)],
)
def test_a_server_that_stalls_is_left_to_itself(
    sink: Sink, settings: Settings, delivery: Delivery, state: str
) -> None:
    options = {**sink.options["OPTIONS"], "timeout": 0.5}
    settings.MAILERS = {**settings.MAILERS, "delivery": {**sink.options, "OPTIONS": options}}
    may_go_on = threading.Event()
    sink.answer = lambda address: "250 Taken" if may_go_on.wait(timeout=60) else "451 Stalled"
    put(delivery)

    scan(NOON)

    may_go_on.set()
    assert (the_mail().state, the_mail().error) == (
        state,
        "unknown" if state == State.DEAD else "SMTPServerDisconnected",
    )


@pytest.mark.django_db
def test_a_server_that_is_away_uses_up_no_tries(settings: Settings) -> None:
    with running_sink() as gone:
        pass
    settings.MAILERS = {**settings.MAILERS, "delivery": gone.options}
    put(Delivery.AT_MOST_ONCE)
    deliver(the_mail().pk, NOON)

    for minute in range(30):
        scan(NOON + minute * MINUTE)

    mail = the_mail()
    assert (mail.state, mail.attempts) == (State.WAITING, 0)
    assert Scan.objects.get().trouble == "ConnectionRefusedError"
    with running_sink() as back:
        settings.MAILERS = {**settings.MAILERS, "delivery": back.options}
        scan(NOON + 31 * MINUTE)
        assert len(back.mails) == 1


@pytest.mark.django_db
def test_a_mail_that_is_never_taken_is_given_up_and_holds_no_words(sink: Sink) -> None:
    put(not_after=NOON + timedelta(hours=100))
    sink.answer = lambda address: "451 Greylisted"
    now = NOON

    # A scan that finds the server busy uses up no try, so there may be more scans than tries.
    while the_mail().state != State.DEAD and now < NOON + timedelta(hours=99):
        scan(now)
        now += max(PAUSES)

    mail = the_mail()
    assert (mail.state, mail.attempts, mail.to) == (State.DEAD, len(PAUSES) + 1, "")
    assert scan(now) == 0


@pytest.mark.django_db
def test_one_that_cannot_be_composed_delays_no_other(
    sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    put(key="broken", payload={"is_broken": True}, not_before=NOON - MINUTE)
    for number in range(20):
        put(key=f"{number}", to=f"{number}@example.org")

    scan(NOON)

    assert len(sink.mails) == 20
    broken = OutgoingMail.objects.get(key="broken")
    assert (broken.state, broken.error) == (State.WAITING, "LookupError")
    assert "@example.org" not in caplog.text
    assert "LookupError" in caplog.text
    assert "LookupError: the row" not in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("delivery", "state", "mails"),
    [(Delivery.AT_LEAST_ONCE, State.SENT, 1), (Delivery.AT_MOST_ONCE, State.DEAD, 0)],
)
def test_what_a_killed_worker_had_in_hand(
    sink: Sink, delivery: Delivery, state: str, mails: int
) -> None:
    put(delivery)
    assert OutgoingMail.objects.claim(NOON)  # and then nothing: it was killed

    scan(NOON + LEASE - MINUTE / 60)
    assert the_mail().state == State.SENDING
    # Before a scan has settled it, too: another worker may ask first.
    assert OutgoingMail.objects.due(NOON + LEASE).count() == mails
    scan(NOON + LEASE)

    assert the_mail().state == state
    assert len(sink.mails) == mails


@pytest.mark.django_db
def test_a_worker_that_was_slow_settles_nothing_that_another_has_taken_over() -> None:
    put()
    slow = OutgoingMail.objects.claim(NOON)
    quick = OutgoingMail.objects.claim(NOON + LEASE)
    assert slow is not None
    assert quick is not None

    slow.put_off(NOON + LEASE, "TimeoutError")
    assert the_mail().state == State.SENDING
    quick.settle(State.SENT, NOON + LEASE)

    assert the_mail().state == State.SENT


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_no_mail_twice(sink: Sink) -> None:
    for number in range(200):
        put(Delivery.AT_MOST_ONCE, key=f"{number}", to=f"{number}@example.org")

    def carry() -> None:
        with Carrier() as carrier:
            while carrier.carry_next(NOON):
                pass

    race_together(carry)

    assert len(sink.mails) == 200
    assert len({mail["To"] for mail in sink.mails}) == 200


@pytest.mark.django_db
def test_what_was_settled_long_ago_is_forgotten(sink: Sink) -> None:
    put(key="done")
    scan(NOON)
    put(key="waiting", not_before=NOON + timedelta(hours=999))

    OutgoingMail.objects.prune(NOON + timedelta(hours=24 * 30))

    assert OutgoingMail.objects.get().key == "waiting"


@pytest.mark.django_db
def test_the_lamp_tells_what_waits_and_whether_anybody_looks(sink: Sink) -> None:
    assert not OutgoingMail.objects.lamp(NOON).is_lit(NOON)
    put(key="sent")
    put(key="moot", payload={"is_moot": True})
    scan(NOON)
    put(key="waiting")

    lamp = OutgoingMail.objects.lamp(NOON)

    assert (lamp.sent, lamp.skipped, lamp.waiting, lamp.dead) == (1, 1, 1, 0)
    assert lamp.oldest_due_at == lamp.last_scan_at == NOON
    assert lamp.is_lit(NOON)
    assert not lamp.is_lit(NOON + 3 * MINUTE)


def test_refusals_are_numbers() -> None:
    from accounts.delivery import _refusal

    refused = smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"a@example.org unknown")})
    assert _refusal(refused) == 550
    assert _refusal(smtplib.SMTPServerDisconnected("gone")) == 0
