"""What happens to words that are sent after the session has ended, under a page still open."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.models import User
from program.models import DailyEntry, Enrollment
from tests.factories import PASSWORD
from tests.posting import HTMX, TODAY, Response, entry_url, is_our_page, is_toast, text_of

DAY_PAGE = f"/days/{TODAY}/"
HERE = "http://testserver"  # what a test client calls the site


def save_from(page: str, enrollment: Enrollment, *, htmx: bool) -> Response:
    """Post a stone without a session, from an open page."""
    headers = {**HTMX, "HX-Current-URL": page} if htmx else {"Referer": page}
    return Client().post(
        entry_url(TODAY, enrollment.stone_id(TODAY, "share", 1)),
        {"enrollment": enrollment.public_id, "practice": "share", "done": "1"},
        headers=headers,
    )


def next_of(response: Response) -> str:
    """Where logging in leads back to, from the redirect or from the link in the toast."""
    place = response.headers.get("Location") or text_of(response).split('href="')[1].split('"')[0]
    return parse_qs(urlsplit(place).query)["next"][0]


def test_login_required_answers_htmx_with_a_toast_and_no_redirect(enrollment: Enrollment) -> None:
    response = save_from(HERE + DAY_PAGE, enrollment, htmx=True)

    assert response.status_code == 401
    assert "HX-Redirect" not in response
    assert "Location" not in response
    assert is_toast(response)
    assert "Your words are still here" in text_of(response)
    assert next_of(response) == DAY_PAGE
    assert not DailyEntry.objects.exists()


def test_login_required_sends_a_plain_form_to_log_in_and_says_so(enrollment: Enrollment) -> None:
    client = Client()

    response = client.post(
        entry_url(TODAY, enrollment.stone_id(TODAY, "share", 1)),
        {"enrollment": enrollment.public_id, "practice": "share", "done": "1"},
        headers={"Referer": HERE + DAY_PAGE},
    )
    login = client.get(response["Location"])

    assert response.status_code == 302
    assert next_of(response) == DAY_PAGE
    assert "was not saved" in text_of(login)
    assert not DailyEntry.objects.exists()


def test_login_after_an_ended_session_leads_back_to_the_day(
    alice: User, enrollment: Enrollment
) -> None:
    client = Client()
    response = save_from(HERE + DAY_PAGE, enrollment, htmx=False)

    login = client.post(response["Location"], {"login": alice.email, "password": PASSWORD})

    assert login.status_code == 302
    assert login["Location"] == DAY_PAGE


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("verb", ["", "remove/", "restore/"])
def test_login_required_leads_back_to_the_day_from_the_answer_to_a_post(
    enrollment: Enrollment, verb: str, htmx: bool
) -> None:
    # A refused line is shown at the address it was posted to, which cannot be asked for with GET.
    posted_to = entry_url(TODAY, enrollment.stone_id(TODAY, "share", 2), verb)

    response = save_from(HERE + posted_to, enrollment, htmx=htmx)

    assert next_of(response) == DAY_PAGE


@pytest.mark.parametrize(
    "page",
    [
        "",
        "http://evil.example/days/2027-03-16/",
        "//evil.example/today/",
        "javascript:alert(1)",
        HERE + "/nothing-here/",
        HERE + "//evil.example/",
        "http://[",
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_login_required_leads_to_today_from_what_is_no_page_of_ours(
    enrollment: Enrollment, page: str, htmx: bool
) -> None:
    response = save_from(page, enrollment, htmx=htmx)

    assert next_of(response) == "/today/"


def test_login_required_keeps_the_page_that_was_asked_for(db: None) -> None:
    response = Client().get(DAY_PAGE)

    assert response.status_code == 302
    assert next_of(response) == DAY_PAGE


def test_old_token_is_a_page_of_ours(alice: User, enrollment: Enrollment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    plain = client.post("/enrollments/start/")
    swapped = client.post("/enrollments/start/", headers=HTMX)

    assert plain.status_code == swapped.status_code == 403
    assert is_our_page(plain)
    assert is_toast(swapped)
