"""A slow phone: how soon a stone answers the finger, and what every page takes on slow 4G."""

import statistics

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.figures import figure

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CPU = 4  # times slower than this machine
# Lighthouse's slow 4G, as it is applied to a browser.
SLOW_4G = {"latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
ROUNDS = 4  # of six stones placed and taken back
PAUSE = (
    0.3  # seconds from one stone to the next, for a thumb in haste; Playwright needs a third of it
)
INP_AT_MOST = 50  # milliseconds
# Interactions of less than 16 ms are not told; the browser rounds to 8.
WATCH = """
    window.taps = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId: id, duration } of list.getEntries()) {
        if (id) window.taps.set(id, Math.max(duration, window.taps.get(id) ?? 0));
      }
    }).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
PAINTED = """
    new Promise((done) => new PerformanceObserver((list) => {
      for (const { name, startTime } of list.getEntries()) {
        if (name === "first-contentful-paint") done(startTime);
      }
    }).observe({ type: "paint", buffered: true }))
"""


def tell_of_taps(chromium: Browser, url: str, cookie: str) -> None:
    """From the finger to the next picture, with the worker installed.

    A script taps several times as fast as a thumb, so that its taps come while the page sends the
    one before and draws the answer to that. This is told too, and has no bar.
    """
    took = _taps(chromium, url, cookie, PAUSE)
    median = statistics.median(took)
    figure(
        "INP",
        f"Milliseconds from a tap on a stone to the next paint, CPU 1/{CPU}, median of {len(took)}"
        f" taps, {PAUSE} s between them",
        median,
        bar=f"<= {INP_AT_MOST}",
        holds=median <= INP_AT_MOST,
    )
    figure(
        "INP", "The slowest of them but one in fifty, as browsers count it", _but_one_in_fifty(took)
    )
    took = _taps(chromium, url, cookie, 0)
    figure("INP", "The median when a script taps as fast as it can", statistics.median(took))
    figure("INP", "The slowest of those but one in fifty", _but_one_in_fifty(took))


def _taps(chromium: Browser, url: str, cookie: str, pause: float) -> list[float]:
    """Milliseconds of each, sorted, with a pause of so many seconds after each tap."""
    context = _context(chromium, url, cookie)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{url}/today/")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    page.goto(f"{url}/today/")
    assert page.evaluate("Boolean(navigator.serviceWorker.controller)")
    _devtools(page).send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    stones = page.locator(".stone")
    made = ROUNDS * 2 * stones.count()
    for number in range(made):
        stones.nth(number % stones.count()).tap()
        if pause:
            page.wait_for_timeout(pause * 1000)
    page.wait_for_timeout(500)  # told when the browser has nothing else to do
    told = [float(each) for each in page.evaluate("[...window.taps.values()]")]
    context.close()
    return sorted([*told, *[16.0] * (made - len(told))])


def _but_one_in_fifty(took: list[float]) -> float:
    return took[-1 - len(took) // 50]


def tell_of_pages(chromium: Browser, url: str, asked: list[tuple[str, str]]) -> None:
    """First visits, each with nothing kept: cookies and paths."""
    for cookie, path in asked:
        context = _context(chromium, url, cookie)
        page = context.new_page()
        devtools = _devtools(page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_4G})
        page.goto(f"{url}{path}", wait_until="load")
        painted: float = page.evaluate(PAINTED)
        # Usable: what is there takes a finger.
        page.locator("main :is(a, button, input):visible").first.click(trial=True)
        figure(
            "slow phone",
            f"Seconds to the first words of {path}, CPU 1/{CPU}, slow 4G",
            painted / 1000,
        )
        context.close()


def _devtools(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def _context(chromium: Browser, url: str, cookie: str) -> BrowserContext:
    context = chromium.new_context(**PHONE)  # type: ignore[arg-type]
    if cookie:
        name, _equals, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": url}])
    return context
