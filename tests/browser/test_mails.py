"""Every kind of mail in both themes, on a phone and in a window of a mail program.

`make mails` keeps the pictures, and the mails themselves, for somebody to look at.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.pages import OpenContext, shoot
from tests.browser.test_accessibility import AXE
from tests.mails import EXAMPLES, examples, html_of

WIDTHS = (390, 600)
# A mail has no landmarks: it is shown inside of a page that has them.
_RUN_AXE = """() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
  .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html}`)))"""
_IS_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("kind", EXAMPLES)
def test_mail_is_readable_in_both_themes(kind: str, open_context: OpenContext) -> None:
    mails = [html_of(message) for message in examples(kind)]
    for number, html in enumerate(mails, start=1):
        _keep(f"{kind}-{number}.html", html)
        for theme in ("light", "dark"):
            page = open_context(color_scheme=theme).new_page()
            page.set_content(html)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                assert not page.evaluate(_IS_WIDE), f"{kind} at {width}"
                shoot(page, f"{kind}-{number}-{width}-{theme}")
            assert _violations(page) == [], f"{kind} in the {theme} theme"


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(_RUN_AXE)
    return found


def _keep(name: str, html: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder, name).write_text(html)
