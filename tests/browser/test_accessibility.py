"""Every page in both themes, on a phone and on a desk, for people who see, read or point
differently: axe-core's rules, room at 320 pixels and with letters twice as large, controls that a
thumb finds. And every page under the policy that it is sent with.
"""

from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from program.models import Enrollment
from tests.browser.pages import (
    DESK,
    PHONE,
    Complaints,
    LogIn,
    OpenContext,
    answered,
    emailed_code,
    leave,
    shoot,
    stone,
    wait_until_drawn,
    write,
)
from tests.factories import PASSWORD, make_enrollment, make_entry

PATHS = {
    "visitor": [
        "/",
        "/see-a-day/",
        "/goodbye/",
        "/terms/",
        "/privacy/",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/login/code/",
        "/accounts/password/reset/",
        "/accounts/signup/passkey/",
    ],
    "alice": [
        "/today/",
        "/days/2027-03-15/",
        "/days/2027-03-20/",
        "/map/",
        "/steps/",
        "/steps/4/evidence/",
        "/requests/",
        "/requests/draft/",
        "/moments/",
        "/people/",
        "/finish/",
        "/finish/thanks/",
        "/enrollments/",
        "/pauses/",
        "/goals/",
        "/coaching/new/",
        "/consents/",
        "/cohorts/",
        "/days/2027-03-16/private/",
        "/settings/",
        "/reminders/",
        "/settings/mail/",
        "/settings/calendar/",
        "/public/",
        "/inbox/",
        "/share/",
        "/settings/export/",
        "/settings/import/",
        "/settings/access/",
        "/settings/delete/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/3rdparty/",
        "/accounts/sessions/",
        "/accounts/logout/",
    ],
}

AXE = Axe().axe_script
# Every rule that is on by itself (WCAG 2.0 to 2.2 A and AA, best practices) and one that is not.
_RUN_AXE = """() => axe.run({
  resultTypes: ["violations"],
  preload: false,
  rules: { "target-size": { enabled: true } },
}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`)))"""

_NOTHING_MOVES = "!document.getAnimations().some(({ playState }) => playState === 'running')"

# A new size is laid out with the next frame.
_LAID_OUT = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"

