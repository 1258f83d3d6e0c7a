"""People in different states of their two weeks, to look at on a fresh installation.

Everybody here is invented, and so is every line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from program.models import DailyEntry, Enrollment, Reflection

PASSWORD = "stones on a ridge"  # noqa: S105 - public on purpose, for a demo on one's own machine
DOMAIN = "demo.example"


@dataclass(frozen=True)
class Person:
    """`day` is the program day it is for them today: 1-14, 0 or less before, 15 or more after.

    `totals` is what they put down on each day so far, today last, each as share-act-request.
    """

    name: str
    zone: str
    day: int
    totals: str
    statement: str
    why: str = ""
    measure: str = ""
    reflection: str = ""
    lines: tuple[tuple[str, str], ...] = ()

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@{DOMAIN}"


PEOPLE = [
    Person(
        name="Nora Fields",
        zone="America/Chicago",
        day=9,
        totals="211 222 221 111 000 101 322 212 111",
        statement="Start a tool library in the old bus depot",
        why="Half our street owns a drill and nobody owns a ladder.",
        measure="Thirty tools on a shelf, two people with a key, doors open on one Saturday.",
        reflection="Asking for the key took one sentence. I had rehearsed it for a week.",
        lines=(
            ("share", "Ruth, while we waited for the bus"),
            ("act", "Measured the depot door for shelves"),
            ("request", "Mr. Abara: may we use the depot on Saturdays?"),
            ("share", "The whole choir, in the break"),
            ("act", "Wrote the list of the first ten tools"),
            ("request", "Ruth: your brother's number, he mends mowers"),
            ("share", "My dentist, of all people"),
            ("act", "Carried the ladder over"),
            ("request", "Hardware store: last year's demo drills"),
        ),
    ),
    Person(
        name="Teo Marin",
        zone="Europe/Madrid",
        day=1,
        totals="000",
        statement="Sing one song of mine in front of people",
        why="I have written forty and nobody has heard one.",
        measure="One open-mic evening, one song, start to end.",
    ),
    Person(
        name="Asha Rao",
        zone="Asia/Kolkata",
        day=14,
        totals="222 222 232 122 222 221 222 111 212 222 322 222 122 222",
        statement="Have the school's rain barrel built before the monsoon",
        why="The garden dies every May, and the children notice.",
        measure="A barrel on its stand and a tap that a six-year-old can turn.",
        reflection="It was never about the barrel. Eleven parents know each other now.",
    ),
    Person(
        name="Ben Okoro",
        zone="Africa/Lagos",
        day=6,
        totals="222 112 000 000 011 100",
        statement="Ask for the transfer to the design team",
        why="I draw every evening and I sort parcels every day.",
        measure="A date on which somebody decides.",
    ),
    Person(
        name="Ingrid Solberg",
        zone="Europe/Oslo",
        day=12,
        totals="111 121 112 211 111 111 210 111 112 211 121 110",
        statement="Walk to the sea with my father",
        why="He says next year, every year.",
        measure="Our boots, wet.",
    ),
    Person(
        name="Wiremu Kahu",
        zone="Pacific/Auckland",
        day=4,
        totals="221 332 222 221",
        statement="Open the boat shed for a Friday workshop",
        why="Three people here can still lash a hull, and they are all past seventy.",
        measure="Six pairs of hands on the first Friday.",
    ),
    Person(
        name="Lucie Perrin",
        zone="Europe/Paris",
        day=15,
        totals="221 122 222 011 222 212 122 000 112 221 222 112 222 232",
        statement="Find a home for my grandmother's loom",
        why="It should be used, not dusted.",
        measure="Somebody weaving on it.",
        reflection="A school with a cellar full of wool. They had been looking for two years.",
    ),
    Person(
        name="Sam Whitfield",
        zone="America/Denver",
        day=-2,
        totals="",
        statement="Tell my partners that I want to teach",
        why="The days I train somebody are the days I whistle on the way home.",
    ),
    Person(
        name="Yuna Seo",
        zone="Asia/Seoul",
        day=8,
        totals="000 000 111 000 000 100 010 000",
        statement="Finish the comic I stopped at page twelve",
        why="Page thirteen is the one I wanted to draw.",
    ),
    Person(
        name="Mattias Berg",
        zone="Europe/Stockholm",
        day=3,
        totals="222 222 100",
        statement="Get the crossing at the school painted",
        measure="White stripes.",
    ),
    Person(
        name="Rosa Alvarez",
        zone="America/Bogota",
        day=11,
        totals="112 211 212 122 222 221 111 000 222 122 211",
        statement="Sell the first ten jars of my hot sauce to strangers",
        why="My family likes everything I cook. I want to know.",
        measure="Ten jars, ten names I did not know before.",
    ),
    Person(
        name="Imre Toth",
        zone="Europe/Budapest",
        day=5,
        totals="101 110 011 101 000",
        statement="Play chess with somebody who is not a computer",
        why="I miss the coughing.",
    ),
]

# For days without lines of their own.
LINES = {
    DailyEntry.Practice.SHARE: (
        "My neighbor, over the fence",
        "Told the group on Tuesday evening",
        "A stranger on the train, she asked twice",
        "My sister, on the phone",
        "The man at the copy shop",
        "Two colleagues, at lunch",
        "An old teacher of mine",
    ),
    DailyEntry.Practice.ACT: (
        "Wrote the first half page",
        "Rang the office and got a name",
        "Cleared the table and made a start",
        "Went there and looked at it",
        "Made the list shorter",
        "Put a date in the calendar",
        "Sent the photos",
    ),
    DailyEntry.Practice.REQUEST: (
        "Could you introduce us?",
        "An hour of your time on Thursday",
        "A room, once, for nothing",
        "What would you do first?",
        "May I call you when I am stuck?",
        "Who else should I ask?",
        "Read this and tell me where you stop",
    ),
}
ANSWERS = {
    "The man at the copy shop": "Ask the scouts, they have a shed full of things",
    "My neighbor, over the fence": "She knows somebody at the town hall",
    "Two colleagues, at lunch": "One of them wants to come along",
}
OUTCOMES = ("granted", "waiting", "declined", "granted", "countered")


class Command(BaseCommand):
    help = "Load a demo: a dozen people in different states of their two weeks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when there are accounts already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["if_empty"] and User.objects.exists()):
            with transaction.atomic():
                for person in PEOPLE:
                    _create(person, timezone.now())
        if User.objects.filter(email=PEOPLE[0].email).exists():
            self.stdout.write(f"Demo accounts, all with the password “{PASSWORD}”:")
            for person in PEOPLE[:4]:
                self.stdout.write(f"  {person.email:<22} {_state(person)}")
            self.stdout.write(f"  and {len(PEOPLE) - 4} more, in demo.py")


def _state(person: Person) -> str:
    return f"day {person.day} of 14, {person.zone}"


def _create(person: Person, now: datetime) -> None:
    user = User.objects.create_user(
        person.email, PASSWORD, display_name=person.name, time_zone=person.zone
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    today = Enrollment(participant=user).today(now)
    enrollment = Enrollment.begin(
        participant=user,
        starts_on=today - timedelta(days=person.day - 1),
        statement=person.statement,
        why=person.why,
        measure=person.measure,
        now=now - timedelta(days=max(person.day, 1)),
    )
    own_lines = _own_lines(person)
    outcomes = cycle(OUTCOMES)
    for day, total in zip(enrollment.dates, person.totals.split(), strict=False):
        for practice, count in zip(DailyEntry.Practice, total, strict=True):
            for number in range(1, int(count) + 1):
                line = next(own_lines[practice])
                DailyEntry.objects.save_entry(
                    enrollment=enrollment,
                    client_id=enrollment.stone_id(day, practice, number),
                    day=day,
                    practice=practice,
                    placed=True,
                    line=line,
                    answer=ANSWERS.get(line),
                    outcome=next(outcomes) if practice == DailyEntry.Practice.REQUEST else None,
                    now=now,
                )
    if person.reflection:
        last_day = min(today, enrollment.dates[-1])
        Reflection.objects.save_text(
            enrollment=enrollment, day=last_day, text=person.reflection, based_on=0, now=now
        )


def _own_lines(person: Person) -> dict[str, Iterator[str]]:
    """Lines by practice without end: the person's own first, then those for everybody."""
    shift = len(person.name)
    lines: dict[str, Iterator[str]] = {}
    for practice, everybodys in LINES.items():
        own = [line for kind, line in person.lines if kind == practice]
        lines[practice] = cycle([*own, *everybodys[shift % 7 :], *everybodys[: shift % 7]])
    return lines
