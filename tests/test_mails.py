"""Every kind of mail, as it leaves."""

import re

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives

from accounts import outbox
from tests.mails import EXAMPLES, examples, html_of

# What answers to something that its reader has done is not stopped.
ANSWERS = {"account", "test", "account_deleted", "account_unused", "export_ready"}


def test_every_declared_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(outbox.KINDS)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_mail_is_whole(kind: str, db: None, noon: time_machine.Traveller) -> None:
    for message in examples(kind):
        text, html = str(message.body), html_of(message)

        assert message.subject.strip() == message.subject != ""
        assert "\n" not in message.subject
        for words in (message.subject, text, html):
            assert not re.search(r"{[{%#]|[%#}]}|None|\bTrue\b|\bFalse\b", words)
        assert not re.search(r"\n{3,}|[ \t]\n", text), "an empty part leaves a hole"
        assert "&#x27;" not in text
        assert "&amp;" not in text
        for link in re.findall(r'href="([^"]+)"', html):
            assert link.startswith("http://localhost:8000")
        assert "<script" not in html
        assert "<img" not in html


@pytest.mark.parametrize("kind", EXAMPLES)
def test_text_leads_wherever_the_html_does(
    kind: str, db: None, noon: time_machine.Traveller
) -> None:
    """But to the people of a digest, and to the front door, which are only nearer in HTML."""
    for message in examples(kind):
        links = set(re.findall(r'href="([^"]+)"', html_of(message)))
        missing = {link for link in links if link not in str(message.body)}

        assert {link for link in missing if "/people/" not in link} <= {
            "http://localhost:8000/coaching/"
        }


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_class_of_a_mail_has_its_style_in_place(
    kind: str, db: None, noon: time_machine.Traveller
) -> None:
    for message in examples(kind):
        for tag in re.findall(r"<\w+ [^>]*class=[^>]*>", html_of(message)):
            assert "style=" in tag, tag


@pytest.mark.parametrize("kind", EXAMPLES)
def test_mail_that_nobody_waits_for_stops_with_one_click(
    kind: str, db: None, noon: time_machine.Traveller
) -> None:
    for message in examples(kind):
        assert _stops(message) == (kind not in ANSWERS)


def _stops(message: EmailMultiAlternatives) -> bool:
    headers = message.extra_headers
    is_one_click = headers.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    return is_one_click and headers["List-Unsubscribe"].startswith("<http://localhost:8000/")
