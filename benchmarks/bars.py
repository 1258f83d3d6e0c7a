"""The bars, in the order in which they are measured: while the database grows, then at its largest,
then in a browser.
"""

import os
import statistics
from contextlib import ExitStack
from pathlib import Path

from django.db import connection
from django.utils import timezone

from benchmarks import (
    browser,
    cohorts,
    costs,
    growth,
    load,
    people,
    public_page,
    queries,
    site,
    visits,
)
from benchmarks.load import Load, spread
from tests.figures import figure

# 1,000 people, 10,000 and 100,000.
SCALES = [int(scale) for scale in os.environ.get("SCALES", "1,10,100").split(",")]
PEOPLE = 1_000
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "4"))
MANY = 16  # connections at once


def measure(run: dict[str, str], folder: Path) -> None:
    reference = visits.of_reference(run, folder)
    template = people.make_template(timezone.now())
    figure("people", "Participants with 14 full days, in the largest database", SCALES[-1] * PEOPLE)
    with ExitStack() as servers:
        one = servers.enter_context(site.served(run, 1))
        bare = servers.enter_context(site.served(run, 1, "benchmarks.reference.wsgi"))
        found = growth.Growth()
        for scale in SCALES:
            last = scale * PEOPLE
            people.grow_to(template, last)
            walkers = people.walkers(last)
            today, taps = visits.of_walkers(one, walkers, folder)
            asked = {"reference": (bare, reference), "today": (one, today), "taps": (one, taps)}
            found.measure(scale, in_turns(asked, rounds=3, seconds=2), one, walkers)
        found.tell()
        against_reference(asked)
        latency(one, today)
        workers(servers, run, one, today, taps)
        public = public_page.of_walker(walkers[-1], folder)
        public_page.tell(in_turns({"public": (one, public), "today": (one, today)}))
        public_page.weigh(one, public)
        costs.tell(one, today, taps)
        newcomer = queries.tell(walkers[0])
        cohorts.tell(one, walkers[0])
        queries.pgbench(folder, last)
    browser.tell(run, newcomer.participant, walkers[0].participant, folder)


def in_turns(
    asked: dict[str, tuple[site.Server, Path]],
    *,
    rounds: int = ROUNDS,
    seconds: int = SECONDS,
    connections: int = 1,
) -> dict[str, list[Load]]:
    """Rounds of all, one after the other, so that a machine that is busy is so for each."""
    found: dict[str, list[Load]] = {name: [] for name in asked}
    for _round in range(rounds):
        for name, (server, requests) in asked.items():
            found[name].append(
                load.run(server.port, requests, connections=connections, seconds=seconds)
            )
    return found


def against_reference(asked: dict[str, tuple[site.Server, Path]]) -> None:
    found = in_turns(asked)
    speeds = {name: [each.per_second for each in loads] for name, loads in found.items()}
    for name, words in (
        ("reference", "A bare view: session, user and 14 rows, requests a second"),
        ("today", "Today, requests a second"),
        ("taps", "Check-offs a second"),
    ):
        figure(f"{name}/s", f"{words}, 1 worker, 1 connection", spread(speeds[name], 0))
    for name, words in (("today", "Today"), ("taps", "Check-off")):
        ratios = [a / b for a, b in zip(speeds[name], speeds["reference"], strict=True)]
        figure(
            f"{name}/reference",
            f"{words} / reference, throughput of {len(ratios)} rounds in turns",
            spread(ratios),
            bar=">= 1.0",
            holds=statistics.median(ratios) >= 1,
        )
    wire = statistics.median(each.bytes / each.requests for each in found["taps"])
    figure(
        "taps wire",
        "Bytes of a check-off's answer, headers too",
        wire,
        bar="<= 2,048",
        holds=wire <= 2048,
    )


def latency(one: site.Server, today: Path) -> None:
    rounds = in_turns({"today": (one, today)}, connections=MANY)["today"]
    ratios = [each.p99 / each.p50 for each in rounds]
    figure(
        "p99/p50",
        f"Today, slowest percent / median, {MANY} connections, 1 worker",
        spread(ratios),
        bar="<= 1.5",
        holds=statistics.median(ratios) <= 1.5,
    )


def workers(
    servers: ExitStack, run: dict[str, str], one: site.Server, today: Path, taps: Path
) -> None:
    two = servers.enter_context(site.served(run, 2))
    in_turns({"today": (two, today), "taps": (two, taps)}, rounds=2, connections=MANY)
    before = _sessions()
    asked = {"1": (one, today), "2": (two, today), "taps 1": (one, taps), "taps 2": (two, taps)}
    found = in_turns(asked, connections=MANY)
    requests = sum(each.requests for loads in found.values() for each in loads)
    opened = (_sessions() - before) / requests * 1000
    for kind, words in (("", "Today"), ("taps ", "Check-off")):
        ratios = [
            two.per_second / one.per_second
            for one, two in zip(found[f"{kind}1"], found[f"{kind}2"], strict=True)
        ]
        figure(
            f"{kind}2/1 workers",
            f"{words}, 2 workers / 1 worker, {MANY} connections",
            spread(ratios),
            bar=">= 1.75" if not kind else "",
            holds=statistics.median(ratios) >= 1.75 if not kind else None,
        )
    megabytes = two.memory / 1e6
    figure(
        "memory", "MB of web with 2 workers (PSS)", megabytes, bar="<= 180", holds=megabytes <= 180
    )
    figure(
        "connections",
        "New connections to the database per 1,000 requests",
        opened,
        bar="0",
        holds=opened == 0,
    )


def _sessions() -> int:
    """Connections that were ever opened to the app's database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
