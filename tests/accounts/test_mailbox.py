"""The development mailbox: what the site would have sent, to be read on one's own machine."""

from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from tests.posting import is_our_page, text_of


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MAILBOX_DIR = tmp_path / "mail"
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": settings.MAILBOX_DIR},
        }
    }
    return tmp_path / "mail"


def send(*, subject: str, body: str, html: str = "") -> None:
    mail = EmailMultiAlternatives(subject, body, "noreply@example.org", ["alice@example.org"])
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def test_mailbox_list_without_mail_says_so(folder: Path, db: None) -> None:
    response = Client().get("/mailbox/")

    assert response.status_code == 200
    assert "No mail yet." in text_of(response)


def test_mailbox_list_shows_mail_and_leads_to_it(folder: Path, db: None) -> None:
    send(subject="Your code", body="It is 123456, for søndag.")
    client = Client()

    page = text_of(client.get("/mailbox/"))
    href = page.split('href="/mailbox/')[1].split('"')[0]
    mail = text_of(client.get(f"/mailbox/{href}"))

    assert "Your code" in page
    assert "To alice@example.org" in page
    assert "It is 123456, for søndag." in mail
    assert "noreply@example.org" in mail


def test_mailbox_list_holds_every_mail_of_one_file(folder: Path, db: None) -> None:
    with_one_connection = [
        EmailMultiAlternatives(f"Mail {n}", f"Body {n}", "a@example.org", ["b@example.org"])
        for n in range(3)
    ]

    for mail in with_one_connection:
        mail.send()
    page = text_of(Client().get("/mailbox/"))

    assert [f"Mail {n}" in page for n in range(3)] == [True] * 3


def test_mailbox_detail_shows_words_as_words(folder: Path, db: None) -> None:
    send(subject="<script>1</script>", body="<script>2</script> http://localhost:8000/x")
    client = Client()
    page = text_of(client.get("/mailbox/"))
    href = page.split('href="/mailbox/')[1].split('"')[0]

    mail = text_of(client.get(f"/mailbox/{href}"))

    assert "<script>1" not in page + mail
    assert "<script>2" not in mail
    assert 'href="http://localhost:8000/x"' in mail


@pytest.mark.parametrize("key", ["nothing", "20270316-120000-1-0"])
def test_mailbox_detail_of_no_mail_is_not_found(folder: Path, db: None, key: str) -> None:
    response = Client().get(f"/mailbox/{key}/")

    assert response.status_code == 404
    assert is_our_page(response)


@pytest.mark.parametrize("path", ["/mailbox/", "/mailbox/key/"])
def test_mailbox_is_not_there_outside_development(settings: Settings, db: None, path: str) -> None:
    settings.MAILBOX_DIR = None

    response = Client().get(path)

    assert response.status_code == 404
    assert is_our_page(response)


@pytest.mark.parametrize("path", ["/mailbox/", "/mailbox/key/"])
def test_mailbox_by_post_is_not_allowed(folder: Path, db: None, path: str) -> None:
    response = Client().post(path)

    assert response.status_code == 405
