"""An account at an OpenID Connect provider, a real one in a process of its own, in the browser."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from program.models import Enrollment
from tests.accounts.test_providers import as_app, running_provider
from tests.browser.pages import LogIn, OpenContext, shoot
from tests.browser.test_accessibility import Audit
from tests.browser.test_getting_in import confirm, log_out
from tests.factories import NOON

WITH_EXAMPLE = "Log in with Example"


@pytest.fixture
def provider(live_server: LiveServer, settings: Settings) -> Iterator[str]:
    back = f"{live_server.url}/accounts/oidc/example/login/callback/"
    with running_provider(back, NOON) as url:
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [as_app(url)]}}
        # By its number it is another host than our own, so that the two share no cookie.
        assert urlsplit(url).hostname != urlsplit(live_server.url).hostname
        yield url


def enter(page: Page, provider: str, email: str) -> None:
    """Log in at the provider, as whoever has an account there."""
    assert page.context.request.get(f"{provider}/enter/{email}/").ok


def test_account_begins_at_a_provider_and_is_opened_from_there_again(
    provider: str, open_context: OpenContext
) -> None:
    page, audit = open_context(bypass_csp=True).new_page(), Audit()
    enter(page, provider, "nora@example.org")
    page.goto("/accounts/login/")
    audit.look_at(page, "login")
    page.get_by_role("button", name=WITH_EXAMPLE).click()

    expect(page.get_by_role("button", name="Account of Nora Lind")).to_be_visible()
    nora = User.objects.get(email="nora@example.org")
    assert not nora.has_usable_password()
    log_out(page)
    # By the page that asks first, which a link may lead to.
    page.goto("/accounts/oidc/example/login/")
    audit.look_at(page, "before the provider")
    shoot(page, "provider-go")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Account of Nora Lind")).to_be_visible()
    assert SocialAccount.objects.get().user == nora
    assert audit.findings == []


def test_provider_is_connected_in_the_settings_and_taken_away(
    provider: str, log_in: LogIn, enrollment: Enrollment
) -> None:
    page, audit = log_in(enrollment.participant, bypass_csp=True), Audit()
    enter(page, provider, "other@example.org")
    page.goto("/accounts/3rdparty/")
    audit.look_at(page, "nothing connected")
    shoot(page, "providers-none")
    page.get_by_role("button", name="Connect Example").click()
    confirm(page)
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible()
    audit.look_at(page, "connected")
    shoot(page, "providers-one")
    assert SocialAccount.objects.get().user == enrollment.participant

    page.get_by_role("button", name="Disconnect").click()

    expect(page.get_by_role("button", name="Disconnect")).to_have_count(0)
    assert not SocialAccount.objects.exists()
    assert audit.findings == []
