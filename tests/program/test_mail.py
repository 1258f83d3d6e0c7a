"""Which mail somebody wants, and the links in it that stop it (RFC 8058)."""

from datetime import time

import pytest
import time_machine
from django.core.signing import Signer
from django.test import Client

from accounts.models import User
from program.models import Enrollment, MailChoice
from program.models.mail import all_kinds_token, one_kind_token
from tests.addresses import fingerprint
from tests.factories import NOON
from tests.posting import Response, is_our_page, text_of

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def choices(alice: User, enrollment: Enrollment, noon: time_machine.Traveller) -> User:
    """Alice gets mail in the morning, in the evening and from her coach."""
    MailChoice.objects.choose(alice, "morning", at=time(7, 30), now=NOON)
    MailChoice.objects.choose(alice, "evening", at=time(20), now=NOON)
    MailChoice.objects.choose(alice, "coach_note", now=NOON)
    return alice


def wanted(user: User) -> set[str]:
    return {choice.kind for choice in MailChoice.objects.owned_by(user).wanted()}


def stranger() -> Client:
    """A mail client: no cookie, and no token of a page of ours."""
    return Client(enforce_csrf_checks=True)


# --- One kind -------------------------------------------------------------------------------------


def test_unsubscribe_takes_the_bare_post_of_a_mail_client(choices: User) -> None:
    client = stranger()

    response = client.post(url(choices, "morning"), ONE_CLICK, content_type=FORM)

    assert response.status_code == 200
    assert not response.cookies
    assert wanted(choices) == {"evening", "coach_note"}
    assert MailChoice.objects.get(user=choices, kind="morning").next_due_at is None


def test_unsubscribe_takes_the_same_from_another_origin(choices: User) -> None:
    response = stranger().post(
        url(choices, "morning"),
        ONE_CLICK,
        content_type=FORM,
        headers={"origin": "https://mail.example", "sec-fetch-site": "cross-site"},
    )

    assert response.status_code == 200
    assert "morning" not in wanted(choices)


def test_unsubscribe_twice_answers_the_same(choices: User) -> None:
    first = stranger().post(url(choices, "morning"))
    before = fingerprint()

    second = stranger().post(url(choices, "morning"))

    assert (first.status_code, second.status_code) == (200, 200)
    assert fingerprint() == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_unsubscribe_asked_for_changes_nothing_and_sets_no_cookie(
    method: str, choices: User
) -> None:
    before = fingerprint()
    client = stranger()

    for _time in range(3):
        response = client.generic(method, url(choices, "morning"))
        assert not response.cookies

    assert fingerprint() == before


def test_unsubscribe_shows_a_button_to_whom_is_not_logged_in(choices: User) -> None:
    page = text_of(stranger().get(url(choices, "evening")))

    assert "Stop it</button>" in page
    assert "Evening reminders" in page
    assert "alice" not in page.lower()


def test_unsubscribe_after_it_says_so_and_offers_no_button(choices: User) -> None:
    stranger().post(url(choices, "evening"))

    page = text_of(stranger().get(url(choices, "evening")))

    assert "Stopped" in page
    assert "Stop it</button>" not in page


def test_unsubscribe_works_logged_in_as_somebody_else(choices: User, bob: User) -> None:
    MailChoice.objects.choose(bob, "morning", at=time(7), now=NOON)
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    client.post(url(choices, "morning"))

    assert "morning" not in wanted(choices)
    assert wanted(bob) == {"morning"}


def test_unsubscribe_link_is_good_ten_years_on(choices: User) -> None:
    link = url(choices, "morning")

    with time_machine.travel(NOON.replace(year=2037)):
        response = stranger().post(link)

    assert response.status_code == 200
    assert "morning" not in wanted(choices)


def test_unsubscribe_link_is_good_after_the_key_was_changed(
    choices: User, settings: pytest.FixtureRequest
) -> None:
    link = url(choices, "morning")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another key altogether"  # type: ignore[attr-defined]

    assert stranger().post(link).status_code == 200
    assert "morning" not in wanted(choices)


def test_link_for_one_purpose_opens_no_other(choices: User) -> None:
    one, every = one_kind_token(choices, "morning"), all_kinds_token(choices)
    before = fingerprint()

    assert stranger().post(f"/unsubscribe/{every}/").status_code == 404
    assert stranger().get(f"/mail/{one}/").status_code == 404
    assert fingerprint() == before


@pytest.mark.parametrize("path", ["unsubscribe", "mail"])
@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "1-morning",
        "1-morning.x",
        "1.",
        "..",
        "é.é",
        "x" * 5000,
        Signer().sign("1-morning"),
    ],
)
def test_token_of_somebody_elses_making_finds_nothing(path: str, token: str, choices: User) -> None:
    before = fingerprint()

    for method in ("GET", "POST"):
        response = Client().generic(method, f"/{path}/{token}/")
        assert response.status_code == 404
        assert is_our_page(response)

    assert fingerprint() == before


def test_unsubscribe_of_a_deleted_account_is_not_found(choices: User) -> None:
    link = url(choices, "morning")
    choices.delete()

    assert stranger().get(link).status_code == 404


# --- All kinds ------------------------------------------------------------------------------------


def test_mail_choices_lists_what_comes(choices: User) -> None:
    page = text_of(stranger().get(f"/mail/{all_kinds_token(choices)}/"))

    assert "Morning reminders" in page
    assert "at 7:30 a.m." in page
    assert "Notes from your coach" in page
    assert "alice" not in page.lower()


def test_mail_choices_stops_what_has_lost_its_tick(choices: User) -> None:
    response = post_kinds(choices, shown=["morning", "evening", "coach_note"], wanted=["evening"])

    assert response.status_code == 200
    assert wanted(choices) == {"evening"}
    assert "Saved." in text_of(response)


def test_mail_choices_leaves_what_was_chosen_since(choices: User) -> None:
    post_kinds(choices, shown=["morning"], wanted=[])

    assert wanted(choices) == {"evening", "coach_note"}


def test_mail_choices_starts_nothing(choices: User) -> None:
    MailChoice.objects.owned_by(choices).of_kinds("evening").stop(NOON)

    post_kinds(choices, shown=[], wanted=["evening", "coach_digest", "nonsense"])

    assert wanted(choices) == {"morning", "coach_note"}


def test_mail_choices_with_nothing_left_says_so(choices: User) -> None:
    MailChoice.objects.owned_by(choices).stop(NOON)

    assert "You have stopped all of it." in text_of(
        stranger().get(f"/mail/{all_kinds_token(choices)}/")
    )


def test_mail_choices_without_a_token_of_the_page_is_refused(choices: User) -> None:
    response = stranger().post(f"/mail/{all_kinds_token(choices)}/", {"shown": "morning"})

    assert response.status_code == 403
    assert "morning" in wanted(choices)


def test_pages_of_a_link_are_kept_out_of_every_index_and_cache(choices: User) -> None:
    for path in (url(choices, "morning"), f"/mail/{all_kinds_token(choices)}/"):
        response = stranger().get(path)
        assert response["X-Robots-Tag"] == "noindex"
        assert "no-store" in response["Cache-Control"]


def url(user: User, kind: str) -> str:
    return f"/unsubscribe/{one_kind_token(user, kind)}/"


def post_kinds(user: User, **kinds: list[str]) -> Response:
    return Client().post(f"/mail/{all_kinds_token(user)}/", kinds, follow=True)
