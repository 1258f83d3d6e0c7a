"""From a published page to an idea, to a request made of it, to the mail that says how it ended."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from program.models import DailyEntry, Enrollment, Follower, PublicPage, Reply
from tests.browser.pages import DESK, Complaints, LogIn, OpenContext, shoot
from tests.browser.test_accessibility import Audit
from tests.factories import NOON, make_need, make_page, make_person, make_reply, make_user
from tests.post import body, scan, sink
from tests.sink import Sink

__all__ = ["sink"]  # a fixture

IDEAS = [
    ("idea", "Peder, Malmö", "Put the kettle by the door. People come for a toaster and stay."),
    ("idea", "A. Berg", "There are nine sewing machines in the school basement."),
    ("cheer", "Mrs Lund", "I have a lamp. See you Saturday."),
    ("count_me_in", "Birgit", ""),
    ("help", "Jonas Ek", "I can look over the wiring before the council does."),
]


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def test_idea_becomes_a_request_and_its_visitor_hears_how_it_ended(
    log_in: LogIn, open_context: OpenContext, enrollment: Enrollment, sink: Sink
) -> None:
    # Published by its owner.
    owner = log_in(enrollment.participant)
    owner.goto("/public/")
    owner.get_by_role("button", name="Save").click()
    owner.get_by_role("button", name="Publish", exact=True).click()
    link = owner.get_by_role("textbox", name="The link").input_value()

    # Somebody without an account leaves an idea, and an address to hear how it ends.
    context = open_context(java_script_enabled=False)
    visitor = context.new_page()
    visitor.goto(path_of(link))
    visitor.get_by_label("Your words").fill("Ask Jonas about the wiring")
    visitor.get_by_label("Your name").fill("Peder")
    visitor.get_by_label("Email, to hear how it ends").fill("peder@example.org")
    assert context.cookies() == []
    visitor.get_by_role("button", name="Leave it here").click()
    expect(visitor.get_by_role("heading", name="Thank you. It is left.")).to_be_visible()
    visitor.goto(path_of(link))
    expect(visitor.get_by_text("Ask Jonas about the wiring")).to_have_count(0)

    # The link in the mail shows a button, and the button says yes.
    scan(NOON + timedelta(minutes=1))
    (own,) = re.findall(r"https?://\S+(/follow/[^/\s]+/)\s", body(sink.mails[-1]))
    visitor.goto(own)
    visitor.get_by_role("button", name="Yes, tell me").click()
    expect(visitor.get_by_role("heading", name="You will hear how it ends")).to_be_visible()

    # Its owner lets it stand, and makes a request of it.
    owner.goto("/inbox/")
    owner.get_by_role("button", name=re.compile("^Put on the page")).click()
    expect(owner.get_by_text("It stands on your page now.")).to_be_visible()
    visitor.goto(path_of(link))
    expect(visitor.get_by_text("Ask Jonas about the wiring")).to_be_visible()
    owner.goto("/inbox/?state=shown")
    owner.get_by_text("Make something of it").click()
    owner.get_by_role("button", name="A request").click()
    expect(owner.get_by_role("heading", name="Request", exact=True)).to_be_visible()
    entry = DailyEntry.objects.get()
    assert (entry.practice, entry.line) == ("request", "Ask Jonas about the wiring")

    # And says how it ended.
    owner.goto("/inbox/update/")
    owner.get_by_label("How it ended, and your thanks").fill("The lights work. Thank you, Peder.")
    owner.get_by_role("button", name="Send it").click()
    expect(owner.get_by_text("On its way to 1 person.")).to_be_visible()
    scan(NOON + timedelta(minutes=2))
    last = sink.mails[-1]
    assert last["To"] == "peder@example.org"
    assert "The lights work. Thank you, Peder." in body(last)
    assert last["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_inbox_is_gone_through_without_leaving_it_and_the_focus_goes_on(
    log_in: LogIn, enrollment: Enrollment
) -> None:
    page = make_page(enrollment)
    for name in ("Peder", "Birgit"):
        make_reply(page, name=name, words=f"Words of {name}")
    owner = log_in(enrollment.participant)
    owner.goto("/inbox/")
    owner.evaluate("document.body.dataset.same = 'page'")

    owner.get_by_role("button", name="Remove Birgit").click()
    expect(owner.get_by_text("Words of Birgit")).to_have_count(0)
    expect(owner.get_by_role("button", name="Undo")).to_be_focused()
    owner.keyboard.press("Enter")
    expect(owner.get_by_text("Words of Birgit")).to_be_visible()
    owner.get_by_role("button", name=re.compile("^Put on the page.*Peder")).click()
    expect(owner.get_by_text("It stands on your page now.")).to_be_visible()

    expect(owner.get_by_text("Words of Peder")).to_have_count(0)
    expect(owner.get_by_role("link", name="Waiting (1)")).to_be_focused()
    expect(owner.locator("body")).to_have_attribute("data-same", "page")


def test_pages_of_visitors_and_their_reader_are_accessible(
    log_in: LogIn,
    open_context: OpenContext,
    enrollment: Enrollment,
    complaints: Complaints,
) -> None:
    complaints.expect_status(422)
    audit = Audit()
    page = make_page(enrollment, shown_as="Maya", show_why=True, show_map=True)
    fill(page)
    visitor = open_context(bypass_csp=True).new_page()
    visitor.goto(f"/goal/{page.token}/")
    audit.look_at(visitor, "public page with replies")
    shoot_wide(visitor, "public-replies")
    visitor.get_by_role("button", name="Leave it here").click()
    expect(visitor.locator("[data-error-summary]")).to_be_visible()
    audit.look_at(visitor, "reply refused")
    reply, follower = Reply.objects.latest("pk"), Follower.objects.get()
    for path, name in (
        (f"/replies/{reply.token}/?new", "reply of a visitor"),
        (f"/follow/{follower.token}/", "follower"),
        (f"/follow/{follower.token}/stop/", "follower stop"),
    ):
        visitor.goto(path)
        audit.look_at(visitor, name)

    owner = log_in(enrollment.participant, bypass_csp=True)
    owner.goto("/inbox/")
    owner.get_by_text("Make something of it").first.click()
    audit.look_at(owner, "inbox")
    shoot_wide(owner, "inbox")
    follower.confirm(NOON)
    for path, name in (
        ("/inbox/?state=kept", "inbox kept"),
        ("/inbox/clear/", "inbox clear"),
        ("/inbox/update/", "inbox update"),
    ):
        owner.goto(path)
        audit.look_at(owner, name)

    assert audit.findings == []


def test_page_of_what_was_reported_is_accessible(
    log_in: LogIn, enrollment: Enrollment, settings: Settings
) -> None:
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    audit = Audit()
    page = make_page(enrollment)
    for number in range(2):
        make_reply(page, words=f"Cheap watches {number}").report(NOON)
    Reply.objects.latest("pk").block_everywhere(NOON)
    host = make_user(name="Host")
    User.objects.filter(pk=host.pk).update(is_staff=True)
    staff = log_in(host, bypass_csp=True)
    staff.goto("/staff/replies/")
    audit.look_at(staff, "staff replies")

    assert audit.findings == []


def fill(page: PublicPage) -> None:
    owner = page.enrollment.participant
    for number, (kind, name, words) in enumerate(IDEAS):
        email = "peder@example.org" if not number else ""
        make_reply(page, kind=kind, name=name, words=words, email=email, state="shown")
    for kind, name, words in reversed(IDEAS[:3]):
        make_reply(page, kind=kind, name=name, words=f"{words} Or so.")
    make_reply(page, kind="help", name="B" * 60, words="w" * 400)
    kept = make_reply(page, words="Ask the parish for tables")
    kept.turn_into("act", enrollment=page.enrollment, day=NOON.date(), now=NOON)
    kept.add_person("is_supporter", user=owner, now=NOON)
    make_reply(page, words="Spam", name="Bot").block_sender(NOON)
    make_need(enrollment=page.enrollment)
    make_person(user=owner)


def shoot_wide(page: Page, name: str) -> None:
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        shoot(page, f"{name}-{theme}-{DESK[0]}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 844})
    shoot(page, f"{name}-light-390")
