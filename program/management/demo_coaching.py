"""The coach of the demo, and who walks in which of her cohorts."""

from dataclasses import dataclass, field

from program.management.demo_people import DOMAIN
from program.models import MembersSee, Scope

COACH_NAME, COACH_EMAIL, COACH_ZONE = "Marta Okonjo", f"marta@{DOMAIN}", "Europe/Lisbon"

# She asked him to coach the first of them with her; a few have let him see something since.
CO_COACH_NAME, CO_COACH_EMAIL = "Jonas Falk", f"jonas@{DOMAIN}"
CO_COACH_SCOPES = {"Asha": Scope.MOMENTS, "Lucie": Scope.ENTRIES, "Rosa": Scope.COUNTS}


@dataclass(frozen=True)
class DemoPost:
    """`comments`: first names, and what each wrote under it."""

    number: int
    title: str
    text: str
    comments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DemoCohort:
    """`scopes`: first names, and what each lets the coach see (None: nothing)."""

    name: str
    welcome: str
    scopes: dict[str, Scope | None]
    # Whose first day is the cohort's; without, each starts when they like.
    starts_with: str = ""
    members_see: MembersSee = MembersSee.NOTHING
    posts: tuple[DemoPost, ...] = field(default=())


COHORTS = (
    DemoCohort(
        name="Spring starters",
        welcome="Small steps, said aloud. I read along, and I answer on weekdays.",
        scopes={
            "Nora": Scope.ENTRIES,
            "Teo": Scope.COUNTS,
            "Asha": Scope.MOMENTS,
            "Ben": Scope.COUNTS,
            "Ingrid": Scope.ENTRIES,
            "Wiremu": Scope.ENTRIES,
            "Lucie": Scope.MOMENTS,
            "Yuna": Scope.COUNTS,
            "Mattias": Scope.ENTRIES,
            "Rosa": Scope.ENTRIES,
        },
        members_see=MembersSee.ENTRIES,
        posts=(
            DemoPost(
                1,
                "Say it to one person",
                "Today it is enough if one person knows what you want.\nPick somebody who is not "
                "in the way of it, and say it in a sentence. Then stop, and listen to what comes.",
                (
                    ("Nora", "I told the driver of the 14. She knew about the depot."),
                    ("Rosa", "My sister laughed, and then she asked when."),
                ),
            ),
            DemoPost(
                5,
                "The third request is the easy one",
                "Two requests a day feel like many. Most of us find that the first costs an hour "
                "of thinking, the second ten minutes, and the third nothing.\nSo ask the third.",
                (
                    ("Ingrid", "The third was for a chair. I got two."),
                    ("Wiremu", "Mine was a no, in four words. I could live with four words."),
                    ("Nora", "Asked for the key at last."),
                ),
            ),
            DemoPost(
                9,
                "Who has not heard of it yet?",
                "Past the middle it is quiet for many. Go through the people you wrote down on the "
                "first days: who of them does not know yet? Tell that one today.",
                (("Lucie", "My old teacher. I will ring her at five."),),
            ),
            DemoPost(
                12,
                "Before the last days",
                "Look at what came back so far, also at what you did not ask for.",
            ),
        ),
    ),
    DemoCohort(
        name="The Thursday workshop",
        welcome="We meet on Thursdays; the two weeks run in between.",
        scopes={"Sam": Scope.COUNTS, "Imre": None},
        starts_with="Sam",
    ),
)
