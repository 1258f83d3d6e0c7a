"""A database that is away for long, or frozen: the site says so, and comes back by itself."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from breakthrough.connections import database
from tests.figures import figure
from tests.often import often
from tests.resilience.load import Load
from tests.resilience.site import Site, ask, seconds_until
from tests.waiting import wait_until

TODAY = "/today/"


def test_after_a_long_outage_the_site_comes_back_by_itself(site: Site) -> None:
    """The longer it lasted, the longer a pool of its own would wait before it tries again."""
    seconds = often(8, 40)
    pool = database("DATABASE_URL")["OPTIONS"]
    assert isinstance(pool, dict)
    assert pool["pool"]["reconnect_timeout"] < seconds
    (walker,) = site.make_walkers(1)
    workers = site.web_workers()
    postmaster = site.postmaster

    postmaster.send_signal(signal.SIGINT)
    wait_until(lambda: not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE)
    until = time.monotonic() + seconds
    answers = []
    while time.monotonic() < until:
        began = time.monotonic()
        answer = ask(site.port, "GET", TODAY, session=walker.session)
        answers.append((answer.status, answer.headers["Retry-After"], time.monotonic() - began))
    site.start_database()
    back = seconds_until(lambda: ask(site.port, "GET", TODAY, session=walker.session).status == 200)

    slowest = max(took for _status, _after, took in answers)
    assert {(status, after) for status, after, _took in answers} == {(503, "5")}
    assert site.web_workers() == workers, "it came back by being started again"
    assert slowest < 5.5, "it waited for the database twice"
    figure(
        "A5/meanwhile",
        "slowest 503 of an outage, in seconds",
        slowest,
        bar="<= 3.5",
        holds=slowest <= 3.5,
    )
    figure(
        "A5/back",
        f"seconds to the first page after an outage of {seconds} s, without a restart",
        back,
        bar="< 5",
        holds=back < 5,
    )
    assert back < 5


@contextmanager
def frozen(site: Site) -> Iterator[None]:
    postmaster = site.postmaster
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


def test_a_frozen_database_does_not_freeze_the_site(site: Site) -> None:
    """It takes connections and says nothing: no timeout of its own can help."""
    walkers = site.make_walkers(4)
    with Load(site, walkers, clients=2) as load:
        load.wait_for(20)
        with load.counting() as span:
            with frozen(site):
                began, took = time.monotonic(), []
                while time.monotonic() - began < often(8, 30):
                    asked = time.monotonic()
                    status = ask(site.port, "GET", TODAY, session=walkers[0].session).status
                    took.append(time.monotonic() - asked)
                    assert status == 503
            began = time.monotonic()
            load.wait_for(10)
            back = time.monotonic() - began

    lost = len(load.acknowledged - site.stored())
    assert set(span.answers) <= {302, 503}
    longest = max(took)
    figure(
        "A6/longest",
        "longest request to a frozen database, in seconds, then 503",
        longest,
        bar="<= 15",
        holds=longest <= 15,
    )
    figure(
        "A6/back", "seconds to ten check-offs after it went on", back, bar="< 10", holds=back < 10
    )
    figure(
        "A6/lost",
        f"check-offs lost of {load.done} acknowledged around it",
        lost,
        bar="0",
        holds=lost == 0,
    )
    assert lost == 0
    assert longest <= 15
