"""Archives as somebody gets them, hands them in, or makes them up."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from program.archive.kinds import ABOUT
from program.archive.writing import JSON_NAME, archive_of
from program.models import (
    CoachNote,
    CoachVisit,
    Cohort,
    Encouragement,
    Enrollment,
    MailChoice,
    Nudge,
)
from tests.factories import NOON, PASSWORD, make_cohort, make_membership
from tests.posting import TODAY, Response
from tests.writes import World, make_world


def confirm(client: Client) -> Client:
    """Say once more who it is."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def unzipped(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as members:
        return {name: members.read(name).decode() for name in members.namelist()}


def archive_in(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unzipped(content)[JSON_NAME])
    return found


def zip_of(archive: Any, **others: bytes) -> bytes:
    """A zip with this as its two-weeks.json: text or bytes as they are, the rest as JSON."""
    text = archive if isinstance(archive, str | bytes) else json.dumps(archive)
    return zip_with({JSON_NAME: text, **others})


def zip_with(members: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, text in members.items():
            written.writestr(name, text)
    return file.getvalue()


def hand_in(client: Client, content: bytes) -> Response:
    file = SimpleUploadedFile("two-weeks.zip", content, "application/zip")
    return client.post("/settings/import/", {"file": file})


def make_whole(user: User, coach: User) -> World:
    """Two weeks with a row of every kind in them, as real ones have them."""
    world = make_world(user)
    for weeks in Enrollment.objects.owned_by(user):
        if not weeks.goals.exists():
            weeks.goals.create(statement=f"{user.display_name} long ago", created_at=NOON)
    act = world.enrollment.entries.get(client_id=world.ids["act"])
    act.source = world.enrollment.entries.get(client_id=world.ids["share"])
    act.is_private = True
    act.save()
    world.enrollment.entries.filter(client_id=world.ids["asked"]).update(
        size="stretch", follow_up_on=date(2027, 3, 20), outcome="unanswered"
    )
    cohort = Cohort.objects.filter(coaches__coach=coach).first() or make_cohort(coach=coach)
    membership = make_membership(cohort=cohort, enrollment=world.enrollment)
    fields = {"coach": coach, "text": "Begin small.", "created_at": NOON, "updated_at": NOON}
    post, _is_new = cohort.posts.get_or_create(number=9, defaults=fields)
    post.comments.create(membership=membership, text="So I did", created_at=NOON)
    MailChoice.objects.create(user=user, kind="morning", at=time(7, 30), chosen_at=NOON)
    said = {"coach": coach, "enrollment": world.enrollment}
    Encouragement.objects.create(**said, day=TODAY, text="Well asked", created_at=NOON, entry=act)
    Encouragement.objects.create(
        **said, day=TODAY, text="Taken back", created_at=NOON, removed_at=NOON
    )
    Nudge.objects.create(**said, on=TODAY, text="Are you there?", created_at=NOON)
    CoachNote.objects.create(**said, text="For my eyes", updated_at=NOON)
    CoachVisit.objects.create(**said, on=TODAY, first_at=NOON)
    return world


def without_facts(user: User) -> dict[str, Any]:
    """What an import brings back of somebody's archive, with ids as numbers in their order."""
    archive = archive_of(user, NOON)
    for name in ("coaching", "exported_at"):
        del archive[name]
    for name in ("email", "date_joined", *(kind.key for kind in ABOUT)):
        del archive["profile"][name]
    ids: dict[str, str] = {}
    for weeks in archive["two_weeks"]:
        del weeks["received"]
        for row in (weeks, *weeks["entries"]):
            ids.setdefault(row["id"], f"id {len(ids)}")
    text = json.dumps(archive)
    for old, new in ids.items():
        text = text.replace(old, new)
    found: dict[str, Any] = json.loads(text)
    return found
