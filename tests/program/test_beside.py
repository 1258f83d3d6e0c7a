"""What stands beside a day's entries: its prompt, a step, whom to ask again, whom a line names."""

from datetime import date

import pytest
import time_machine
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from program import prompts
from program.models import DailyEntry, Enrollment, Person, StepProgress
from tests.factories import NOON, make_cohort, make_enrollment, make_entry
from tests.posting import text_of

TODAY = date(2027, 3, 16)  # day 9
YESTERDAY = date(2027, 3, 15)


def test_each_day_shows_its_own_prompt(alice_client: Client, enrollment: Enrollment) -> None:
    today, yesterday = (escape(prompts.day(number).prompt) for number in (9, 8))

    assert today in text_of(alice_client.get("/today/"))
    page = text_of(alice_client.get(f"/days/{YESTERDAY}/"))
    assert yesterday in page
    assert today not in page


def test_today_suggests_a_step_that_is_not_in_place(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for number in (1, 2, 3, 4, 5, 6, 8, 9):
        StepProgress.objects.mark(enrollment=enrollment, number=number, state="in_place", now=NOON)

    page = text_of(alice_client.get("/today/"))

    assert "A step for today" in page
    assert 'href="/steps/#step-7"' in page
    assert "A step for today" not in text_of(alice_client.get(f"/days/{YESTERDAY}/"))


def test_today_suggests_nothing_once_all_are_in_place(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for number in range(1, 10):
        StepProgress.objects.mark(enrollment=enrollment, number=number, state="in_place", now=NOON)
    for place in range(1, 6):
        make_entry(enrollment=enrollment, practice="request", place=place, day=YESTERDAY)

    assert "A step for today" not in text_of(alice_client.get("/today/"))


@pytest.mark.parametrize(
    ("follow_up_on", "outcome", "is_due"),
    [
        (date(2027, 3, 15), "waiting", True),
        (date(2027, 3, 16), "unanswered", True),
        (date(2027, 3, 17), "waiting", False),
        (date(2027, 3, 15), "declined", False),
        (None, "waiting", False),
    ],
)
def test_today_says_whom_to_ask_again(
    alice_client: Client,
    enrollment: Enrollment,
    follow_up_on: date | None,
    outcome: str,
    is_due: bool,
) -> None:
    entry = make_entry(
        enrollment=enrollment, practice="request", day=YESTERDAY, line="A ladder", outcome=outcome
    )
    DailyEntry.objects.filter(pk=entry.pk).update(follow_up_on=follow_up_on)

    page = text_of(alice_client.get("/today/"))

    assert ("A ladder" in page) is is_due
    assert (f'href="/requests/#request-{entry.client_id}"' in page) is is_due


def test_requests_of_others_are_nobody_elses_to_ask_again(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    entry = make_entry(
        enrollment=make_enrollment(participant=bob), practice="request", line="Bob's ladder"
    )
    DailyEntry.objects.filter(pk=entry.pk).update(follow_up_on=TODAY)
    Person.objects.create(user=bob, name="Bobs friend", created_at=NOON)

    page = text_of(alice_client.get("/today/"))

    assert "ladder" not in page
    assert "Bobs friend" not in page


def test_lines_suggest_the_names_of_the_list_and_link_to_them(
    alice_client: Client, alice: User, enrollment: Enrollment
) -> None:
    imani = Person.objects.create(user=alice, name="Imani <b>", created_at=NOON)
    gone = Person.objects.create(user=alice, name="Gone", created_at=NOON)
    gone.remove(NOON)
    make_entry(enrollment=enrollment, line="Told Imani <b> on the tram, and Gone")

    page = text_of(alice_client.get("/today/"))

    assert '<option value="Imani &lt;b&gt;">' in page
    assert f'<a class="alone" href="/people/#person-{imani.pk}">Imani &lt;b&gt;</a>' in page
    assert f"#person-{gone.pk}" not in page
    assert page.count('list="names"') == 4  # two shares and two requests


def test_share_says_what_its_answer_was_turned_into(
    alice_client: Client, enrollment: Enrollment
) -> None:
    share = make_entry(enrollment=enrollment, line="Ruth", day=YESTERDAY)
    share.answer = "Ask the scouts"
    share.save()
    made = share.turn_into("act", day=TODAY, now=NOON)

    page = text_of(alice_client.get(f"/days/{YESTERDAY}/"))

    assert (
        f'<a class="alone" href="/days/2027-03-16/#entry-{made.client_id}">It stands under Act</a>'
        in page
    )
    made.remove(NOON)
    assert "It stands under" not in text_of(alice_client.get(f"/days/{YESTERDAY}/"))


def test_day_14_leads_to_the_finish(alice_client: Client, alice: User) -> None:
    make_enrollment(participant=alice, starts_on=date(2027, 3, 3))

    assert 'href="/finish/"' in text_of(alice_client.get("/today/"))
    assert 'href="/finish/"' not in text_of(alice_client.get(f"/days/{YESTERDAY}/"))


def test_today_of_a_coach_without_two_weeks_is_the_coach_home(
    carol: User, noon: time_machine.Traveller
) -> None:
    client = Client()
    client.force_login(carol)
    assert client.get("/today/").headers["Location"] == "/enrollments/new/"

    make_cohort(coach=carol)

    assert client.get("/today/").headers["Location"] == "/coaching/"
