"""What somebody types stays text: payloads in every field, on every page that shows it.

A page must have the very same elements and attributes as with harmless words in the same places,
and hold the words as they were typed.
"""

from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.factories import NOON
from tests.posting import Response, text_of
from tests.writes import LAST_DAY, PAGES, WRITES, World, Write, make_world

# At most forty characters, so that twice as much has room in every field but display_name.
# <q> is no element of ours.
PAYLOADS = [
    *("<q><script>ran=1</script>", "</title><script>ran=1</script>", "<img src=x onerror=ran=1>"),
    *("</textarea><q onclick=ran=1>", "</option></datalist><q>", '"><svg onload=ran=1>'),
    *("'><svg onload=ran=1>", '" autofocus onfocus="ran=1', "' autofocus onfocus='ran=1"),
    *("` onmouseover=ran=1 `", "</text></svg><q>", "<!--<q>--><q>", "]]><q>", "--><q>", "<?q?><q>"),
    *("</script><script>ran=1//", "</style><q>", "javascript:ran=1", "data:text/html,<q>"),
    *("&lt;q&gt;", "&#60;q&#62;", "&quot;><q>", "\\x3cq\\x3e\\u003cq", "{{ 7|add:7 }}{% debug %}"),
    *(
        '<a href="javascript:ran=1">q</a>',
        "<base href=//evil.test>",
        "<q hx-get=/x hx-trigger=load>",
    ),
    *(
        "<math><mi//xlink:href='data:x,<q>'>",
        "<iframe srcdoc='<q>'>",
        "mail?bcc=a@evil.test&body=q",
    ),
    *("%3Cq%3E%22%0d%0aBcc:x", "\uff1cq\uff1e", "<scr\u200bipt>ran=1</script>", "+ADw-q+AD4-"),
]
CALM = "Some calm words"
# The fields that take words; the others are choices, ids and dates.
WORDS = {
    *("statement", "why", "measure", "display_name", "line", "answer", "of_whom", "to_whom"),
    *("what", "by_when", "gain", "draft", "name", "note", "question", "who", "title", "before"),
    *("moment", "after", "shown_as", "text", "other_text", "gave_way", "glad_of", "keep_doing"),
}
KEPT = ["goal_update", "settings_update", "entry_save", "entry_turn", "request_detail"]
KEPT += ["request_plan", "person_create", "person_update", "need_create", "need_update"]
KEPT += [
    "public_page_update",
    "moment_create",
    "moment_update",
    "reflection_save",
    "step_note",
    "person_start",
]


class Reader(HTMLParser):
    """Elements with the names of their attributes, and all text and values as they are read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, ...]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *(name for name, _value in attrs)))
        for name, value in attrs:
            self.words.append(unquote(value or "") if name == "href" else value or "")
            if name in {"href", "src", "action", "formaction", "xlink:href"}:
                self.shape.append(("address", (value or "").partition(":")[0][:6]))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.shape.append(("comment",))

    def handle_decl(self, decl: str) -> None:
        self.shape.append(("declaration",))

    def handle_pi(self, data: str) -> None:
        self.shape.append(("instruction",))


@pytest.fixture
def world(alice: User) -> World:
    return make_world(alice)


def typed(
    words: str, world: World, noon: time_machine.Traveller, *, refused: bool = True
) -> dict[str, Reader]:
    """Every page and every answer to a post, after the words were put into all the fields.

    `refused`: also what is shown when a form comes back, which takes its time.
    """
    found: dict[str, Reader] = {}
    client = Client()
    client.force_login(world.user)

    def keep(name: str, response: Response, *statuses: int) -> None:
        assert response.status_code in statuses, (name, response.status_code)
        found[name] = Reader(text_of(response))

    with transaction.atomic():
        for number, write in enumerate(WRITES):
            if write.name in KEPT:
                keep(f"{write.name} {number}", _post(client, write, world, words), 302)
        for number, write in enumerate(WRITES):
            if refused and write.name in KEPT and WORDS & write.fields.keys():
                for htmx in (False, True):
                    # On a version that is old by now; then longer than any field.
                    times = 1 if write.name in {"settings_update", "public_page_update"} else 2
                    again = _post(client, write, world, words, times=times, htmx=htmx)
                    keep(f"{write.name} {number} again {htmx}", again, 200, 204, 302, 409, 422)
                long = _post(client, write, world, words, times=11_000 // len(words))
                keep(f"{write.name} {number} long", long, 404, 422)
        keep("draft", _post(client, _write("request_draft"), world, words), 200)
        for name, page in zip(PAGES, world.pages(), strict=True):
            keep(name, client.get(page), 200, 302, 404)
        for name in ("entry_remove", "person_remove", "need_remove", "moment_remove"):
            for htmx in (True, False):
                with transaction.atomic():
                    keep(f"{name} {htmx}", _write(name).post(client, world, htmx=htmx), 200)
                    transaction.set_rollback(True)
        noon.move_to(LAST_DAY)
        keep("finish", _post(client, _write("finish_detail"), world, words), 302)
        keep("finish again", _post(client, _write("finish_detail"), world, words, times=2), 409)
        for page in ("/finish/", "/finish/thanks/", "/map/"):
            keep(f"last {page}", client.get(page), 200)
        keep("restart", _write("enrollment_restart").post(client, world), 302)
        keep("ended", client.get(f"/enrollments/{world.ids['enrollment_pk']}/"), 200)
        transaction.set_rollback(True)
    return found


def _write(name: str) -> Write:
    return next(write for write in WRITES if write.name == name)


def _post(
    client: Client,
    write: Write,
    world: World,
    words: str,
    *,
    times: int = 1,
    htmx: bool = False,
) -> Response:
    said = {name: " ".join([words] * times) for name in write.fields.keys() & WORDS}
    if "name" in said:
        said["name"] += f" {write.name}"  # each of them once
    return write.post(client, world, htmx=htmx, extra=said)


# With words that are calm: the first test that wants them makes them, for all.
in_calm: dict[bool, dict[str, Reader]] = {}


@pytest.mark.parametrize("number", range(len(PAYLOADS) + 1))
def test_words_stay_words_on_every_page(
    number: int, world: World, noon: time_machine.Traveller
) -> None:
    words, refused = [CALM, *PAYLOADS][number], number % 5 == 0
    if refused not in in_calm:
        in_calm[refused] = typed(CALM, world, noon, refused=refused)
        noon.move_to(NOON)
    calm = in_calm[refused]

    found = typed(words, world, noon, refused=refused)

    assert len(words) <= 40
    assert found.keys() == calm.keys()
    for name, page in found.items():
        # In any order, for people stand by their names.
        assert sorted(page.shape) == sorted(calm[name].shape), (words, name)
        is_shown = any(CALM in read for read in calm[name].words)
        assert any(words in read for read in page.words) == is_shown, (words, name)
    if refused:
        assert sum(any(CALM in read for read in page.words) for page in calm.values()) > 60


def test_payloads_would_be_seen() -> None:
    for payload in PAYLOADS[:9]:
        plain = Reader(f'<p title="{CALM}">{CALM}</p>').shape
        spoiled = [Reader(f"<p title={q}{payload}{q}>{payload}</p>").shape for q in ('"', "'")]
        assert any(shape != plain for shape in spoiled), payload
