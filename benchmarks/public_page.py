"""A link that goes round: the public page of one person, with answers on it, asked by everybody."""

import re
import statistics
from pathlib import Path

from django.utils import timezone

from benchmarks import load, site, visits
from benchmarks.load import Request, spread
from program.models import Enrollment, PublicPage, Reply
from program.models.reply_guard import sender_of
from tests.figures import figure

KILOBYTE = 1_000


def of_walker(enrollment: Enrollment, folder: Path) -> Path:
    """The file of a visit to a page on which everything shows; a visitor has no cookie."""
    now = timezone.now()
    page = PublicPage.choose(
        enrollment, moments=[], now=now, shown_as="Ruth", **dict.fromkeys(PublicPage.PARTS, True)
    )
    page.publish(now)
    for number in range(5):
        Reply.objects.leave(
            page=page,
            sender=sender_of(f"192.0.2.{number}"),
            kind=Reply.Kind.IDEA,
            name="Peder",
            words="Put the kettle by the door. People come for a toaster and stay for the tea.",
            email="",
            now=now,
        ).settle(Reply.State.SHOWN)
    return load.write([Request("GET", f"/goal/{page.token}/", visits.BROWSER)], folder / "public")


def tell(found: dict[str, list[load.Load]]) -> None:
    """Of "public" and "today", measured in turns."""
    speeds = {name: [each.per_second for each in loads] for name, loads in found.items()}
    ratios = [a / b for a, b in zip(speeds["public"], speeds["today"], strict=True)]
    words = "A public page, requests a second, 1 worker, 1 connection"
    figure("public/s", words, spread(speeds["public"], 0))
    figure(
        "public/today",
        f"A public page / Today, throughput of {len(ratios)} rounds in turns",
        spread(ratios),
        bar=">= 5",
        holds=statistics.median(ratios) >= 5,
    )


def weigh(app: site.Server, visit: Path) -> None:
    """What a first visit brings over the wire: the page, and all that it links in its head."""
    path = visit.read_text().split("\t")[1]
    browser = visits.BROWSER | {"Accept-Encoding": "gzip, br"}
    status, headers, page = app.ask("GET", path, browser)
    assert status == 200, status
    assert headers["Set-Cookie"] is None
    _status, _headers, plain = app.ask("GET", path, visits.BROWSER | {"Accept-Encoding": ""})
    links = re.findall(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+)"', plain.decode())
    parts = [len(app.ask("GET", link, browser)[2]) for link in links]
    total = (len(page) + sum(parts)) / KILOBYTE
    words = f"kB of a public page with its {len(links)} files, cold"
    figure("public wire", words, total, bar="<= 40", holds=total <= 40)
    picture = len(app.ask("GET", f"{path}picture.png", browser)[2]) / KILOBYTE
    figure("public picture", "kB of its picture, which chats ask for", picture)
