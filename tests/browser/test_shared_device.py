"""A device that somebody else uses next: after a logout nothing private is left, on no page that
Back leads to and in no file of the browser's.
"""

import re
from collections.abc import Sequence
from itertools import batched
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import User
from program.models import Cohort, Enrollment
from tests.addresses import ADDRESSES
from tests.browser.pages import OpenPhone, leave, line, session_cookie
from tests.browser.phones import expect_unsent, go_online, log_out, open_today, wait_until_sent
from tests.browser.wire import Wire
from tests.figures import figure
from tests.often import often
from tests.used_account import CANARY, make_used_account

# The browser's own memory of where it was and of what was typed into forms: addresses and titles,
# which are its owner's to clear.
OF_THE_BROWSER = ("History", "Sessions", "Favicons", "Web Data", "Visited Links", "Top Sites")


@pytest.fixture
def used(carol: User) -> tuple[User, Client]:
    return make_used_account(carol)


# How many pages are looked at: a few here, in `make resilience` all of them.
PAGES = often(5, 1000)
# So many pages of a tab's past a browser keeps, and some to spare.
REMEMBERED = 40
# Where somebody without a session is led to: to log in, or from logging out to the front door.
OF_STRANGERS = re.compile("Welcome back|One thing. Two weeks.")


def private_pages(client: Client) -> list[str]:
    """What answers this person with a page and a visitor with the way to log in."""
    pks = [Enrollment.objects.latest("pk").pk, *Cohort.objects.values_list("pk", flat=True)]
    client.raise_request_exception = False  # some rows of theirs are only half there
    found = []
    for address in ADDRESSES:
        for path in {address.replace("/1/", f"/{pk}/") for pk in pks}:
            page = client.get(path)
            is_page = page.status_code == 200 and page["Content-Type"].startswith("text/html")
            if is_page and Client().get(path).status_code == 302:
                found.append(path)
                break
        if len(found) == PAGES:
            break
    return found


def test_back_after_a_logout_leads_to_no_page_that_was_private(
    open_phone: OpenPhone, wire: Wire, used: tuple[User, Client]
) -> None:
    user, client = used
    pages = private_pages(client)
    leaks = []
    for some in batched(pages, REMEMBERED):
        context = open_phone()
        context.add_cookies([session_cookie(user, wire.url)])
        leaks += _leaks(open_today(context), some)
        context.close()

    figure("E6", "private pages that Back led to after a logout", len(pages))
    figure("E6 leaks", "of them that showed a word", len(leaks), bar="0", holds=not leaks)
    assert len(pages) >= min(PAGES, 50)
    assert leaks == []


def _leaks(page: Page, paths: Sequence[str]) -> list[str]:
    """Those that show a word to whoever goes back to them after the logout."""
    for path in paths:
        page.goto(path)
    page.goto("/today/")
    assert CANARY in page.content()
    log_out(page)
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    found = []
    for path in reversed(paths):
        page.go_back()
        expect(page.get_by_role("heading", name=OF_STRANGERS), path).to_be_visible()
        if CANARY in page.content():
            found.append(path)
    return found


def test_after_a_logout_no_file_of_the_browser_holds_a_private_word(
    open_phone: OpenPhone, wire: Wire, used: tuple[User, Client], tmp_path: Path
) -> None:
    user, client = used
    context = open_phone(tmp_path)
    context.add_cookies([session_cookie(user, wire.url)])
    page = open_today(context)
    for path in private_pages(client):
        page.goto(path)
    page.goto("/today/")
    with wire.down():
        leave(line(page, "share", 2), f"{CANARY} out of range")
        expect_unsent(page, 1)
        assert _files_with(CANARY, tmp_path) != []  # what is looked for is found while it waits
    go_online(page)
    wait_until_sent(context)

    log_out(page)
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    context.close()

    found = _files_with(CANARY, tmp_path)
    count = sum(1 for file in tmp_path.rglob("*") if file.is_file())
    figure("E7", "files of the browser after a logout", count)
    figure("E7 canaries", "of them that hold a private word", len(found), bar="0", holds=not found)
    assert found == []


def _files_with(word: str, folder: Path) -> list[str]:
    wanted = [word.encode(), word.encode("utf-16-le")]
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file()
        and not any(name in str(file.relative_to(folder)) for name in OF_THE_BROWSER)
        and any(each in file.read_bytes() for each in wanted)
    ]
