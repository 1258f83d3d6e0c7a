"""A note of a coach in the browser: announced, read once it is seen, announced no more."""

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from program.models import Encouragement, Enrollment
from tests.browser.pages import LogIn, answered, shoot
from tests.factories import make_cohort, make_entry, make_membership


def test_note_is_read_once_it_is_seen(
    alice_page: Page, enrollment: Enrollment, carol: User, log_in: LogIn, live_server: LiveServer
) -> None:
    cohort = make_cohort(coach=carol)
    make_membership(cohort=cohort, enrollment=enrollment, nudges=True)
    carols = log_in(carol)
    make_entry(enrollment=enrollment, line="Told Ruth at the gate")
    carols.goto(f"{live_server.url}/coaching/{cohort.pk}/queue/")
    shoot(carols, "queue")
    carols.get_by_label("Your note").fill("You asked the one with the key. Who else has one?")
    carols.get_by_role("button", name="Leave the note").click()
    expect(carols.get_by_text("Everything has its answer")).to_be_visible()
    carols.goto(f"{live_server.url}/coaching/{cohort.pk}/people/{enrollment.pk}/")
    shoot(carols, "participant")

    alice_page.goto(f"{live_server.url}/today/")
    peek = alice_page.locator("a.peek")
    expect(peek).to_contain_text("Carol: You asked the one with the key")
    shoot(alice_page, "today")
    assert Encouragement.objects.get().read_at is None

    with answered(alice_page, lambda answer: "/notes/read/" in answer.url and answer.status == 204):
        peek.click()

    expect(alice_page.get_by_text("Carol, your coach")).to_be_in_viewport()
    assert Encouragement.objects.get().read_at
    alice_page.goto(f"{live_server.url}/today/")
    expect(peek).to_have_count(0)
