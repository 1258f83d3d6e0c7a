"""Everything taken along by one person, and brought back into a new account."""

from playwright.sync_api import Page, expect

from accounts.models import User
from program.archive.writing import build
from program.models import Export
from tests.archives import make_whole, without_facts
from tests.browser.pages import PHONE, Complaints, LogIn, shoot
from tests.browser.test_accessibility import Audit
from tests.factories import NOON, PASSWORD, make_user


def _hand_in(page: Page, content: bytes) -> None:
    file = {"name": "two-weeks.zip", "mimeType": "application/zip", "buffer": content}
    page.get_by_label("Your archive").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look into it").click()


def test_export_and_import_from_one_account_into_another(
    log_in: LogIn, alice: User, complaints: Complaints
) -> None:
    complaints.expect_status(422)
    make_whole(alice, coach=make_user(name="Carol"))
    page = log_in(alice)
    page.goto("/settings/export/")
    page.get_by_role("button", name="Export everything").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export everything").click()
    content = download.value.path().read_bytes()

    erin, audit = make_user(name="Erin"), Audit()
    other = log_in(erin, size=PHONE)
    other.goto("/settings/import/")
    _hand_in(other, b"no zip")
    expect(other.get_by_role("alert")).to_be_focused()
    shoot(other, "import-refused")
    _hand_in(other, content)
    expect(other.get_by_role("heading", name="This would come back")).to_be_visible()
    audit.look_at(other, "preview")
    other.get_by_role("button", name="Bring it all back").click()

    expect(other.get_by_text("It is all back.")).to_be_visible()
    assert without_facts(erin) == without_facts(alice)
    assert audit.findings == []


def test_page_of_an_archive_is_accessible_while_it_waits_and_when_it_is_ready(
    log_in: LogIn, alice: User
) -> None:
    page, audit = log_in(alice), Audit()
    Export.objects.ask_for(alice, NOON)
    page.goto("/settings/export/")
    audit.look_at(page, "waiting")
    export = Export.objects.claim(Export.objects.get().pk, NOON)
    assert export
    export.finish(build(alice, NOON), NOON)

    page.get_by_role("link", name="See whether it is ready").click()

    expect(page.get_by_role("link", name="Save the file")).to_be_visible()
    audit.look_at(page, "ready")
    assert audit.findings == []
