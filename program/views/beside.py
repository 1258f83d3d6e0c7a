"""What stands beside a day's entries: its prompt, a step, whom to ask again, whom a line names."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse

from program import calendar, prompts
from program.curriculum import DAYS, STEPS
from program.models import DailyEntry, Enrollment
from program.models.steps import suggested
from program.names import NameFinder

Context = dict[str, Any]


def beside(enrollment: Enrollment, number: int, *, is_today: bool, week_requests: int) -> Context:
    """For an enrollment of with_beside(); only today suggests a step and says whom to ask again."""
    step = suggested(number, enrollment.steps_in_place, week_requests) if is_today else None
    return {
        "prompt": prompts.day(number),
        "step": step
        and {"number": step, "name": STEPS[step - 1], "guidance": prompts.step(step).guidance},
        "due": enrollment.due if is_today else [],
        "names": enrollment.names,
        "lists_names": bool(enrollment.names),
        "is_last": number == DAYS,
    }


def letters(enrollment: Enrollment, day: date) -> Context:
    """What coaches wrote on the day, oldest first, and which other days hold something unread."""
    notes = [note for note in enrollment.notes if note["day"] == day.isoformat()]
    elsewhere = {note["day"]: note for note in enrollment.notes if note["day"] != day.isoformat()}
    said = sorted(
        [*notes, *enrollment.day_nudges], key=lambda note: datetime.fromisoformat(note["at"])
    )
    return {
        "notes": [_letter(enrollment, note) for note in said],
        "notes_elsewhere": [
            {
                "coach": note["coach"],
                "id": note["id"],
                "day": on,
                "number": enrollment.number_of(on),
            }
            for on, note in sorted((date.fromisoformat(on), note) for on, note in elsewhere.items())
        ],
    }


def _letter(enrollment: Enrollment, note: Context) -> Context:
    reader = enrollment.participant
    written_at = datetime.fromisoformat(note["at"])
    return {
        **note,
        "on": calendar.local_date(written_at, reader.zone, reader.day_end_hour),
        "is_new": note["read_at"] is None,
    }


class PersonFinder:
    """Made once for a page: `names` is what with_beside() annotates."""

    def __init__(self, names: list[dict[str, Any]]) -> None:
        self._by_pk = {person["pk"]: person["name"] for person in names}
        self._finder = NameFinder(self._by_pk.items())

    def of(self, entry: DailyEntry) -> list[Context]:
        """The people whom the entry is about, and those its line names."""
        found = dict.fromkeys([entry.person_id, *self._finder.in_line(entry.line)])
        return [{"pk": pk, "name": self._by_pk[pk]} for pk in found if pk in self._by_pk]


def with_links(places: list[Context], finder: PersonFinder) -> list[Context]:
    """Each of `numbered` with the people its line names, and what its answer was turned into."""
    return [
        {**place, "people": finder.of(place["entry"]), "made": _made(place["entry"])}
        for place in places
    ]


def _made(entry: DailyEntry) -> list[Context]:
    return [
        {
            "practice": made["practice"],
            "name": DailyEntry.Practice(made["practice"]).label,
            "url": f"{reverse('day_detail', args=[date.fromisoformat(made['day'])])}"
            f"#entry-{made['id']}",
        }
        for made in entry.turned
    ]