_SIDEWAYS = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter((it) => it.getBoundingClientRect().right > room + 1 && it.getClientRects().length)
    .map((it) => `${it.localName}.${it.className} reaches beyond ${room}`)
    .slice(0, 3);
}"""

# Left out: links in a sentence, the days (which have their arrows) and those of the ridge (which
# have their table), what only a reader hears.
_TOO_SMALL = """() => {
  const inSentence = (it) => it.localName === "a"
    && getComputedStyle(it).display.startsWith("inline")
    && it.parentElement.innerText.trim().length > it.innerText.trim().length;
  return [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((it) => it.type !== "hidden" && it.checkVisibility({ visibilityProperty: true }))
    .filter((it) => !it.closest(".days, .ridge, .visually-hidden, .skip-link") && !inSentence(it))
    .map((it) => (["radio", "checkbox"].includes(it.type) && it.closest("label")) || it)
    .filter((it) => Math.round(it.getBoundingClientRect().height) < 44)
    .map((it) => `${it.localName}.${it.className} “${it.innerText || it.ariaLabel}” is only`
      + ` ${it.getBoundingClientRect().height} high`);
}"""


class Audit:
    """Looks at one page after the other and remembers what was wrong where."""

    def __init__(self) -> None:
        self.findings: list[str] = []

    def look_at(self, page: Page, name: str) -> None:
        page.evaluate(AXE)
        picture = f"a11y-{name.strip('/').replace('/', '-').replace(' ', '-')}"
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            for size in (PHONE, DESK):
                _resize(page, size[0])
                page.wait_for_function(_NOTHING_MOVES)
                self._note(f"{name}, {theme}, {size[0]}", page.evaluate(_RUN_AXE))
                shoot(page, f"{picture}-{theme}-{size[0]}")
        _resize(page, PHONE[0])
        self._note(f"{name}, thumb", page.evaluate(_TOO_SMALL))
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        _resize(page, 320)
        self._note(f"{name}, 320", page.evaluate(_SIDEWAYS))
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.evaluate(_LAID_OUT)
        self._note(f"{name}, 320 and twice as large", page.evaluate(_SIDEWAYS))
        shoot(page, f"{picture}-200")
        page.evaluate("document.documentElement.style.fontSize = ''")
        _resize(page, PHONE[0])

    def _note(self, where: str, findings: list[str]) -> None:
        self.findings += [f"{where}: {finding}" for finding in findings]


@pytest.fixture
def audit() -> Audit:
    return Audit()


def test_the_way_in_is_accessible(
    open_context: OpenContext, audit: Audit, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    page = open_context(bypass_csp=True).new_page()
    for path in ("/", "/see-a-day/", "/accounts/login/code/", "/accounts/password/reset/"):
        page.goto(path)
        audit.look_at(page, path.strip("/").replace("/", " ") or "landing")

    page.goto("/accounts/login/")
    audit.look_at(page, "login")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(page, "login with errors")

    page.goto("/accounts/signup/")
    audit.look_at(page, "signup")
    page.get_by_role("button", name="Create my account").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(page, "signup with errors")

    page.get_by_label("What should we call you?").fill("Nina")
    page.get_by_label("Email").fill("nina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    page.wait_for_url("**/accounts/confirm-email/")
    audit.look_at(page, "code")
    page.get_by_label("Code").fill("000000" if emailed_code() != "000000" else "111111")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    audit.look_at(page, "code with errors")

    assert audit.findings == []


def test_the_first_step_is_accessible(
    log_in: LogIn, erin: User, audit: Audit, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    page = log_in(erin, bypass_csp=True)
    page.goto("/enrollments/new/")
    audit.look_at(page, "onboarding")
    page.get_by_label("Another day").first.check()
    page.get_by_label("The breakthrough").evaluate("field => { field.form.noValidate = true; }")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(page, "onboarding with errors")

    assert audit.findings == []


def test_today_is_accessible_in_every_state(
    log_in: LogIn, enrollment: Enrollment, audit: Audit, complaints: Complaints
) -> None:
    complaints.expect_status(409)
    page = log_in(enrollment.participant, bypass_csp=True)
    page.goto("/today/")
    audit.look_at(page, "today empty")

    for practice, number in (("share", 1), ("act", 1), ("request", 1)):
        stone(page, practice, number).click()
        wait_until_drawn(page)
        write(page, practice, number, "A line of some length, so that it has to be cut somewhere")
    page.reload()
    page.get_by_role("button", name="Remove Act 1").click()
    expect(page.locator("#toast")).to_contain_text("Removed.")
    page.get_by_role("button", name="Undo").focus()  # and the toast stays
    audit.look_at(page, "today half with a toast")

    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#toast")).to_be_empty()
    for practice, number in (("share", 2), ("act", 2), ("request", 2)):
        stone(page, practice, number).click()
        wait_until_drawn(page)
    page.get_by_role("button", name="Asked one more").click()
    expect(page.locator("#tally")).to_have_text("All six, and 1 more.")
    page.get_by_role("button", name="Account of Alice").click()
    expect(page.get_by_role("link", name="Email address")).to_be_visible()
    audit.look_at(page, "today full with the menu")

    other = page.context.new_page()
    other.goto("/today/")
    for tab in (other, page):
        field = tab.get_by_role("textbox", name="Today, in a line or two")
        with answered(tab):
            leave(field, f"In tab {tab == page}")
    expect(page.get_by_role("heading", name="You wrote here in two places")).to_be_visible()
    other.close()
    audit.look_at(page, "today in conflict")

    assert audit.findings == []


def test_every_other_day_is_accessible(
    log_in: LogIn, enrollment: Enrollment, bob: User, erin: User, audit: Audit
) -> None:
    make_entry(enrollment=enrollment, practice="share", line="My sister")
    page = log_in(enrollment.participant, bypass_csp=True)
    for path, name in (
        ("/days/2027-03-15/", "a day before"),
        ("/days/2027-03-20/", "a day ahead"),
        ("/map/", "the map"),
    ):
        page.goto(path)
        audit.look_at(page, name)
    for person, starts_on, name in (
        (bob, "2027-03-20", "two weeks to come"),
        (erin, "2027-02-22", "two weeks gone by"),
    ):
        make_enrollment(participant=person, starts_on=date.fromisoformat(starts_on))
        page = log_in(person, bypass_csp=True)
        page.goto("/today/")
        audit.look_at(page, name)

    assert audit.findings == []


def test_account_pages_are_accessible(
    log_in: LogIn, enrollment: Enrollment, audit: Audit, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    page = log_in(enrollment.participant, bypass_csp=True)
    for path in ("/settings/", "/goals/", "/accounts/password/change/", "/accounts/logout/"):
        page.goto(path)
        audit.look_at(page, path.strip("/").replace("/", " "))
    page.goto("/accounts/email/")
    audit.look_at(page, "email")
    page.get_by_label("New email address").fill("not an address")
    page.get_by_role("button", name="Change the address").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    audit.look_at(page, "email with errors")

    assert audit.findings == []


def test_error_pages_are_accessible(
    open_context: OpenContext, audit: Audit, complaints: Complaints
) -> None:
    complaints.expect_status(403)
    complaints.expect_status(404)
    page = open_context(bypass_csp=True).new_page()
    page.goto("/nowhere/")
    audit.look_at(page, "404")
    page.goto("/accounts/login/")
    page.context.clear_cookies()
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="This page was open too long")).to_be_visible()
    audit.look_at(page, "403")

    assert audit.findings == []


def test_the_mailbox_of_a_developer_is_accessible(
    open_context: OpenContext, settings: Settings, tmp_path: Path, audit: Audit
) -> None:
    settings.MAILBOX_DIR = tmp_path
    page = open_context(bypass_csp=True).new_page()
    page.goto("/mailbox/")
    audit.look_at(page, "mailbox empty")
    mail = "Subject: 123456 is your code\nFrom: a@example.org\nTo: b@example.org\n"
    mail += "Date: Tue, 16 Mar 2027 12:00:00 -0000\n\nhttp://localhost:8000/" + "long" * 30 + "\n"
    (tmp_path / "mail.log").write_text(mail)
    page.reload()
    audit.look_at(page, "mailbox list")
    page.get_by_role("link", name="123456 is your code").click()
    page.wait_for_url("**/mailbox/*/")
    audit.look_at(page, "mailbox detail")

    assert audit.findings == []


@pytest.mark.parametrize("person", ["visitor", "alice"])
def test_no_page_violates_the_policy(
    person: str, open_context: OpenContext, log_in: LogIn, enrollment: Enrollment
) -> None:
    # Without axe, which tries styles out on a page; complaints fail the test at its end.
    page = open_context().new_page() if person == "visitor" else log_in(enrollment.participant)
    for path in PATHS[person]:
        response = page.goto(path)
        assert response
        assert response.ok
        assert "default-src 'none'" in response.headers["content-security-policy"]
        expect(page.get_by_role("main")).to_be_visible()


def _resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate(_LAID_OUT)
