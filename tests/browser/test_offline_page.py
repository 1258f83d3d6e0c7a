"""The installed site, and the page that stands in for the others."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from breakthrough.static import parts_of
from program.models import Enrollment
from tests.browser.pages import (
    DESK,
    PHONE,
    Complaints,
    OpenPhone,
    leave,
    line,
    session_cookie,
    shoot,
)
from tests.browser.phones import expect_unsent, log_out, open_today
from tests.browser.wire import Wire


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_not_sent_is_accessible_in_both_themes(
    theme: str,
    open_phone: OpenPhone,
    wire: Wire,
    enrollment: Enrollment,
    complaints: Complaints,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    complaints.expect("Couldn't load preload assets")  # axe, without a connection
    monkeypatch.setattr("program.views.offline.parts_of", parts_of)  # with its style sheet
    context = open_phone(color_scheme=theme, bypass_csp=True)  # axe styles what it looks at
    context.add_cookies([session_cookie(enrollment.participant, wire.url)])
    page = open_today(context)
    found = []

    def look(name: str) -> None:
        for width, height in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": height})
            shoot(page, f"{name}-{width}-{theme}")
            found.extend(Axe().run(page).response["violations"])

    with wire.down():
        leave(line(page, "share", 1), "My sister, on the phone")
        expect_unsent(page, 1)
        look("not-sent-today")
        log_out(page)
        expect(page.get_by_role("dialog")).to_be_visible()
        look("not-sent-leaving")
        page.goto("/map/")
        expect(page.locator("#unsent li")).to_have_count(1)
        look("not-sent-list")
        page.set_viewport_size({"width": 320, "height": 600})
        wide = page.evaluate("document.documentElement.scrollWidth")

    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    assert wide <= 320


def test_chromium_can_install_the_site(
    open_phone: OpenPhone, wire: Wire, enrollment: Enrollment
) -> None:
    context = open_phone()
    context.add_cookies([session_cookie(enrollment.participant, wire.url)])
    page = open_today(context)
    devtools = context.new_cdp_session(page)

    manifest = devtools.send("Page.getAppManifest")
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert manifest["errors"] == []
    assert '"/today/"' in manifest["data"]
    # A private window, as every context of a test is, installs nothing.
    assert [each for each in errors if each["errorId"] != "in-incognito"] == []
