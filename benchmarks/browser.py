"""What a first and a second visit load, and what Lighthouse says of five pages."""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from accounts.models import User
from benchmarks import phone, site, visits
from benchmarks.wire import Wire, counted
from program.models import Cohort, PublicPage
from tests.figures import figure

PHONE = {"width": 390, "height": 844}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
SCORE = 98
LIGHTHOUSE_RUNS = int(os.environ.get("LIGHTHOUSE_RUNS", "3"))
BYTES_AT_MOST, REQUESTS_AT_MOST = 30 * 1024, 5
AGAIN_AT_MOST = 6 * 1024
# Behind the door, beside the cohort's table and those in front of it.
PAGES = ["/today/", "/map/", "/requests/", "/people/", "/moments/", "/settings/"]
# The browser's own affair, which no page waits for.
BESIDE = ("/img/", "manifest", "service", "/sw.js", "favicon")


def tell(run: dict[str, str], newcomer: User, walker: User, folder: Path) -> None:
    """On localhost, which browsers trust as they trust https."""
    cohort = Cohort.objects.get(name="Cohort of 50")
    coach = cohort.coaches.get().coach
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps a loop of its own running
    newcomers, members, coaches = (
        visits.session_cookie(user, "session") for user in (newcomer, walker, coach)
    )
    with site.served(run, 2, at_localhost=True) as server:
        url = f"http://localhost:{server.port}"
        listed = _listed_page()
        with counted(server.port) as wire, _browser() as chromium:
            _tell_of_loads(chromium, wire, newcomers, members)
        with _browser() as chromium:
            phone.tell_of_taps(chromium, url, newcomers)
            phone.tell_of_pages(
                chromium, url, [("", path) for path in ("/", "/accounts/login/", listed)]
            )
            phone.tell_of_pages(chromium, url, [(members, path) for path in PAGES])
            phone.tell_of_pages(chromium, url, [(coaches, f"/coaching/{cohort.pk}/")])
        for name, path, cookie in (
            ("landing", "/", ""),
            ("log in", "/accounts/login/", ""),
            ("Today", "/today/", members),
            ("cohort", f"/coaching/{cohort.pk}/", coaches),
            ("public page", listed, ""),
        ):
            _tell_of_lighthouse(name, f"{url}{path}", cookie, folder)


def _listed_page() -> str:
    """The one that benchmarks/public_page.py made, for search engines too."""
    page = PublicPage.objects.all()[0]
    page.listed = True
    page.save(update_fields=["listed"])
    return f"/goal/{page.token}/"


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), "chromium")


# --- What is loaded -------------------------------------------------------------------------------


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_chromium(), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


def _tell_of_loads(chromium: Browser, wire: Wire, newcomer: str, member: str) -> None:
    context = _context(chromium, wire.url, newcomer)
    cold = _loaded(context, f"{wire.url}/today/")
    all_of_first = _taken(wire)
    _loaded(context, f"{wire.url}/today/")
    all_of_second = _taken(wire)
    full = _loaded(_context(chromium, wire.url, member), f"{wire.url}/today/")
    page = {path: size for path, size in cold.items() if not any(word in path for word in BESIDE)}
    beside = {path: size for path, size in cold.items() if path not in page}
    fonts = sum(path.endswith((".woff", ".woff2", ".ttf", ".otf")) for path in cold)
    size = sum(page.values())
    figure(
        "cold load",
        "Bytes of a first visit to Today over the wire, headers too",
        size,
        bar=f"<= {BYTES_AT_MOST:,}",
        holds=size <= BYTES_AT_MOST,
    )
    figure(
        "cold load",
        "Its requests",
        len(page),
        bar=f"<= {REQUESTS_AT_MOST}",
        holds=len(page) <= REQUESTS_AT_MOST,
    )
    figure("cold load", "Its fonts", fonts, bar="0", holds=fonts == 0)
    figure(
        "cold load",
        f"Bytes beside it: {', '.join(Path(path).name for path in beside) or 'nothing'}",
        sum(beside.values()),
    )
    figure(
        "cold load",
        "Bytes of all that a first visit loads, with what the worker keeps behind it",
        sum(all_of_first.values()),
    )
    again = all_of_second.pop("/today/")
    figure(
        "warm load",
        "Bytes of Today at the second visit, which the worker hands on",
        again,
        bar=f"<= {AGAIN_AT_MOST:,}",
        holds=again <= AGAIN_AT_MOST,
    )
    figure(
        "warm load",
        f"Bytes beside it: {', '.join(all_of_second) or 'nothing'}",
        sum(all_of_second.values()),
    )
    figure("cold load", "Bytes of a first visit on a day that is full of words", sum(full.values()))


