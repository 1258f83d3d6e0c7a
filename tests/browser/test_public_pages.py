"""A goal is published, seen by somebody without an account, told of, and taken down."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from program.models import Enrollment, PublicPage
from tests.browser.pages import Complaints, LogIn, OpenContext, line, shoot
from tests.browser.test_accessibility import Audit, audit  # noqa: F401
from tests.factories import make_entry, make_moment, make_page, make_reply


def test_a_page_is_published_told_of_and_taken_down(
    alice_page: Page, open_context: OpenContext, enrollment: Enrollment, complaints: Complaints
) -> None:
    complaints.expect_status(404)
    make_entry(enrollment=enrollment)
    page, visitor = alice_page, open_context().new_page()
    page.goto("/settings/")
    page.get_by_role("region", name="Your public page").get_by_role("link").click()
    page.get_by_label("The climb").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.get_by_role("button", name="Publish").click()
    link = page.get_by_role("textbox", name="The link").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    visitor.goto(urlsplit(link).path)
    expect(visitor.get_by_role("heading", level=1)).to_have_text(
        "Open a repair corner in the library"
    )
    expect(visitor.get_by_role("img", name="Fourteen days as a climb")).to_be_visible()
    expect(visitor.get_by_text("Things should last.")).to_have_count(0)
    assert visitor.context.cookies() == []

    page.get_by_role("link", name="Tell two people").click()
    expect(page.get_by_role("textbox", name="What you could say")).to_have_value(
        f"{_words()}{link}"
    )
    page.get_by_label("Whom did you tell?").fill("Ruth, on the stairs")
    page.get_by_role("button", name="I told them").click()
    expect(page.get_by_text("Told, and a stone for it.")).to_be_visible()
    expect(line(page, "share", 2)).to_have_value("Ruth, on the stairs")

    page.goto("/public/")
    page.get_by_role("button", name="Take it down").click()
    expect(page.get_by_text("Your page is down.")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("No path here")


def _words() -> str:
    return (
        "For two weeks I am working on one thing:\n\nOpen a repair corner in the library\n\n"
        "If you know somebody I should meet, or have an idea, tell me.\n\nHere is how far I am: "
    )


def test_pages_around_a_public_page_are_accessible(
    log_in: LogIn,
    enrollment: Enrollment,
    audit: Audit,  # noqa: F811
) -> None:
    make_entry(enrollment=enrollment)
    moment = make_moment(enrollment=enrollment, title="The key", before="b", moment="m", after="a")
    page = log_in(enrollment.participant, bypass_csp=True)
    page.goto("/public/")
    audit.look_at(page, "public page to begin with")
    shown = make_page(enrollment, moments=[moment], **dict.fromkeys(PublicPage.PARTS, True))
    make_reply(shown, state="shown")
    for name, path in {
        "public page": "/public/",
        "card": "/public/card/",
        "share": "/share/",
        "goal": f"/goal/{shown.token}/",
    }.items():
        page.goto(path)
        audit.look_at(page, name)
        shoot(page, name)

    assert audit.findings == []
