"""Reminders: chosen, due, and composed; what somebody sees of it."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import outbox
from accounts.models import OutgoingMail, User
from program.calendar import local_date
from program.models import Enrollment, MailChoice, Pause
from program.models.reminders import queue_due, repair
from tests.factories import NOON, make_enrollment, make_entry, make_user
from tests.figures import figure
from tests.posting import Response, text_of
from tests.racing import race_together

MORNING = datetime(2027, 3, 16, 6, 30, tzinfo=UTC)  # 7:30 in Stockholm, on day 9
EVENING = datetime(2027, 3, 16, 19, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def choose(user: User, kind: str = "morning", at: time = time(7, 30), **more: str) -> None:
    before = datetime(2027, 3, 1, tzinfo=UTC)
    MailChoice.objects.choose(user, kind, at=at, now=before, **more)


def due_at(user: User, kind: str = "morning") -> datetime | None:
    return MailChoice.objects.get(user=user, kind=kind).next_due_at


def keys() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("key", flat=True))


def save(client: Client, **fields: object) -> Response:
    data = {"morning_at": "07:30", "evening_at": "20:00", "weekdays": list("0123456"), **fields}
    return client.post("/reminders/", data, follow=True)


# --- Choosing -------------------------------------------------------------------------------------


def test_nothing_is_chosen_beforehand(alice_client: Client, enrollment: Enrollment) -> None:
    page = text_of(alice_client.get("/settings/"))

    assert 'name="morning" id="id_morning">' in page
    assert 'name="evening" id="id_evening">' in page
    assert not MailChoice.objects.exists()
    assert "only if you want them" in page


def test_reminder_update_says_when_the_next_one_comes(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    response = save(alice_client, morning="on")

    assert "Next reminder at 7:30 a.m. on Wednesday, March 17." in text_of(response)
    assert due_at(alice) == MORNING + 24 * HOUR
    assert set(MailChoice.objects.values_list("kind", flat=True)) == {"morning"}


def test_reminder_update_on_some_weekdays(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    response = save(alice_client, evening="on", weekdays=["4"])

    assert "Next reminder at 8 p.m. on Friday, March 19." in text_of(response)
    assert re.findall(r'name="weekdays" value="(\d)"[^>]* checked', text_of(response)) == ["4"]


def test_reminder_update_with_nothing_new_leaves_due_what_is_due(
    alice_client: Client, alice: User, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    choose(alice)
    MailChoice.objects.update(next_due_at=MORNING)
    noon.move_to(MORNING + HOUR / 120)  # and no scan has come by yet

    save(alice_client, morning="on")
    assert due_at(alice) == MORNING

    save(alice_client, morning="on", morning_at="09:00")
    assert due_at(alice) == MORNING + 1.5 * HOUR


def test_reminder_update_without_a_tick_stops_them(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    choose(alice)

    response = save(alice_client, morning_at="06:00")

    assert due_at(alice) is None
    assert "Next reminder" not in text_of(response)


def test_reminder_update_chooses_again_what_was_stopped(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    choose(alice)
    MailChoice.objects.all().stop(NOON)

    response = save(alice_client, morning="on", morning_at="06:15")

    assert "Next reminder at 6:15 a.m. on Wednesday, March 17." in text_of(response)


def test_reminder_update_before_two_weeks_begin_says_that_none_is_due(
    alice_client: Client, alice: User
) -> None:
    response = save(alice_client, morning="on")

    assert "None is due" in text_of(response)
    assert due_at(alice) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"morning": "on", "morning_at": ""},
        {"morning": "on", "morning_at": "25:00"},
        {"morning_at": "x" * 100_000},
        {"evening": "on", "evening_at": "8\0"},
        {"evening": "on", "weekdays": []},
        {"evening": "on", "weekdays": ["7"]},
        {"evening": "on", "weekdays": ["0", "x"]},
    ],
)
def test_reminder_update_refuses_nonsense_and_keeps_what_is_stored(
    fields: dict[str, object], alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    choose(alice)

    response = save(alice_client, **fields)

    assert response.status_code == 422
    assert "to fix" in text_of(response) or "alert--error" in text_of(response)
    assert due_at(alice) == datetime(2027, 3, 8, 6, 30, tzinfo=UTC)


def test_reminder_update_changes_nobody_elses(
    alice_client: Client, alice: User, bob: User, enrollment: Enrollment
) -> None:
    choose(bob)

    save(alice_client, morning="", user=bob.pk)

    assert MailChoice.objects.get(user=bob).is_wanted


@pytest.mark.parametrize("ticks", [{}, {"morning": "on"}, {"morning": "on", "evening": "on"}])
def test_enrollment_create_asks_and_takes_no_answer_for_none(
    ticks: dict[str, str], client: Client, erin: User, noon: time_machine.Traveller
) -> None:
    client.force_login(erin)
    form = text_of(client.get("/enrollments/new/"))
    assert "Shall we remind you by email?" in form
    assert not re.search(r'name="(morning|evening)"[^>]*checked', form)

    fields = {
        "statement": "Open it",
        "start": "today",
        "time_zone": "Europe/Stockholm",
        "day_end_hour": "0",
        "morning_at": "07:30",
        "evening_at": "20:00",
    }
    client.post("/enrollments/new/", {**fields, **ticks})

    wanted = MailChoice.objects.owned_by(erin).wanted()
    assert {choice.kind for choice in wanted} == ticks.keys()
    assert all(choice.next_due_at and choice.next_due_at > NOON for choice in wanted)


# --- When one is due follows what it depends on --------------------------------------------------


def test_due_follows_the_zone(alice_client: Client, alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    fields = {"display_name": "Alice", "day_end_hour": "0", "theme": ""}

    alice_client.post("/settings/", {**fields, "time_zone": "Asia/Tokyo"})

    assert due_at(alice) == datetime(2027, 3, 16, 22, 30, tzinfo=UTC)


def test_due_follows_a_pause_and_its_end(alice: User, enrollment: Enrollment) -> None:
    choose(alice)

    Pause.objects.put_pause(enrollment, back_on=date(2027, 3, 20), now=NOON)
    paused = due_at(alice)
    Pause.objects.end_pause(Enrollment.objects.get(), now=NOON)

    assert paused == datetime(2027, 3, 20, 6, 30, tzinfo=UTC)
    assert due_at(alice) == MORNING + 24 * HOUR


def test_due_follows_a_new_start_and_a_first_day_that_moves(
    alice: User, enrollment: Enrollment
) -> None:
    choose(alice)

    later = enrollment.restart(now=NOON, starts_on=date(2027, 4, 5))
    restarted = due_at(alice)
    later.start_on(date(2027, 4, 7), now=NOON)

    assert restarted == datetime(2027, 4, 5, 5, 30, tzinfo=UTC)
    assert due_at(alice) == datetime(2027, 4, 7, 5, 30, tzinfo=UTC)


def test_due_ends_with_the_two_weeks(alice: User, enrollment: Enrollment) -> None:
    choose(alice)

    enrollment.end(NOON)

    assert due_at(alice) is None


def test_repair_puts_right_what_a_change_forgot(alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    choose(alice, "evening", time(20))
    MailChoice.objects.filter(kind="morning").update(next_due_at=None)
    MailChoice.objects.filter(kind="evening").update(next_due_at=NOON + 99 * HOUR)

    assert repair(NOON) == 2
    assert repair(NOON) == 0
    assert due_at(alice) == MORNING + 24 * HOUR
    assert due_at(alice, "evening") == EVENING


# --- The scan -------------------------------------------------------------------------------------


def test_scan_intends_one_mail_and_says_when_the_next_is_due(
    alice: User, enrollment: Enrollment
) -> None:
    choose(alice)
    MailChoice.objects.all().reschedule(MORNING - HOUR)

    for minutes in range(-2, 5):
        queue_due(MORNING + timedelta(minutes=minutes))

    mail = OutgoingMail.objects.get()
    assert mail.key == f"morning:{enrollment.pk}:2027-03-16"
    assert mail.payload == {"enrollment": enrollment.pk, "day": "2027-03-16"}
    assert (mail.not_before, mail.not_after) == (MORNING, MORNING + 6 * HOUR)
    assert due_at(alice) == MORNING + 24 * HOUR


def test_scan_ten_times_over_intends_one(alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    for _time in range(10):
        MailChoice.objects.update(next_due_at=MORNING)
        queue_due(MORNING)

    assert len(keys()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_intend_one_for_each() -> None:
    for number in range(30):
        user = make_user(name=f"P{number}")
        make_enrollment(participant=user)
        choose(user)
    MailChoice.objects.update(next_due_at=MORNING)

    def tick() -> None:
        queue_due(MORNING)

    for _tick in range(10):
        race_together(tick)

    assert len(keys()) == len(set(keys())) == 30


def test_scan_leaves_out_who_stopped_or_paused_meanwhile(
    alice: User, bob: User, enrollment: Enrollment
) -> None:
    choose(alice)
    Pause.objects.create(
        enrollment=enrollment,
        starts_on=date(2027, 3, 16),
        ends_on=date(2027, 3, 17),
        created_at=NOON,
    )
    choose(bob)  # without two weeks
    MailChoice.objects.update(next_due_at=MORNING)

    queue_due(MORNING)

    assert keys() == []
    assert due_at(alice) == datetime(2027, 3, 18, 6, 30, tzinfo=UTC)
    assert due_at(bob) is None


@pytest.mark.parametrize("people", [10, 10_000])
def test_scan_asks_the_same_however_many_are_not_due(
    people: int, alice: User, enrollment: Enrollment
) -> None:
    users = User.objects.bulk_create(User(email=f"p{n}@example.org") for n in range(people))
    MailChoice.objects.bulk_create(
        MailChoice(
            user=user, kind="morning", at=time(7, 30), chosen_at=NOON, next_due_at=NOON + HOUR
        )
        for user in users
    )
    choose(alice)
    MailChoice.objects.filter(user=alice).update(next_due_at=MORNING)

    with CaptureQueriesContext(connection) as nobody:
        queue_due(MORNING - HOUR)
    with CaptureQueriesContext(connection) as one:
        queue_due(MORNING)

    asked = [query["sql"] for query in nobody if query["sql"].startswith("SELECT")]
    assert len(asked) == 1
    assert len(one) == 13, [query["sql"][:90] for query in one]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE program_mailchoice")
        cursor.execute(f"EXPLAIN {asked[0]}")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert people < 1000 or "Seq Scan on program_mailchoice" not in plan


@pytest.mark.parametrize("hours", [36, 44])
def test_after_an_outage_nobody_gets_more_than_one(hours: int, db: None) -> None:
    """C3: of a thousand people, and none that is stale."""
    zones = ["Europe/Stockholm", "Asia/Kolkata", "America/New_York"]
    users = User.objects.bulk_create(
        User(email=f"p{n}@example.org", time_zone=zones[n % 3]) for n in range(1000)
    )
    Enrollment.objects.bulk_create(
        Enrollment(participant=user, starts_on=date(2027, 3, 8), created_at=NOON) for user in users
    )
    MailChoice.objects.bulk_create(
        MailChoice(user=user, kind=kind, at=at, chosen_at=NOON)
        for user in users
        for kind, at in (("morning", time(7, 30)), ("evening", time(20)))
    )
    back_at = NOON + hours * HOUR
    repair(NOON)

    queue_due(back_at)

    sent, skipped = [], 0
    for mail in OutgoingMail.objects.select_related("user"):
        is_in_time = mail.not_after > back_at
        if is_in_time and outbox.KINDS[mail.kind].compose(mail, back_at):
            sent.append(mail)
        else:
            skipped += 1
    most = max(Counter(mail.user_id for mail in sent).values())
    stale = [mail for mail in sent if mail.payload["day"] != _today(mail, back_at)]
    outage = f"after {hours} hours without a worker, 1,000 people"
    sums = f"{len(sent)} sent and {skipped} skipped"
    figure(
        f"C3/{hours}",
        f"most reminders a person: {outage}, {sums}",
        most,
        bar="<= 1",
        holds=most <= 1,
    )
    figure(f"C3/{hours}/stale", f"of another day: {outage}", len(stale), bar="0", holds=not stale)
    assert (most, stale) == (1, [])
    assert len(sent) >= 333
    assert skipped >= 1000


def _today(mail: OutgoingMail, now: datetime) -> str:
    assert mail.user
    return str(local_date(now, mail.user.zone))


# --- The mail -------------------------------------------------------------------------------------


def composed(kind: str, enrollment: Enrollment, now: datetime) -> EmailMessage | None:
    """As a mail program reads it."""
    mail = OutgoingMail(
        kind=kind,
        to=enrollment.participant.email,
        user=enrollment.participant,
        payload={"enrollment": enrollment.pk, "day": "2027-03-16"},
    )
    message = outbox.KINDS[kind].compose(mail, now)
    if message is None:
        return None
    assert isinstance(message, EmailMultiAlternatives)
    parsed = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(mail: EmailMessage | None, kind: str) -> str:
    assert mail
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content())


def test_morning_mail_says_what_today_holds(alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    make_entry(enrollment=enrollment, practice="request", day=date(2027, 3, 15))

    mail = composed("morning", enrollment, MORNING)

    assert mail
    assert mail["Subject"] == "Day 9: six new stones"
    assert mail["To"] == "alice@example.org"
    for text in (part(mail, "plain"), part(mail, "html")):
        assert "Tuesday, March 16" in text
        assert "Good morning, Alice. Who could help most and has not been asked yet?" in text
        assert "Tell two people" in text
        assert "You have made 1 request this week. 4 more, and step ten is in place." in text
        assert "You asked for this at 7:30 a.m., Stockholm time." in text
        assert "http://localhost:8000/today/" in text
    assert part(mail, "html").count('"open-stone"') == 6


def test_evening_mail_says_what_is_still_open(alice: User, enrollment: Enrollment) -> None:
    choose(alice, "evening", time(20))
    for practice in ("share", "act"):
        for place in (1, 2):
            make_entry(enrollment=enrollment, practice=practice, place=place)
    make_entry(enrollment=enrollment, practice="request", place=1)

    mail = composed("evening", enrollment, EVENING)

    assert mail
    assert mail["Subject"] == "Day 9: 1 stone still open"
    assert "Good evening, Alice. This is still open today:" in part(mail, "plain")
    assert "Request: Make two requests (one open)" in part(mail, "plain")
    assert "Share" not in part(mail, "plain")


@pytest.mark.parametrize("kind", ["morning", "evening"])
def test_who_is_done_is_left_alone(kind: str, alice: User, enrollment: Enrollment) -> None:
    choose(alice, kind, time(7, 30))
    for practice in ("share", "act", "request"):
        for place in (1, 2):
            assert composed(kind, enrollment, EVENING)
            make_entry(enrollment=enrollment, practice=practice, place=place)

    assert composed(kind, enrollment, EVENING) is None


def test_mail_is_not_composed_once_it_was_stopped_or_the_day_is_over(
    alice: User, enrollment: Enrollment
) -> None:
    choose(alice)
    assert composed("morning", enrollment, MORNING)

    assert composed("morning", enrollment, MORNING + 17 * HOUR) is None
    Pause.objects.put_pause(enrollment, back_on=date(2027, 3, 18), now=MORNING)
    assert composed("morning", enrollment, MORNING) is None
    Pause.objects.all().delete()
    assert composed("morning", enrollment, MORNING)
    User.objects.update(is_active=False)
    assert composed("morning", enrollment, MORNING) is None
    User.objects.update(is_active=True)
    MailChoice.objects.all().stop(MORNING)
    assert composed("morning", enrollment, MORNING) is None


def test_morning_mail_gives_way_to_one_of_the_evening_that_is_due(
    alice: User, enrollment: Enrollment
) -> None:
    choose(alice)
    choose(alice, "evening", time(9))

    assert composed("morning", enrollment, MORNING)
    assert composed("morning", enrollment, MORNING + 2 * HOUR) is None
    assert composed("evening", enrollment, MORNING + 2 * HOUR)


def test_mail_holds_nothing_that_was_put_down(alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    make_entry(enrollment=enrollment, practice="share", line="Canary Ruth")

    mail = composed("morning", enrollment, MORNING)

    assert mail
    for secret in ("Canary", "repair corner", "toaster", "Things should last"):
        assert secret not in mail.as_string()


@pytest.mark.parametrize("kind", ["morning", "evening"])
def test_mail_carries_what_a_mail_program_needs_to_stop_it(
    kind: str, alice: User, enrollment: Enrollment
) -> None:
    choose(alice, kind, time(7, 30))
    mail = composed(kind, enrollment, EVENING)
    assert mail
    url = re.fullmatch(r"<http://localhost:8000(/.+)>", mail["List-Unsubscribe"])
    assert url
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    response = Client(enforce_csrf_checks=True).post(url[1], {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert not MailChoice.objects.get(kind=kind).is_wanted
    assert url[1] in part(mail, "plain")


def test_every_link_of_a_mail_leads_to_a_page(alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    mail = composed("morning", enrollment, MORNING)
    links = set(re.findall(r'href="([^"]+)"', part(mail, "html")))

    assert len(links) == 5
    for link in links:
        response = Client().get(link.removeprefix("http://localhost:8000") or "/")
        assert response.status_code in {200, 302}
        assert not response.cookies.get("session")


def test_mail_has_colors_for_the_dark(alice: User, enrollment: Enrollment) -> None:
    choose(alice)
    html = part(composed("morning", enrollment, MORNING), "html")

    assert "prefers-color-scheme: dark" in html.replace(
        "prefers-color-scheme:dark", "prefers-color-scheme: dark"
    )
    assert re.search(r'class="button"[^>]*style="[^"]*background', html)
