"""The journey out: from the settings, past the password, to a goodbye."""

from playwright.sync_api import expect

from accounts.models import AccessEvent, User
from program.models import Enrollment
from tests.browser.pages import DESK, Complaints, LogIn, OpenContext, shoot
from tests.browser.test_accessibility import Audit
from tests.factories import NOON, PASSWORD

PATHS = ["/settings/access/", "/settings/delete/", "/goodbye/", "/terms/", "/privacy/"]


def test_the_pages_about_an_account_are_accessible(log_in: LogIn, alice: User) -> None:
    audit = Audit()
    for kind in ("login_password", "login_failed", "passkey_added"):
        AccessEvent.objects.create(
            user=alice, kind=kind, at=NOON, device="Firefox on Linux", ip="2001:db8::8a2e:370:7334"
        )
    page = log_in(alice, bypass_csp=True)
    for path in PATHS:
        page.goto(path)
        audit.look_at(page, path.strip("/").replace("/", " "))
        page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
        shoot(page, path.strip("/").replace("/", "-") + "-desk")

    assert audit.findings == []


def test_an_account_is_deleted_from_the_settings_on_also_without_scripts(
    log_in: LogIn,
    open_context: OpenContext,
    alice: User,
    enrollment: Enrollment,
    complaints: Complaints,
) -> None:
    complaints.expect_status(422)
    context = open_context(java_script_enabled=False)
    page = log_in(alice, context)
    page.goto("/settings/")
    page.get_by_role("link", name="Delete my account").click()
    shoot(page, "delete")
    page.get_by_label("Type your email address to confirm").fill(alice.email)
    page.get_by_role("button", name="Delete my account for good").click()

    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    page.get_by_label("Type your email address to confirm").fill("bob@example.org")
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_text("That is not the address of this account.").first).to_be_visible()
    page.get_by_label("Type your email address to confirm").fill(alice.email)
    page.get_by_role("button", name="Delete my account for good").click()

    expect(page.get_by_role("heading", name="Goodbye, and go well")).to_be_visible()
    shoot(page, "goodbye")
    page.goto("/today/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert not User.objects.exists()
    assert not Enrollment.objects.exists()
