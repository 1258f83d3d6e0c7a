"""The database and the web server are killed while people check off: what was acknowledged is
there, and the site comes back by itself.
"""

import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.figures import figure
from tests.often import often
from tests.resilience.load import Load
from tests.resilience.site import Site, seconds_until
from tests.waiting import wait_until

WEB_THREADS = 2
CHANCE = random.Random(11)


@dataclass
class Outcome:
    """Of all faults of one kind."""

    faults: int = 0
    most_errors: int = 0
    longest_wait: float = 0.0
    slowest_return: float = 0.0


@dataclass
class Tally:
    acknowledged: int = 0
    lost: int = 0
    faults: int = 0
    doubled: int = 0
    longest_wait: float = 0.0
    kinds: list[str] = field(default_factory=list)


TALLY = Tally()


def crash(site: Site) -> None:
    """`pg_ctl stop -m immediate`, and up again."""
    site.end_database(signal.SIGQUIT)


def kill_postmaster(site: Site) -> None:
    site.end_database(signal.SIGKILL)


def restart_cleanly(site: Site) -> None:
    site.end_database(signal.SIGINT)


def kill_backend(site: Site) -> None:
    """PostgreSQL ends all the others too then, and recovers by itself."""
    CHANCE.choice(wait_until(site.backends)).kill()


def kill_web_worker(site: Site) -> None:
    CHANCE.choice(wait_until(site.web_workers)).kill()


def kill_web_master(site: Site) -> None:
    site.web_master.kill()


def break_often(site: Site, name: str, fault: Callable[[Site], None], times: int) -> Outcome:
    """Under the load of eight clients, at any moment; nothing acknowledged may be missing."""
    outcome = Outcome()
    load = Load(site, site.make_walkers(12 + times // 2))
    with load:
        for _time in range(times):
            load.wait_for(CHANCE.randrange(40, often(60, 240)))
            with load.counting() as span:
                fault(site)
                back = seconds_until(lambda: site.get("/today/") == 302)
                load.wait_for(16)
            outcome.faults += 1
            outcome.most_errors = max(outcome.most_errors, span.errors)
            outcome.longest_wait = max(outcome.longest_wait, *span.waits)
            outcome.slowest_return = max(outcome.slowest_return, back)
    stored = site.stored()
    lost = len(load.acknowledged - stored)
    assert set(load.answers) <= {302, 503}, load.answers
    TALLY.acknowledged += load.done
    TALLY.lost += lost
    TALLY.faults += times
    figure(
        name,
        f"check-offs lost of {load.done:,} acknowledged, over {times} times {fault.__name__}",
        lost,
        bar="0",
        holds=lost == 0,
    )
    assert lost == 0
    return outcome


def test_acknowledged_check_offs_survive_a_crash_of_the_database(site: Site) -> None:
    times = often(1, 20)

    for name, fault in (
        ("A1/immediate", crash),
        ("A1/postmaster", kill_postmaster),
        ("A1/backend", kill_backend),
    ):
        outcome = break_often(site, name, fault, times)
        assert outcome.longest_wait < 20
        figure(f"{name}/wait", "longest wait of one check-off, in seconds", outcome.longest_wait)


def test_a_restart_of_the_database_is_a_pause(site: Site) -> None:
    outcome = break_often(site, "A4/restart", restart_cleanly, often(1, 20))

    most = outcome.most_errors
    figure(
        "A4/errors",
        f"most answers 503 of one restart, at {WEB_THREADS} threads",
        most,
        bar=f"<= {WEB_THREADS}",
        holds=most <= WEB_THREADS,
    )
    longest = outcome.longest_wait
    figure(
        "A4/wait",
        "longest wait of one check-off, in seconds",
        longest,
        bar="< 5",
        holds=longest < 5,
    )


@pytest.mark.parametrize(
    ("name", "fault", "times"),
    [("A2/worker", kill_web_worker, (2, 40)), ("A2/master", kill_web_master, (1, 10))],
)
def test_acknowledged_check_offs_survive_a_kill_of_the_web_server(
    site: Site, name: str, fault: Callable[[Site], None], times: tuple[int, int]
) -> None:
    outcome = break_often(site, name, fault, often(*times))

    back = outcome.slowest_return
    figure(f"{name}/back", "slowest return, in seconds", back, bar="< 3", holds=back < 3)


def test_core_figure() -> None:
    """Last in this file: it adds up the others."""
    figure(
        "A",
        f"check-offs lost of all that were acknowledged, over {TALLY.faults} faults",
        TALLY.lost,
        bar="0",
        holds=TALLY.lost == 0,
    )
    enough = TALLY.acknowledged >= often(0, 20_000) and TALLY.faults >= often(0, 100)
    figure(
        "A/acknowledged",
        "check-offs that were acknowledged meanwhile",
        TALLY.acknowledged,
        bar=">= 20,000" if often(0, 1) else "",
        holds=enough,
    )
    assert enough
