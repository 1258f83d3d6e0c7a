"""The pages of staff under our policy: nothing inline is asked for, and they can be used by all."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser.pages import DESK, PHONE, LogIn, session_cookie, shoot
from tests.factories import make_cohort

ADMIN = ["/admin/", "/admin/accounts/user/", "/admin/program/cohort/"]


@pytest.fixture(autouse=True)
def _without_second_factors(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = (
        "nobody"  # that they are asked for, test_required_factors.py says
    )


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_superuser("marta@example.org", display_name="Marta")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_staff_page_is_within_everybodys_reach(
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
    staff: User,
    browser: Browser,
    live_server: LiveServer,
) -> None:
    # A context that nobody listens to: axe tries styles out, which the policy refuses.
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme
    )
    context.add_cookies([session_cookie(staff, live_server.url)])
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/")
    shoot(page, f"staff-{size[0]}-{scheme}")

    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def test_admin_runs_under_our_policy(staff: User, alice: User, log_in: LogIn) -> None:
    """The fixture `complaints` fails this for a script or style that is refused."""
    make_cohort(coach=alice)
    page = log_in(staff, size=DESK)
    for address in [*ADMIN, f"/admin/accounts/user/{alice.pk}/history/"]:
        page.goto(address, wait_until="networkidle")
        shoot(page, f"admin{address.replace('/', '-')}")

    page.goto(f"/admin/accounts/user/{alice.pk}/change/", wait_until="networkidle")
    shoot(page, "admin-user-change")
    page.get_by_label("Active").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    alice.refresh_from_db()
    assert not alice.is_active
