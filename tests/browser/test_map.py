"""The map as it is found without seeing it: one drawing and one table, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from program.models import Enrollment
from tests.browser.pages import DESK, PHONE, LogIn
from tests.factories import make_entry

NARROW = (320, 700)


@pytest.mark.parametrize("size", [NARROW, PHONE, DESK], ids=["narrow", "phone", "desk"])
def test_map_is_one_drawing_and_one_table(
    size: tuple[int, int], log_in: LogIn, enrollment: Enrollment
) -> None:
    make_entry(enrollment=enrollment, line="My sister")
    page = log_in(enrollment.participant, size=size)
    page.goto("/map/")

    drawing = page.get_by_role("group", name="Your fourteen days as a climb to a summit")
    expect(drawing).to_have_count(1)
    expect(drawing.get_by_role("link")).to_have_count(14)
    # Folding has not taken the table apart.
    table = page.get_by_role("table", name="Day by day")
    expect(table.get_by_role("row")).to_have_count(15)
    expect(table.get_by_role("columnheader")).to_have_count(6)
    today = table.get_by_role("row").nth(9)
    expect(today.get_by_role("rowheader")).to_have_text("9 Tue 16")
    expect(today.get_by_role("cell")).to_have_text(["1", "0", "0", "1 of 6", "My sister"])


def test_map_leads_to_its_days_by_keyboard(log_in: LogIn, enrollment: Enrollment) -> None:
    page = log_in(enrollment.participant)
    page.goto("/map/")

    page.get_by_role("link", name="Day 7, Sunday, March 14: 0 of 6").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/days/2027-03-15/")
