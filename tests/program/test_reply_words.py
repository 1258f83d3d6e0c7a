"""What a visitor types stays text wherever it goes: on the page, in the inbox, on the lists that it
becomes part of, with the host, in the archive and in mail."""

import csv
import io
import zipfile

import pytest
import time_machine
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from accounts import outbox
from accounts.models import OutgoingMail, User
from program.archive.writing import build
from program.models import Enrollment, PublicPage, Reply
from tests.factories import NOON, make_need, make_page, make_user
from tests.figures import figure
from tests.mails import html_of
from tests.often import often
from tests.posting import text_of
from tests.program.test_replies import leave
from tests.test_xss import CALM, PAYLOADS, Reader

TRIED = PAYLOADS[:: often(12, 1)]


@pytest.fixture
def page(enrollment: Enrollment, noon: time_machine.Traveller, settings: Settings) -> PublicPage:
    settings.REQUIRE_SECOND_FACTOR = "nobody"
    make_user(name="Host")
    User.objects.filter(display_name="Host").update(is_staff=True)
    make_need(enrollment=enrollment)
    return make_page(enrollment)


def sinks(page: PublicPage, words: str) -> dict[str, str]:
    """Everything that shows the words, after a visitor left them in every field and their reader
    did all that can be done."""
    owner, host, visitor = Client(), Client(), Client()
    owner.force_login(page.enrollment.participant)
    host.force_login(User.objects.get(display_name="Host"))
    found = {"refused": text_of(leave(page, name=words, words=words, kind="x"))}
    taken = leave(page, name=words, words=words, email="peder@example.org")
    reply = Reply.objects.latest("pk")
    assert reply.follower
    found["visitor's own"] = text_of(visitor.get(taken["Location"]))
    found["follower"] = text_of(visitor.get(f"/follow/{reply.follower.token}/"))
    found["waiting"] = text_of(owner.get("/inbox/"))
    do = f"/inbox/{reply.pk}"
    for practice in ("request", "act"):
        owner.post(f"{do}/turn/", {"practice": practice})
    owner.post(f"{do}/person/", {"role": "is_evangelist"})
    owner.post(f"{do}/answer/", {"need": page.enrollment.needs.get().pk})
    owner.post(f"{do}/state/", {"state": "shown"})
    found["page"] = text_of(visitor.get(f"/goal/{page.token}/"))
    for name in ("/inbox/?state=shown", "/today/", "/people/", "/steps/", "/requests/"):
        found[name] = text_of(owner.get(name))
    found |= archived(page.enrollment.participant)
    reply.follower.confirm(NOON)
    owner.post("/inbox/update/", {"client_id": reply.public_id, "text": words})
    for kind in ("page_update", "replies", "reply_confirm"):
        found |= mailed(kind)
    found["update"] = text_of(owner.get("/inbox/update/"))
    found["removed"] = text_of(owner.post(f"{do}/remove/"))
    owner.post(f"{do}/restore/")
    owner.post(f"{do}/block/")
    owner.post(f"{do}/report/")
    found["blocked"] = text_of(owner.get("/inbox/"))
    host.post(f"/staff/replies/{reply.pk}/block/")
    found["host"] = text_of(host.get("/staff/replies/"))
    return found


def mailed(kind: str) -> dict[str, str]:
    row = OutgoingMail.objects.filter(kind=kind).last()
    message = outbox.KINDS[kind].compose(row, NOON) if row else None
    if not isinstance(message, EmailMultiAlternatives):
        return {}
    assert "\n" not in message.subject
    return {kind: html_of(message)}


def archived(user: User) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(build(user, NOON))) as archive:
        name = next(name for name in archive.namelist() if "replies" in name)
        cells = [
            cell
            for row in csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            for cell in row
        ]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]
    return {}


def test_words_of_a_visitor_stay_words(page: PublicPage) -> None:
    with transaction.atomic():
        calm = {name: Reader(sink) for name, sink in sinks(page, CALM).items()}
        transaction.set_rollback(True)
    shown = [name for name, read in calm.items() if any(CALM in words for words in read.words)]
    assert len(shown) >= 13, shown
    changed = 0

    for payload in (*TRIED, "=1+1", "@SUM(A1)"):
        with transaction.atomic():
            found = {name: Reader(sink) for name, sink in sinks(page, payload).items()}
            transaction.set_rollback(True)
        assert found.keys() == calm.keys()
        for name, read in found.items():
            # People stand in the order of their names.
            is_same = sorted(read.shape) == sorted(calm[name].shape)
            changed += not is_same
            assert is_same, (payload, name)

    tried = len(TRIED) * 3 * len(shown)
    figure("F3", "what strangers type, in every field on every sink of public pages", tried)
    figure(
        "F3",
        "of them with another element or attribute than calm words",
        changed,
        bar="0",
        holds=changed == 0,
    )
