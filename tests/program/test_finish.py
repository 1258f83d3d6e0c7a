"""The finish: from day 14 on, what the two weeks came to, and what their owner says of it."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program.models import Breakthrough, DailyEntry, Enrollment, Finish, Person, StepProgress
from tests.factories import NOON, make_enrollment, make_entry, make_reflection
from tests.posting import Response, text_of

STARTS_ON = date(2027, 3, 3)  # so that NOON is day 14
FIELDS = {"whereabouts": "in_sight", "gave_way": "", "glad_of": "The key.", "keep_doing": ""}


@pytest.fixture
def finished(alice: User) -> Enrollment:
    return make_enrollment(participant=alice, starts_on=STARTS_ON)


def save(client: Client, version: int = 0, **fields: str) -> Response:
    return client.post("/finish/", {**FIELDS, "version": version, **fields})


def test_finish_opens_on_day_14(alice_client: Client, enrollment: Enrollment) -> None:
    page = alice_client.get("/finish/")

    assert page.status_code == 200
    assert "This page opens on Sunday, March 21" in text_of(page)
    assert save(alice_client).status_code == 200
    assert not Finish.objects.exists()


@pytest.mark.parametrize("day", [16, 17, 28])
def test_finish_is_there_on_day_14_and_after(
    alice_client: Client, finished: Enrollment, noon: time_machine.Traveller, day: int
) -> None:
    noon.move_to(NOON.replace(day=day))

    assert "You walked all fourteen" in text_of(alice_client.get("/finish/"))


def test_finish_counts_what_was_put_down(alice_client: Client, finished: Enrollment) -> None:
    for place in (1, 2, 3):
        make_entry(enrollment=finished, practice="share", place=place)
    make_entry(enrollment=finished, practice="act", placed=False, line="Never done")
    ruth = Person.objects.create(user=finished.participant, name="Ruth", created_at=NOON)
    yes = make_entry(enrollment=finished, practice="request", line="A ladder", outcome="granted")
    DailyEntry.objects.filter(pk=yes.pk).update(size="stretch", person=ruth)
    make_entry(enrollment=finished, practice="request", place=2, outcome="declined")
    make_entry(enrollment=finished, practice="request", place=3).remove(NOON)
    StepProgress.objects.mark(enrollment=finished, number=3, state="in_place", now=NOON)
    Breakthrough.objects.create(
        enrollment=finished, day=date(2027, 3, 5), moment="She laughed", created_at=NOON
    )

    page = text_of(alice_client.get("/finish/"))

    assert "4 of 84" in page
    assert "1 of 10" in page
    assert "<b>1</b> Stretch" in page
    assert "<b>1</b> Yes</span><span><b>1</b> No<" in page
    assert "<b>Ruth</b>: A ladder" in page
    assert "Day 3" in page
    assert "She laughed" in page
    assert "Take time" not in page.partition("Steps you left")[2]
    assert "Broadly share" in page.partition("Steps you left")[2]


def test_finish_keeps_what_is_said(alice_client: Client, finished: Enrollment) -> None:
    assert save(alice_client).status_code == 302

    assert Finish.objects.get().said() == {**FIELDS, **dict.fromkeys(Finish.LATER_WORDS, "")}
    page = alice_client.get("/finish/").content.decode()
    assert 'value="in_sight" checked' in page
    assert "The key." in page
    save(alice_client, version=1, keep_doing="Tuesdays.")
    assert Finish.objects.get().keep_doing == "Tuesdays."


def test_finish_of_two_tabs_shows_both_texts(alice_client: Client, finished: Enrollment) -> None:
    save(alice_client, glad_of="From the first tab")

    refused = save(alice_client, glad_of="From the second tab")

    assert refused.status_code == 409
    assert "From the first tab" in text_of(refused)
    assert "From the second tab" in text_of(refused)
    assert Finish.objects.get().glad_of == "From the first tab"
    assert 'name="version" value="1"' in refused.content.decode()
    save(alice_client, version=1, glad_of="From the second tab")
    assert Finish.objects.get().glad_of == "From the second tab"


@pytest.mark.parametrize(
    "fields",
    [
        {"whereabouts": "lost"},
        {"glad_of": "x" * 4001},
        {"glad_of": "NUL \0"},
        {"version": "-1"},
        {"version": "many"},
    ],
)
def test_finish_refuses_bad_input_and_keeps_the_words(
    alice_client: Client, finished: Enrollment, fields: dict[str, str]
) -> None:
    refused = alice_client.post(
        "/finish/", {**FIELDS, "version": "0", "gave_way": "Kept words", **fields}
    )

    assert refused.status_code == 422
    assert "Kept words" in text_of(refused)
    assert not Finish.objects.exists()


@pytest.mark.parametrize("path", ["/finish/", "/finish/thanks/", "/enrollments/"])
def test_pages_of_the_finish_ask_a_fixed_number_of_times(
    alice_client: Client, finished: Enrollment, path: str
) -> None:
    found = []
    for day in (finished.dates[0], finished.dates[1]):
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get(path).status_code == 200
        found.append(len(captured))
        for place in range(1, 20):
            for practice in ("share", "act", "request"):
                make_entry(enrollment=finished, day=day, practice=practice, place=place, line="W")

    assert found[0] == found[1] <= 13


# --- Thanks --------------------------------------------------------------------------------------


def test_thanks_drafts_one_for_each_person_and_sends_nothing(
    alice_client: Client, finished: Enrollment, mailoutbox: list[object]
) -> None:
    imani = Person.objects.create(
        user=finished.participant, name="Imani <b>", is_evangelist=True, created_at=NOON
    )
    ruth = Person.objects.create(user=finished.participant, name="Ruth", created_at=NOON)
    gone = Person.objects.create(user=finished.participant, name="Gone", created_at=NOON)
    Person.objects.filter(pk=gone.pk).update(removed_at=NOON)
    yes = make_entry(enrollment=finished, practice="request", line="A ladder", outcome="granted")
    DailyEntry.objects.filter(pk=yes.pk).update(person=ruth)

    page = alice_client.get("/finish/thanks/").content.decode()

    assert page.index("Dear Ruth") < page.index("Dear Imani &lt;b&gt;")
    assert "I asked you for this: “A ladder”." in page
    assert "when I was not in the room" in page
    assert "Gone" not in page
    assert "mailto:?subject=Thank%20you&amp;body=Dear%20Ruth" in page
    assert f"thanks-{imani.pk}" in page
    assert mailoutbox == []


def test_thanks_without_people_leads_to_the_list(
    alice_client: Client, finished: Enrollment
) -> None:
    assert "Nobody is in your list yet." in text_of(alice_client.get("/finish/thanks/"))


# --- Earlier two weeks ---------------------------------------------------------------------------


def test_enrollment_detail_reads_all_that_was_put_down(
    alice_client: Client, finished: Enrollment
) -> None:
    make_entry(enrollment=finished, practice="request", line="A ladder", outcome="declined")
    make_entry(enrollment=finished, practice="act", placed=False, line="Only thought of")
    make_reflection(enrollment=finished, text="It was easier to ask.")
    save(alice_client)
    finished.restart(now=NOON)

    page = text_of(alice_client.get(f"/enrollments/{finished.pk}/"))

    for words in ("A ladder", "Only thought of", "It was easier to ask.", "The key.", "In sight"):
        assert words in page
    assert "Day 14, Tuesday, March 16" in page
    listed = alice_client.get("/enrollments/").content.decode()
    assert f'href="/enrollments/{finished.pk}/"' in listed
    assert "1 of 84 stones" in listed


@pytest.mark.parametrize(
    ("day", "said"),
    [(5, "Days 4 to 14 were left open."), (15, "Day 14 was left open."), (16, None)],
)
def test_enrollment_detail_leaves_out_the_days_that_never_came(
    alice_client: Client, finished: Enrollment, day: int, said: str | None
) -> None:
    finished.end(NOON.replace(day=day))

    page = text_of(alice_client.get(f"/enrollments/{finished.pk}/"))

    assert page.count("A level stretch of path.") == day - 2
    assert said in page if said else "left open." not in page


def test_enrollment_detail_of_the_current_or_somebody_elses_is_not_found(
    alice_client: Client, finished: Enrollment, bob: User
) -> None:
    bobs = make_enrollment(participant=bob)
    bobs.restart(now=NOON)

    assert alice_client.get(f"/enrollments/{finished.pk}/").status_code == 404
    assert alice_client.get(f"/enrollments/{bobs.pk}/").status_code == 404
    assert "Bob" not in text_of(alice_client.get("/enrollments/"))


# --- Another two weeks ---------------------------------------------------------------------------

ANOTHER = {
    "statement": "The next thing",
    "start": "today",
    "time_zone": "Europe/Stockholm",
    "day_end_hour": "0",
}


@pytest.mark.parametrize("is_ticked", [True, False])
def test_another_two_weeks_take_waiting_requests_along_when_asked_to(
    alice_client: Client,
    finished: Enrollment,
    noon: time_machine.Traveller,
    is_ticked: bool,
) -> None:
    waiting = make_entry(enrollment=finished, practice="request", line="The key")
    answered = make_entry(
        enrollment=finished, practice="request", place=2, line="A room", outcome="declined"
    )
    noon.move_to(NOON.replace(day=20))
    assert "Take the request along" in text_of(alice_client.get("/enrollments/new/"))

    ticked = {"carries_requests": "on"} if is_ticked else {}
    assert alice_client.post("/enrollments/new/", {**ANOTHER, **ticked}).status_code == 302

    anew = Enrollment.objects.current().get()
    waiting.refresh_from_db()
    answered.refresh_from_db()
    assert waiting.carried_into == (anew if is_ticked else None)
    assert answered.carried_into is None
    assert ("The key" in text_of(alice_client.get("/requests/"))) is is_ticked


def test_another_two_weeks_say_nothing_of_requests_when_none_waits(
    alice_client: Client, finished: Enrollment, noon: time_machine.Traveller
) -> None:
    noon.move_to(NOON.replace(day=20))

    assert "along" not in text_of(alice_client.get("/enrollments/new/"))
