"""What the browsers of the walkers ask, byte for byte: their cookies, a token, htmx's headers."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.test import Client

from accounts.models import User
from benchmarks import load, site
from benchmarks.load import Request
from benchmarks.people import WALKERS
from program.curriculum import PRACTICES, STONES_PER_PRACTICE
from program.models import DailyEntry, Enrollment

BROWSER = site.BEHIND_PROXY | {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-US,en;q=0.9",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36",
}


def session_cookie(user: User, name: str = "") -> str:
    """Of a login as the app makes them; `name` where the server is not behind https."""
    client = Client()
    client.force_login(user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{name or settings.SESSION_COOKIE_NAME}={key}"


def of_walkers(app: site.Server, walkers: list[Enrollment], folder: Path) -> tuple[Path, Path]:
    """The files of all their Todays, and of their taps: every stone of today on, then off again."""
    pages, taps = [], []
    for enrollment in walkers:
        cookie = session_cookie(enrollment.participant)
        status, headers, _page = app.ask("GET", "/today/", BROWSER | {"Cookie": cookie})
        assert status == 200, status
        csrf = headers["Set-Cookie"].split(";")[0]
        visitor = BROWSER | {"Cookie": f"{cookie}; {csrf}"}
        pages.append(Request("GET", "/today/", visitor))
        taps.append(_taps(enrollment, visitor, csrf.partition("=")[2]))
    _check(app, taps[0], walkers[0])
    on = [request for of_one in taps for request in of_one["1"]]
    off = [request for of_one in taps for request in of_one["0"]]
    return load.write(pages, folder / "today"), load.write([*on, *off], folder / "taps")


def _taps(enrollment: Enrollment, visitor: dict[str, str], token: str) -> dict[str, list[Request]]:
    day = enrollment.dates[-1]
    headers = visitor | {
        "Content-Type": "application/x-www-form-urlencoded",
        "HX-Request": "true",
        "HX-Current-URL": f"https://{site.HOST}/today/",
        "Origin": f"https://{site.HOST}",
        "X-CSRFToken": token,
    }
    return {
        done: [
            Request(
                "POST",
                f"/days/{day}/entries/{enrollment.stone_id(day, practice.key, place)}/",
                headers,
                f"enrollment={enrollment.public_id}&practice={practice.key}&place={place}&done={done}",
            )
            for practice in PRACTICES
            for place in range(1, STONES_PER_PRACTICE + 1)
        ]
        for done in ("1", "0")
    }


def _check(app: site.Server, taps: dict[str, list[Request]], enrollment: Enrollment) -> None:
    """wrk looks at no answer; these taps do what they say."""
    stones = DailyEntry.objects.of(enrollment).on(enrollment.dates[-1]).placed()
    for done, expected in (("1", 6), ("0", 0)):
        for request in taps[done]:
            status, _headers, body = app.ask("POST", request.path, request.headers, request.body)
            assert status == 200, body
        assert stones.count() == expected


def of_reference(run: dict[str, str], folder: Path) -> Path:
    """Fills the reference's database too."""
    command = [sys.executable, "-m", "benchmarks.reference.seed", str(WALKERS)]
    keys = subprocess.check_output(command, cwd=site.ROOT, env=run, text=True).split()
    headers = {"Host": "localhost"}
    requests = [Request("GET", "/", headers | {"Cookie": f"sessionid={key}"}) for key in keys]
    return load.write(requests, folder / "reference")
