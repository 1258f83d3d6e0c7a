"""How often the two hottest requests ask the database, and what it does alone."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from benchmarks import people
from benchmarks.visits import BROWSER
from breakthrough.embedded_postgres.server import bin_dir
from program.curriculum import MAX_ENTRIES_PER_PRACTICE_AND_DAY
from program.models import DailyEntry, Enrollment
from program.models.entries import _SAVE_ENTRY
from tests.figures import figure

FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
TODAY_AT_MOST, TAP_AT_MOST = 6, 5


def tell(full: Enrollment) -> Enrollment:
    """Of somebody with fourteen full days, and of somebody who begins today, who is returned."""
    now = timezone.now()
    empty = Enrollment.begin(
        participant=User.objects.create_user("newcomer@example.org", display_name="Teo Brandt"),
        starts_on=now.date(),
        statement="Open a repair corner in the library",
        now=now,
    )
    today = [_queries(weeks, "GET") for weeks in (full, empty)]
    taps = [_queries(weeks, "POST") for weeks in (full, empty)]
    for name, found, most in (("Today", today, TODAY_AT_MOST), ("a check-off", taps, TAP_AT_MOST)):
        figure(
            "queries",
            f"Queries of {name}, with 84 entries and with none",
            ", ".join(map(str, found)),
            bar=f"the same, <= {most}",
            holds=max(found) <= most and len(set(found)) == 1,
        )
    DailyEntry.objects.of(empty).delete()
    return empty


def _queries(enrollment: Enrollment, method: str) -> int:
    client = Client(headers=BROWSER)
    client.force_login(enrollment.participant)
    day = enrollment.today(timezone.now())
    with CaptureQueriesContext(connection) as captured:
        if method == "GET":
            response = client.get("/today/")
        else:
            place = enrollment.stone_id(day, "act", 1)
            fields = {"enrollment": enrollment.public_id, "practice": "act", "done": "1"}
            response = client.post(
                f"/days/{day}/entries/{place}/", fields, headers={"HX-Request": "true"}
            )
    assert response.status_code == 200, response.status_code
    return sum(not query["sql"].startswith(FRAME) for query in captured)


def pgbench(folder: Path, last: int, seconds: int = 5) -> None:
    """The statement of a check-off, of people and places at random, committed one by one."""
    values = {
        "enrollment": f"({people.BASE} + :n)",
        "client_id": "md5(:n || '/' || :place)::uuid",
        "practice": "'request'",
        "day": f"date '{timezone.now():%Y-%m-%d}'",
        "placed": ":placed",
        "line": "NULL",
        "answer": "NULL",
        "outcome": "NULL",
        "is_request": "true",
        "now": "now()",
        "max": str(MAX_ENTRIES_PER_PRACTICE_AND_DAY),
    }
    statement = re.sub(r"%\((\w+)\)s", lambda match: values[match[1]], _SAVE_ENTRY)
    script = folder / "check-off.sql"
    script.write_text(
        f"\\set n random(1, {last})\n\\set place random(1, 2)\n\\set placed random(0, 1) = 1\n"
        f"{statement};\n"
    )
    database = urlsplit(os.environ["DATABASE_URL"])
    options = {name: values[0] for name, values in parse_qs(database.query).items()}
    command = [
        *(str(bin_dir() / "pgbench"), "--no-vacuum", "--client=1", f"--time={seconds}"),
        *("--host", options["host"], "--port", options["port"], "--username=postgres"),
        *("--file", str(script), database.path.strip("/")),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    speed = re.search(r"tps = ([\d.]+)", said)
    assert speed, said
    figure(
        "pgbench",
        "Check-offs a second that PostgreSQL alone takes, 1 connection",
        float(speed[1]),
    )
