"""Terms and privacy, in our words or in a host's."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from breakthrough import environment
from tests.posting import text_of

PAGES = ["/terms/", "/privacy/"]


@pytest.mark.parametrize("page", PAGES)
def test_legal_pages_say_who_runs_the_site(page: str, client: Client, settings: Settings) -> None:
    assert "whoever gave you its address" in text_of(client.get(page))

    settings.HOST_NAME, settings.HOST_CONTACT = "Ridge & Co", "host@example.org"
    words = text_of(client.get(page))

    assert "This site is run by Ridge &amp; Co." in words
    assert '<a href="mailto:host@example.org">' in words


def test_privacy_says_what_the_settings_do(client: Client, settings: Settings) -> None:
    settings.BACKUP_DAYS, settings.RETENTION_DAYS = 14, 730
    settings.MEDIA_HOSTS = ["media.example.org"]

    words = text_of(client.get("/privacy/"))

    assert "overwritten within 14 days" in words
    assert "nobody has logged in for 730 days" in words
    assert "come from media.example.org" in words
    assert "for 180 days" in words


@pytest.mark.parametrize(
    ("page", "name"), [("/terms/", "TERMS_FILE"), ("/privacy/", "PRIVACY_FILE")]
)
def test_a_hosts_own_file_takes_the_place_of_ours_and_stays_text(
    page: str, name: str, client: Client, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "own.txt"
    paragraphs = "# Our <b>rules</b>\r\n\r\nBe kind,\nand see https://example.org.\n\n\n"
    file.write_text(f"{paragraphs}- One\n- {{{{ Two }}}}\n", "utf-8")
    setattr(settings, name, file)

    words = text_of(client.get(page))

    assert "<h2>Our &lt;b&gt;rules&lt;/b&gt;</h2>" in words
    assert '<p>Be kind, and see <a href="https://example.org" rel="nofollow">' in words
    assert "<ul><li>One</li><li>{{ Two }}</li></ul>" in words
    assert "whoever gave you its address" not in words


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_stops_the_start(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.txt"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("TERMS_FILE", str(file))

    with pytest.raises(ImproperlyConfigured, match="TERMS_FILE names a file we cannot read"):
        environment.text_file("TERMS_FILE")


@pytest.mark.parametrize("page", ["/", "/accounts/signup/", "/accounts/login/"])
def test_visitors_find_both_pages(page: str, client: Client, db: None) -> None:
    words = text_of(client.get(page))

    assert 'href="/terms/"' in words
    assert 'href="/privacy/"' in words
