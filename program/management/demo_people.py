"""The people of the demo: invented, all of them, and so is every line."""

from dataclasses import dataclass, field

from program.models import DailyEntry

DOMAIN = "demo.example"


@dataclass(frozen=True)
class Known:
    """Somebody in a person's list; `role` is evangelist, advisor or supporter."""

    name: str
    note: str
    role: str


@dataclass(frozen=True)
class Moment:
    day: int
    title: str = ""
    before: str = ""
    moment: str = ""
    after: str = ""

    def words(self) -> dict[str, str]:
        return {name: words for name, words in vars(self).items() if name != "day"}


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
    # Days from today on that are none of the fourteen.
    pause: int = 0
    known: tuple[Known, ...] = ()
    moments: tuple[Moment, ...] = ()
    # State and note of the steps from the first on.
    steps: tuple[tuple[str, str], ...] = ()
    # Question, who might know, answer.
    needs: tuple[tuple[str, str, str], ...] = ()
    finish: dict[str, str] = field(default_factory=dict)
    # The goal of two weeks before these, which have ended.
    earlier: str = ""

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
        known=(
            Known(
                "Ruth Adeyemi", "Tells everybody, and knows who has a key to what.", "evangelist"
            ),
            Known("Mr. Abara", "Runs the depot. Likes things in writing.", "advisor"),
            Known("Pia", "From the choir. Carries anything.", "supporter"),
        ),
        moments=(
            Moment(
                8,
                title="One sentence",
                before="I had rehearsed asking for the key for a week.",
                moment="Mr. Abara said: of course, I wondered when somebody would ask.",
                after="I ask first now, and worry later.",
            ),
            Moment(
                6, moment="My dentist offered his old workbench. I had only told him to pass time."
            ),
        ),
        steps=(
            ("in_place", "Tools, shelves, the depot, Saturdays."),
            ("in_place", ""),
            ("begun", "Wednesday evenings: no series, the list instead."),
            ("not_begun", ""),
            ("in_place", "The ladder stands in our hall. Nobody can overlook it."),
            ("begun", ""),
        ),
        needs=(
            ("Does the depot's insurance cover visitors?", "Mr. Abara", ""),
            (
                "How do other tool libraries lend?",
                "The one in the next town",
                "Two weeks, no fines.",
            ),
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
        known=(
            Known(
                "Madame Colin",
                "Head of the school. Asked three questions, then said yes.",
                "advisor",
            ),
            Known("Bastien", "Has a van, and a back.", "supporter"),
        ),
        moments=(
            Moment(
                11,
                title="It was in the cellar",
                before="Eleven people had said: what a pity, no room.",
                moment="Madame Colin took me downstairs and switched on a light: wool, everywhere.",
                after="I stopped describing the loom and started describing what it makes.",
            ),
            Moment(4, moment="The baker cried. Her mother wove."),
        ),
        steps=tuple(("in_place", "") for _number in range(7)),
        finish={
            "whereabouts": "there",
            "gave_way": "Going there in person. Nobody says no to a loom in the door.",
            "glad_of": "Asking Bastien for the van before I knew where to drive it.",
            "keep_doing": "Telling strangers what I am looking for.",
        },
        earlier="Learn to warp it myself, before I give it away",
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
        totals="000 000 111 110 000 000 000 000",
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
        totals="101 110 011 101",
        statement="Play chess with somebody who is not a computer",
        why="I miss the coughing.",
        pause=4,
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
SIZES = ("easy", "stretch", "easy", "", "unreasonable")
