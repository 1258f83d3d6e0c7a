"""From choosing a reminder to the mail, and out of it again with one click."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import expect
from pytest_django import Settings

from accounts.delivery import deliver_due
from accounts.mailbox import SEPARATOR
from accounts.models import User
from program.models import Enrollment, MailChoice
from program.models.reminders import queue_due
from tests.browser.pages import LogIn, OpenContext, shoot

WEDNESDAY = datetime(2027, 3, 17, 6, 30, tzinfo=UTC)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MAILBOX_DIR = tmp_path
    settings.MAILERS = {
        "default": {"BACKEND": "accounts.mail_backend.EmailBackend"},
        "delivery": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": tmp_path},
        },
    }
    return tmp_path


def test_reminder_is_chosen_read_and_stopped_with_one_click(
    alice: User,
    enrollment: Enrollment,
    log_in: LogIn,
    open_context: OpenContext,
    folder: Path,
    noon: time_machine.Traveller,
) -> None:
    page = log_in(alice)
    page.goto("/settings/")
    form = page.locator("#reminders")
    morning = form.get_by_role("checkbox", name="In the morning")
    expect(morning).not_to_be_checked()
    morning.check()
    form.get_by_label("Time in the morning").fill("07:30")
    form.get_by_role("button", name="Save reminders").click()
    expect(page.get_by_text("Next reminder at 7:30 a.m. on Wednesday, March 17.")).to_be_visible()
    shoot(page, "settings-reminders")

    noon.move_to(WEDNESDAY)
    queue_due(WEDNESDAY)
    deliver_due(lambda: WEDNESDAY)

    # The mail is opened where nobody is logged in.
    reader = open_context().new_page()
    reader.goto("/mailbox/")
    reader.get_by_role("link", name="Day 10: six new stones").click()
    expect(reader.get_by_text("Tell two people")).to_be_visible()
    shoot(reader, "mailbox-reminder")
    link = reader.locator('a[href*="/unsubscribe/"]').get_attribute("href")
    assert link
    reader.goto(re.sub(r"^https?://[^/]+", "", link))
    expect(reader.get_by_role("heading", name="Stop this mail?")).to_be_visible()
    shoot(reader, "unsubscribe")
    assert MailChoice.objects.get().is_wanted
    reader.get_by_role("button", name="Stop it").click()
    expect(reader.get_by_role("heading", name="Stopped")).to_be_visible()
    shoot(reader, "unsubscribed")
    assert not MailChoice.objects.get().is_wanted

    page.goto("/settings/")
    expect(morning).not_to_be_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_reminder_is_readable_in_both_themes(
    scheme: str,
    alice: User,
    enrollment: Enrollment,
    open_context: OpenContext,
    folder: Path,
    noon: time_machine.Traveller,
) -> None:
    MailChoice.objects.choose(alice, "morning", at=WEDNESDAY.time().replace(hour=7), now=WEDNESDAY)
    MailChoice.objects.update(next_due_at=WEDNESDAY)
    noon.move_to(WEDNESDAY)
    queue_due(WEDNESDAY)
    deliver_due(lambda: WEDNESDAY)
    (file,) = folder.glob("*.log")
    mail = message_from_bytes(file.read_bytes().split(SEPARATOR)[0], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("html",))
    assert body

    page = open_context(color_scheme=scheme).new_page()
    page.set_content(body.get_content())

    shoot(page, f"mail-reminder-{scheme}")
    found = page.evaluate(_CONTRASTS)
    assert len(found) > 12
    assert min(found.values()) >= 4.5, found
    expect(page.get_by_role("link", name="Open today")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The contrast of each text with what it stands on, as WCAG counts it.
_CONTRASTS = """() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => rgb(color).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = {};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const words = texts.currentNode.data.trim();
    if (!words) continue;
    const element = texts.currentNode.parentElement;
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    found[words] = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  }
  return found;
}"""
