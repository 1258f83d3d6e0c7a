"""Audio and video that a host's prompt pack adds: the browser's own player, and asked of nobody
before it is played.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as ours
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from program import prompts
from program.models import Enrollment
from tests.browser.pages import PHONE, LogIn, shoot

HOST = "media.example.org"
MEDIA = """
[{where}.media]
kind = "{kind}"
url = "https://{host}/{where}"
title = "{title}"
transcript = "Every word of it."
"""


@pytest.fixture
def with_media(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A pack with audio on day 9, which is today, video at step 4 and audio at step 10."""
    pack = tmp_path / "prompts.toml"
    added = [
        ("days.9", "audio", "The ninth day"),
        ("steps.4", "video", "The fourth step"),
        ("steps.10", "audio", "The tenth step"),
    ]
    tables = [MEDIA.format(where=w, kind=k, title=t, host=HOST) for w, k, t in added]
    pack.write_text(Path(ours.PROMPT_PACK).read_text() + "".join(tables))
    settings.PROMPT_PACK, settings.MEDIA_HOSTS = pack, [HOST]
    settings.SECURE_CSP = {**ours.SECURE_CSP, "media-src": [f"https://{HOST}"]}
    prompts.pack.cache_clear()
    yield
    prompts.pack.cache_clear()


def test_media_of_a_day_and_of_a_step_have_the_native_player(
    with_media: None, log_in: LogIn, enrollment: Enrollment
) -> None:
    page = log_in(enrollment.participant)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto("/today/")
    _expect_player(page, page.locator("main"), "audio", "The ninth day")

    page.goto("/steps/")
    _expect_player(page, page.locator("#step-4"), "video", "The fourth step")
    _expect_player(page, page.locator("#step-10"), "audio", "The tenth step")
    expect(page.locator("audio, video")).to_have_count(2)
    shoot(page, "steps-media")
    assert not [url for url in asked if HOST in url]


def _expect_player(page: Page, where: Locator, kind: str, title: str) -> None:
    player = where.locator(kind)
    expect(player).to_be_visible()
    expect(player).to_have_attribute("controls", "")
    expect(player).to_have_attribute("preload", "none")
    expect(player).to_have_accessible_name(title)
    box = player.bounding_box()
    assert box
    assert box["x"] + box["width"] <= PHONE[0]
    transcript = where.get_by_text("Every word of it.")
    expect(transcript).to_be_hidden()
    where.get_by_text("Read it instead").click()
    expect(transcript).to_be_visible()
