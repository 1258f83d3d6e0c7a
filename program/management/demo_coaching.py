"""The coach of the demo, and who walks in which of her cohorts."""

from dataclasses import dataclass

from program.management.demo_people import DOMAIN
from program.models import Scope

COACH_NAME, COACH_EMAIL, COACH_ZONE = "Marta Okonjo", f"marta@{DOMAIN}", "Europe/Lisbon"


@dataclass(frozen=True)
class DemoCohort:
    """`scopes`: first names, and what each lets the coach see (None: nothing)."""

    name: str
    welcome: str
    scopes: dict[str, Scope | None]
    # Whose first day is the cohort's; without, each starts when they like.
    starts_with: str = ""


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
    ),
    DemoCohort(
        name="The Thursday workshop",
        welcome="We meet on Thursdays; the two weeks run in between.",
        scopes={"Sam": Scope.COUNTS, "Imre": None},
        starts_with="Sam",
    ),
)
