"""Passkeys by a device that Chromium makes up, an app's codes, sessions and a new address."""

import re
import time

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from playwright.sync_api import Page, expect
from time_machine import Traveller

from accounts.models import User
from program.models import Enrollment
from tests.browser.pages import LogIn, OpenContext, emailed_code, shoot
from tests.browser.test_accessibility import Audit
from tests.factories import PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def give_a_device(page: Page) -> None:
    """From now on the page has something that keeps passkeys, and somebody who touches it."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def confirm(page: Page) -> None:
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():  # and the scripts of what comes have run
        page.get_by_role("button", name="Go on").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def expect_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="Day 9 of 14")).to_be_visible()


def test_a_passkey_is_added_opens_the_account_is_renamed_and_removed(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    page = log_in(enrollment.participant)
    give_a_device(page)
    page.goto("/settings/")
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    expect(page.get_by_label("What to call it")).to_have_value("Chrome on Linux")
    shoot(page, "passkey-add")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    shoot(page, "recovery-codes")
    log_out(page)

    page.goto("/accounts/login/?next=/map/")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page).to_have_url(re.compile("[0-9]/map/$"))
    page.goto("/settings/")
    row = page.get_by_role("listitem").filter(has_text="Chrome on Linux")
    expect(row).to_contain_text("Passkey, used Tue, Mar 16")
    shoot(page, "settings-passkey")
    row.get_by_role("link", name="Rename Chrome on Linux").click()
    # A passkey has opened this session, and is asked for once more.
    with page.expect_navigation():
        page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("What to call it").fill("The laptop")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/settings/$"))
    page.get_by_role("link", name="Remove The laptop").click()
    expect(page.get_by_role("heading", name="Remove “The laptop”?")).to_be_visible()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey no longer opens your account.")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_an_account_begins_with_a_passkey_and_no_password(open_context: OpenContext) -> None:
    page = open_context().new_page()
    give_a_device(page)
    page.goto("/accounts/signup/")
    page.get_by_role("link", name="Sign up with a passkey").click()
    shoot(page, "signup-passkey")
    page.get_by_label("What should we call you?").fill("Nina")
    page.get_by_label("Email").fill("nina@example.org")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Code").fill(emailed_code())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Now the passkey")).to_be_visible()
    page.wait_for_load_state()
    shoot(page, "signup-passkey-make")
    page.get_by_role("button", name="Make the passkey").click()

    expect(page.get_by_role("button", name="Account of Nina")).to_be_visible()
    nina = User.objects.get(email="nina@example.org")
    assert not nina.has_usable_password()
    log_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Account of Nina")).to_be_visible()
    page.goto("/settings/")
    expect(page.get_by_text("Made, and not looked at yet")).to_be_visible()


def test_a_passkey_that_does_not_come_is_said_beside_its_button(open_context: OpenContext) -> None:
    page = open_context().new_page()
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")  # and no device at all
    page.goto("/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = async () => { throw new Error('no'); }; }")

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("No passkey came back")
    shoot(page, "login-no-passkey")


def test_an_app_is_set_up_and_asked_for(
    log_in: LogIn, enrollment: Enrollment, noon: Traveller
) -> None:
    page = log_in(enrollment.participant)
    page.goto("/settings/")
    page.get_by_role("link", name="Set up an authenticator app").click()
    confirm(page)
    secret = page.locator("code").inner_text()
    expect(page.get_by_role("img", name="The key below")).to_be_visible()
    shoot(page, "app-set-up")
    page.get_by_label("The six digits it shows").fill(code_of(secret))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    log_out(page)
    noon.shift(30)

    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(enrollment.participant.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    field = page.get_by_label("Code from your app")
    field.fill("000000")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not it")
    shoot(page, "second-step")
    field.fill(code_of(secret))
    page.get_by_role("button", name="Log in").click()

    expect_in(page)


def test_the_other_device_is_logged_out_from_here(log_in: LogIn, enrollment: Enrollment) -> None:
    here, there = log_in(enrollment.participant), log_in(enrollment.participant)
    for page in (here, there):
        page.context.clear_cookies()
        page.goto("/accounts/login/?next=/accounts/sessions/")
        page.get_by_label("Email").fill(enrollment.participant.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Where you are logged in")).to_be_visible()
    here.reload()
    expect(here.get_by_text("Chrome on Linux")).to_have_count(2)
    shoot(here, "sessions")

    here.get_by_role("button", name="Log out everywhere else").click()

    expect(here.get_by_text("You are logged in nowhere else.")).to_be_visible()
    there.goto("/today/")
    expect(there.get_by_role("heading", name="Welcome back")).to_be_visible()
    here.goto("/today/")
    expect_in(here)


def test_a_new_address_takes_the_place_of_the_old_one(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    page = log_in(enrollment.participant)
    page.goto("/settings/")
    page.get_by_role("link", name="Change the email address").click()
    page.get_by_label("New email address").fill("new@example.org")
    page.get_by_role("button", name="Change the address").click()
    confirm(page)
    page.get_by_label("Code").fill(emailed_code())
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text("new@example.org is confirmed.")).to_be_visible()
    assert User.objects.get(pk=enrollment.participant_id).email == "new@example.org"


PAGES = [
    "/settings/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/webauthn/keys/{pk}/edit/",
    "/accounts/2fa/webauthn/keys/{pk}/remove/",
    "/accounts/2fa/webauthn/reauthenticate/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/sessions/",
]


def test_pages_of_getting_in_are_accessible(log_in: LogIn, enrollment: Enrollment) -> None:
    page, audit = log_in(enrollment.participant, bypass_csp=True), Audit()
    give_a_device(page)
    page.goto("/accounts/2fa/webauthn/add/")
    confirm(page)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    pk = Authenticator.objects.get(type="webauthn").pk
    for path in PAGES:
        response = page.goto(path.format(pk=pk))
        assert response
        assert response.status == 200, path
        audit.look_at(page, path)
    log_out(page)
    for path in ("/accounts/login/", "/accounts/signup/passkey/"):
        page.goto(path)
        audit.look_at(page, path)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(enrollment.participant.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="One step more")).to_be_visible()
    audit.look_at(page, "second step")

    assert audit.findings == []


def test_pages_of_each_way_to_confirm_are_accessible(
    log_in: LogIn, open_context: OpenContext, enrollment: Enrollment
) -> None:
    alice, audit = enrollment.participant, Audit()
    page = log_in(alice, bypass_csp=True)
    page.goto("/accounts/2fa/")
    audit.look_at(page, "no factor")
    page.goto("/accounts/2fa/webauthn/add/")
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    audit.look_at(page, "confirm by password")
    confirm(page)
    page.goto("/accounts/2fa/webauthn/")
    audit.look_at(page, "no passkey")
    EmailAddress.objects.create(user=alice, email="a.much.longer.address@mail.example.org")
    page.goto("/accounts/email/")
    audit.look_at(page, "pending address")
    EmailAddress.objects.filter(user=alice, verified=False).delete()
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(alice)
    for path in ("/accounts/2fa/", "/accounts/2fa/totp/deactivate/"):
        page.goto(path)
        audit.look_at(page, f"{path} with an app")

    # Another browser, in which nobody has confirmed yet.
    page = log_in(alice, bypass_csp=True)
    page.goto("/accounts/2fa/reauthenticate/?next=/accounts/2fa/recovery-codes/")
    expect(page.get_by_label("Code from your app, or a recovery code")).to_be_visible()
    audit.look_at(page, "confirm by a factor")
    Authenticator.objects.all().delete()
    alice.set_unusable_password()
    alice.save()
    page = log_in(alice, bypass_csp=True)
    page.goto("/accounts/password/set/")
    page.goto("/accounts/reauthenticate/code/?next=/settings/")
    audit.look_at(page, "confirm by mail")
    page.get_by_role("button", name="Email me a code").click()
    expect(page.get_by_label("Code")).to_be_visible()
    audit.look_at(page, "confirm by mail sent")

    page = open_context(bypass_csp=True).new_page()
    page.goto("/accounts/login/code/")
    page.get_by_label("Email").fill(alice.email)
    page.get_by_role("button", name="Email me a code").click()
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    audit.look_at(page, "log in by code")

    assert audit.findings == []


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