def _taken(wire: Wire) -> dict[str, int]:
    """What came since it was asked last."""
    found = dict(wire.bytes)
    wire.bytes.clear()
    return found


def _context(chromium: Browser, url: str, cookie: str) -> BrowserContext:
    name, _equals, value = cookie.partition("=")
    context = chromium.new_context(viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies([{"name": name, "value": value, "url": url}])
    return context


def _loaded(context: BrowserContext, url: str) -> dict[str, int]:
    """Bytes over the wire by path."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    paths: dict[str, str] = {}
    sizes: dict[str, int] = {}
    from_cache: set[str] = set()

    def begin(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = urlsplit(event["request"]["url"]).path

    def end(event: dict[str, Any]) -> None:
        if event["requestId"] not in from_cache and event["requestId"] in paths:
            sizes[paths[event["requestId"]]] = int(event["encodedDataLength"])

    devtools.on("Network.requestWillBeSent", begin)
    devtools.on("Network.requestServedFromCache", lambda event: from_cache.add(event["requestId"]))
    devtools.on("Network.loadingFinished", end)
    page.goto(url, wait_until="networkidle")
    assert page.url == url, page.url
    page.wait_for_timeout(500)  # the icon comes late
    # And with all that the worker keeps.
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.close()
    return sizes


# --- Lighthouse -----------------------------------------------------------------------------------


def lighthouse() -> list[str]:
    """The command, or none where it is not installed; it never comes with the project."""
    if named := os.environ.get("LIGHTHOUSE"):
        return named.split()
    if found := shutil.which("lighthouse"):
        return [found]
    if shutil.which("npx"):
        command = ["npx", "--no-install", "lighthouse"]
        if (
            subprocess.run([*command, "--version"], capture_output=True, check=False).returncode
            == 0
        ):
            return command
    return []


def _tell_of_lighthouse(name: str, url: str, cookie: str, folder: Path) -> None:
    command = lighthouse()
    what = f"Lighthouse of {name}: {', '.join(CATEGORIES)}"
    if not command:
        how = "npm install --global lighthouse" if shutil.which("npm") else "install Node 20 first"
        print(f"Lighthouse is missing: {how}, or name its command in LIGHTHOUSE.")
        figure(f"lighthouse {name}", what, "not measured", bar=f">= {SCORE}", holds=False)
        return
    runs = [_scores(command, url, cookie, folder) for _run in range(LIGHTHOUSE_RUNS)]
    scores = [round(statistics.median(each)) for each in zip(*runs, strict=True)]
    figure(
        f"lighthouse {name}",
        what,
        ", ".join(map(str, scores)),
        bar=f">= {SCORE}",
        holds=min(scores) >= SCORE,
    )


def _scores(command: list[str], url: str, cookie: str, folder: Path) -> list[int]:
    headers, report = folder / "headers.json", folder / "report.json"
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
    done = _run_twice(
        [
            *(*command, url, "--quiet", "--chrome-flags=--headless=new --no-sandbox"),
            *("--output=json", f"--output-path={report}", f"--extra-headers={headers}"),
            f"--only-categories={','.join(CATEGORIES)}",
        ],
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    for each in found["audits"].values():
        if each["score"] is not None and each["score"] < 0.9 and "VERBOSE" in os.environ:
            print(f"  {each['id']}: {each['score']} {each.get('displayValue', '')}")
    # A page that sent us elsewhere is another page.
    assert urlsplit(found["finalDisplayedUrl"]).path == urlsplit(url).path, found[
        "finalDisplayedUrl"
    ]
    return [round(found["categories"][name]["score"] * 100) for name in CATEGORIES]


def _run_twice(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Once more when it fails: now and then Lighthouse misses the start of its own trace."""
    for _attempt in range(2):
        done = subprocess.run(
            command,
            env=os.environ | {"CHROME_PATH": _chromium()},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            break
    return done
