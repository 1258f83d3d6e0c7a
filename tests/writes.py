"""Every write of the program as its page posts it, and somebody's two weeks to post it at.

A word in braces, in the address or in a field, is an id of the World that is posted at.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from django.test import Client

from accounts.models import User
from program.models import (
    CalendarFeed,
    DailyEntry,
    Enrollment,
    Finish,
    Pause,
    Person,
    PublicPage,
    Reflection,
    StepProgress,
)
from tests.factories import (
    NOON,
    make_enrollment,
    make_moment,
    make_need,
    make_person,
    make_reflection,
)
from tests.posting import HTMX, TODAY, Response
from tests.requesting import make_carried, make_request

Fields = Mapping[str, str]

# What stands in a field names somebody's row, or is the id of a row to be made.
FRESH = "fresh"


@dataclass(frozen=True)
class World:
    """The two weeks of `user`, with a row of everything in them."""

    user: User
    enrollment: Enrollment
    ids: Mapping[str, str]

    def like(self, name: str) -> set[str]:
        """All ids that are written as the one of this name is, of whatever row."""
        is_pk = self.ids[name].isdigit()
        return {
            value
            for other, value in self.ids.items()
            if value.isdigit() == is_pk and other != FRESH and "_version" not in other
        }

    def of_kind(self, name: str) -> set[str]:
        """Those of rows of the same table: `person` and `gone_person` are."""
        kind = name.rpartition("_")[2]
        return {value for other, value in self.ids.items() if other.rpartition("_")[2] == kind}

    def pages(self) -> list[str]:
        return [page.format(**self.ids) for page in PAGES]


@dataclass(frozen=True)
class Write:
    name: str
    path: str
    fields: Fields = field(default_factory=dict)
    at: datetime = NOON
    # It answers with a page and stores nothing.
    stores: bool = True

    def positions(self) -> Iterator[tuple[str, str]]:
        """(where, name of the id) for each id in it: `path` or the name of a field."""
        for where, text in {"path": self.path, **self.fields}.items():
            for name in re.findall(r"{(\w+)}", text):
                if "_version" not in name:
                    yield where, name

    def with_id(self, where: str, name: str, value: str) -> "Write":
        """The same with `value` where the id of this place stood."""
        value = value.replace("{", "{{").replace("}", "}}")
        if where == "path":
            return replace(self, path=self.path.replace(f"{{{name}}}", value))
        return replace(self, fields={**self.fields, where: value})

    def address(self, world: World) -> str:
        return self.path.format(**world.ids)

    def body(self, world: World) -> dict[str, str]:
        return {name: text.format(**world.ids) for name, text in self.fields.items()}

    def post(
        self, client: Client, world: World, *, htmx: bool = False, extra: Fields | None = None
    ) -> Response:
        headers = HTMX if htmx else None
        return client.post(
            self.address(world), self.body(world) | {**(extra or {})}, headers=headers
        )


BEFORE = datetime(2027, 3, 1, 12, tzinfo=UTC)
LAST_DAY = datetime(2027, 3, 23, 12, tzinfo=UTC)  # the pause moves it by two days
AFTER = datetime(2027, 4, 5, 12, tzinfo=UTC)

_ENTRY = f"/days/{TODAY}/entries/"
_GOAL = {"statement": "Open it in May", "why": "It lasts.", "measure": "One toaster."}
_NOTE = {
    "enrollment": "{enrollment}",
    "text": "Written over",
    "version": "1",
    "keep": "",
    "other_version": "",
    "other_text": "",
}
_NEW_ENTRY = {"done": "1", "line": "Later words", "answer": "", "place": "1", "more": ""}
_REMINDERS = {
    "morning": "on",
    "morning_at": "07:15",
    "evening": "on",
    "evening_at": "21:00",
}
_PERSON = {
    "name": "Peder",
    "note": "Knows the mayor",
    "is_evangelist": "on",
    "is_advisor": "on",
    "is_supporter": "on",
}
_NEED = {"question": "Who has the key?", "who": "Peder", "answer": "Ruth"}
_MOMENT = {
    "title": "The key",
    "before": "I asked.",
    "moment": "She gave it.",
    "after": "It opens.",
    "day": str(TODAY),
}
_DRAFT = {
    "to_whom": "Peder",
    "what": "Lend me the ladder",
    "by_when": "Friday",
    "gain": "Cake",
    "draft": "Hello Peder",
    "client_id": "{fresh}",
    "is_listed": "",
}

_REQUEST = {
    "outcome": "countered",
    "initial-outcome": "waiting",
    "answer": "In June",
    "initial-answer": "",
    "follow_up_on": "",
    "initial-follow_up_on": "",
    "line": "Another ladder",
    "initial-line": "A ladder",
    "of_whom": "Somebody new",
    "initial-of_whom": "",
    "size": "stretch",
    "initial-size": "",
}

WRITES = [
    Write(
        "enrollment_create",
        "/enrollments/new/",
        {
            **_GOAL,
            "start": "other",
            "starts_on": "2027-04-07",
            "time_zone": "Asia/Tokyo",
            "day_end_hour": "2",
            "carries_requests": "on",
            **_REMINDERS,
        },
        at=AFTER,
    ),
    # Her days hold something already, so the first of them stays where it is.
    Write("enrollment_start", "/enrollments/start/", at=BEFORE, stores=False),
    Write("enrollment_restart", "/enrollments/restart/", {"enrollment": "{enrollment}"}),
    Write("pause_update", "/pauses/", {"back_on": "2027-03-25"}),
    Write("pause_end", "/pauses/end/"),
    Write(
        "finish_detail",
        "/finish/",
        {
            "whereabouts": "there",
            "gave_way": "The door",
            "glad_of": "The key",
            "keep_doing": "Asking",
            "version": "1",
        },
        at=LAST_DAY,
    ),
    Write("goal_update", "/goals/", {**_GOAL, "based_on": "{goal}"}),
    Write(
        "settings_update",
        "/settings/",
        {
            "display_name": "Somebody",
            "time_zone": "Asia/Tokyo",
            "day_end_hour": "2",
            "theme": "dark",
        },
    ),
    Write("feed_update", "/settings/calendar/", {"at": "09:00", "shows_words": "on"}),
    Write("feed_replace", "/settings/calendar/replace/"),
    Write("feed_remove", "/settings/calendar/remove/"),
    Write(
        "public_page_update",
        "/public/",
        {
            "shown_as": "Somebody",
            "show_goal": "on",
            "show_why": "on",
            "show_map": "on",
            "show_totals": "on",
            "moments": "{moment}",
            "listed": "on",
        },
    ),
    Write("public_page_publish", "/public/publish/", stores=False),
    Write("public_page_replace", "/public/replace/"),
    Write("public_page_remove", "/public/take-down/"),
    Write("share_create", "/share/", {"client_id": "{fresh}", "line": "Ruth"}),
    Write("reminder_update", "/reminders/", {**_REMINDERS, "weekdays": "3"}),
    Write("mail_update", "/settings/mail/", {"coach_note": "on"}),
    # Whoever has begun gets no import, and who has not said again who they are no export.
    Write("export_create", "/settings/export/build/", stores=False),
    Write("import_restore", "/settings/import/restore/", stores=False),
    Write(
        "entry_save",
        _ENTRY + "{act}/",
        {**_NEW_ENTRY, "enrollment": "{enrollment}", "practice": "act", "outcome": ""},
    ),
    Write(
        "entry_save",
        _ENTRY + "{request}/",
        {"enrollment": "{enrollment}", "practice": "request", "outcome": "granted"},
    ),
    Write("entry_remove", _ENTRY + "{share}/remove/", {"enrollment": "{enrollment}"}),
    Write(
        "entry_restore",
        _ENTRY + "{gone_entry}/restore/",
        {"enrollment": "{enrollment}", "opened": ""},
    ),
    Write(
        "entry_turn",
        _ENTRY + "{share}/turn/",
        {"enrollment": "{enrollment}", "answer": "Ask Ruth", "line": "Told Ruth", "into": "act"},
    ),
    Write("request_detail", "/requests/{request}/", _REQUEST),
    Write("request_detail", "/requests/{carried}/", _REQUEST),
    Write("request_draft", "/requests/draft/", _DRAFT, stores=False),
    Write("request_plan", "/requests/plan/", _DRAFT),
    Write("person_create", "/people/add/", {**_PERSON, "client_id": "{fresh}", "version": ""}),
    Write(
        "person_update",
        "/people/{person}/",
        {**_PERSON, "client_id": "{fresh}", "version": "{person_version}"},
    ),
    Write("person_remove", "/people/{person}/remove/"),
    Write("person_restore", "/people/{gone_person}/restore/"),
    Write("person_start", "/people/{person}/start/", {"practice": "share", "client_id": "{fresh}"}),
    Write("need_create", "/people/needs/add/", {**_NEED, "client_id": "{fresh}", "version": ""}),
    Write(
        "need_update",
        "/people/needs/{need}/",
        {**_NEED, "client_id": "{fresh}", "version": "{need_version}"},
    ),
    Write("need_answer", "/people/needs/{need}/answer/", {"answered": "1"}),
    Write("need_remove", "/people/needs/{need}/remove/"),
    Write("need_restore", "/people/needs/{gone_need}/restore/"),
    Write("moment_create", "/moments/add/", {**_MOMENT, "client_id": "{fresh}"}),
    Write(
        "moment_update",
        "/moments/{moment}/",
        {**_MOMENT, "version": "1", "entries": "{act}", "keep": ""},
    ),
    Write("moment_remove", "/moments/{moment}/remove/"),
    Write("moment_restore", "/moments/{gone_moment}/restore/"),
    Write("reflection_save", f"/days/{TODAY}/reflection/", _NOTE),
    Write(
        "step_mark",
        "/steps/4/state/",
        {"enrollment": "{enrollment}", "state": "in_place", "done": ""},
    ),
    Write("step_note", "/steps/4/note/", _NOTE),
    Write(
        "step_attach",
        "/steps/4/evidence/",
        {"enrollment": "{enrollment}", "entry": "{act}", "attached": "1", "picking": ""},
    ),
]


def make_world(user: User) -> World:
    """The words of it hold the first name of the user."""
    name = user.display_name
    ended = make_enrollment(
        participant=user, starts_on=date(2026, 5, 4), statement=f"{name} before", ended=True
    )
    Reflection.objects.save_text(
        enrollment=ended, day=date(2026, 5, 4), text=f"{name} then", based_on=0, now=NOON
    )
    enrollment = make_enrollment(participant=user, statement=f"{name} opens a door")
    carried = make_carried(enrollment, line="A ladder")
    entries = {
        "share": _entry(enrollment, "share", 1, line=f"{name} told Ruth", answer=f"{name} heard"),
        "act": _entry(enrollment, "act", 1, line=f"{name} swept"),
        "request": make_request(enrollment, 1, line="A ladder"),
        "planned": make_request(enrollment, 2, line=f"{name} will ask", placed=False),
        "asked": make_request(enrollment, 3, line=f"{name} asked", of_whom=f"{name}s friend"),
        "gone_entry": _entry(enrollment, "act", 2, line=f"{name} fell"),
    }
    entries["gone_entry"].remove(NOON)
    make_reflection(enrollment=enrollment, text=f"{name} wondered")
    person = make_person(user=user, name=f"{name}s neighbor", note=f"{name} knows")
    gone_person = make_person(user=user, name=f"{name}s foe", removed_at=NOON)
    need = make_need(enrollment=enrollment, question=f"{name} asks who")
    gone_need = make_need(enrollment=enrollment, question=f"{name} asks why", removed_at=NOON)
    moment = make_moment(enrollment=enrollment, title=f"{name} sees")
    moment.entries.add(entries["share"])
    gone_moment = make_moment(enrollment=enrollment, title=f"{name} saw")
    gone_moment.remove(NOON)
    StepProgress.objects.save_note(
        enrollment=enrollment, number=4, text=f"{name} notes", based_on=0, now=NOON
    )
    StepProgress.objects.attach(
        enrollment=enrollment, number=3, entry=entries["act"], wanted=True, now=NOON
    )
    Pause.objects.create(
        enrollment=enrollment,
        starts_on=date(2027, 3, 18),
        ends_on=date(2027, 3, 19),
        created_at=NOON,
    )
    CalendarFeed.objects.open(user, at=time(8), shows_words=True, now=NOON)
    PublicPage.choose(
        enrollment, moments=[moment], now=NOON, shown_as=name, show_goal=True, show_map=True
    ).publish(NOON)
    Finish.objects.create(enrollment=enrollment, gave_way=f"{name} looks back", updated_at=NOON)
    ids = {
        "enrollment": enrollment.public_id,
        "ended": ended.pk,
        "ended_id": ended.public_id,
        "enrollment_pk": enrollment.pk,
        "goal": enrollment.goals.get().pk,
        **{name: entry.client_id for name, entry in entries.items()},
        **{f"{name}_pk": entry.pk for name, entry in entries.items()},
        "carried": carried.client_id,
        "carried_pk": carried.pk,
        "person": person.pk,
        "person_id": person.client_id,
        "person_version": person.version,
        "other_person": Person.objects.get(name=f"{name}s friend").pk,
        "gone_person": gone_person.pk,
        "gone_person_id": gone_person.client_id,
        "need": need.pk,
        "need_id": need.client_id,
        "need_version": need.version,
        "gone_need": gone_need.pk,
        "gone_need_id": gone_need.client_id,
        "moment": moment.client_id,
        "moment_pk": moment.pk,
        "gone_moment": gone_moment.client_id,
        "gone_moment_pk": gone_moment.pk,
        FRESH: uuid.uuid4(),
    }
    found = Enrollment.objects.owned_by(user).current().get()
    return World(user, found, {name: str(value) for name, value in ids.items()})


def _entry(enrollment: Enrollment, practice: str, place: int, **words: str) -> DailyEntry:
    return DailyEntry.objects.save_entry(
        enrollment=enrollment,
        client_id=enrollment.stone_id(TODAY, practice, place),
        day=TODAY,
        practice=practice,
        placed=True,
        line=words["line"],
        answer=words.get("answer"),
        now=NOON,
    )


# Every page of the program, and every way of asking for it.
PAGES = [
    *("/", "/see-a-day/", "/see-a-day/?placed=110100", "/today/", f"/days/{TODAY}/"),
    *("/days/2027-03-08/", "/days/2027-03-18/", "/days/2027-03-23/", "/map/"),
    *("/enrollments/", "/enrollments/{ended}/", "/enrollments/new/", "/goals/", "/settings/"),
    *("/finish/", "/finish/thanks/", "/pauses/", "/pauses/?back_on=2027-03-25", "/steps/"),
    *(f"/steps/{number}/evidence/{query}" for number in (3, 4) for query in ("", "?all")),
    "/steps/4/evidence/?done",
    *(f"/requests/?outcome={key}" for key in ("all", "due", "waiting", "granted", "x")),
    *("/requests/{request}/", "/requests/{planned}/", "/requests/{asked}/", "/requests/{carried}/"),
    *("/requests/", "/requests/draft/", "/requests/draft/?request={asked}"),
    *("/requests/draft/?person={person}", "/people/", "/people/?role=evangelist"),
    *("/people/?role=told", "/people/{person}/", "/people/needs/{need}/"),
    *("/moments/", "/moments/{moment}/", "/settings/access/", "/settings/delete/"),
    *("/settings/export/", "/settings/import/"),
    *("/public/", "/public/preview/", "/public/card/", "/share/"),
]
