"""A public page is held against what its owner chose: every combination of parts, with a word of
its own in every text that there is; and payloads in every text that shows.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import models
from django.test import Client

from accounts.models import User
from program.models import Breakthrough, Enrollment, Goal, PublicPage
from program.models.deletion import delete_account
from tests.factories import NOON, make_entry, make_moment, make_reply
from tests.figures import figure
from tests.test_xss import PAYLOADS, Reader
from tests.writes import make_world

pytestmark = pytest.mark.django_db

FLAGS = (*PublicPage.PARTS, "listed")
WORD = re.compile(r"c\d+z")


@pytest.fixture(autouse=True)
def _clock(noon: time_machine.Traveller) -> None:
    pass


def visit(page: PublicPage, part: str = "") -> Any:
    return Client().get(f"/goal/{page.token}/{part}")


def mark_everything(alice: User) -> dict[tuple[str, int, str], str]:
    """A word of its own in every text of the program, and in those of the account."""
    marks: dict[tuple[str, int, str], str] = {}
    texts_of: list[type[models.Model]] = [*apps.get_app_config("program").get_models(), User]
    for model in texts_of:
        for row in model._default_manager.order_by("pk"):
            for field in model._meta.concrete_fields:
                is_text = isinstance(field, models.CharField | models.TextField)
                if is_text and not (field.choices or field.unique or field.name == "password"):
                    mark = f"c{len(marks)}z"
                    marks[model._meta.label, row.pk, field.name] = mark
                    model._default_manager.filter(pk=row.pk).update(**{field.name: mark})
    User.objects.filter(pk=alice.pk).update(time_zone="Europe/Stockholm")
    return marks


def choices() -> Iterator[tuple[dict[str, bool], bool, tuple[bool, ...]]]:
    for flags in itertools.product((False, True), repeat=len(FLAGS)):
        for has_name, *moments in itertools.product((False, True), repeat=3):
            yield dict(zip(FLAGS, flags, strict=True)), has_name, tuple(moments)


def texts(page: bytes) -> set[str]:
    return {" ".join(words.split()) for words in Reader(page.decode()).words}


def test_page_shows_what_was_chosen_and_nothing_else_in_every_combination(alice: User) -> None:
    enrollment = make_world(alice).enrollment
    moments = [
        make_moment(enrollment=enrollment, title=f"{n}", before="b", moment="m", after="a")
        for n in range(2)
    ]
    page = PublicPage.objects.get()
    marks = mark_everything(alice)
    goal = enrollment.goals.get()
    of: dict[Any, set[str]] = {
        "show_goal": {marks["program.Goal", goal.pk, "statement"]},
        "show_why": {marks["program.Goal", goal.pk, "why"]},
        "name": {marks["program.PublicPage", page.pk, "shown_as"]},
        **{
            moment.pk: {
                marks["program.Breakthrough", moment.pk, name] for name in Breakthrough.WORDS
            }
            for moment in moments
        },
    }
    name = next(iter(of["name"]))
    # What each part puts on the page alone; together they put no more there.
    alone: dict[Any, set[str]] = {}
    combinations = extra = missing = cookies = 0

    for flags, has_name, shown in sorted(choices(), key=_count):
        chosen = [moment for moment, is_shown in zip(moments, shown, strict=True) if is_shown]
        parts: list[Any] = [flag for flag, is_on in flags.items() if is_on] + ["name"] * has_name
        parts += [moment.pk for moment in chosen]
        PublicPage.choose(
            enrollment, now=NOON, moments=chosen, shown_as=name if has_name else "", **flags
        )
        response = visit(page)
        wanted = set().union(*(of.get(part, set()) for part in parts))
        found = set(WORD.findall(response.content.decode()))
        extra += len(found - wanted)
        missing += len(wanted - found)
        cookies += len(response.cookies)
        if len(parts) < 2:
            alone[parts[0] if parts else ""] = texts(response.content)
        allowed = set().union(alone[""], *(alone[part] for part in parts))
        # Name and day share a line, and the title takes the goal's words where there are some.
        allowed |= {f"{name}, day 9 of 14"} if {"name", "show_map"} <= set(parts) else set()
        strangers = texts(response.content) - allowed
        assert not strangers, (parts, strangers)
        assert response["Cache-Control"] == "public, no-cache"
        assert ("X-Robots-Tag" in response) == (not flags["listed"])
        combinations += 1

    figure("D8", "combinations of parts looked at", combinations, bar="= 256")
    figure("D8", "words that were not chosen", extra, bar="= 0", holds=extra == 0)
    figure("D8", "cookies set", cookies, bar="= 0", holds=cookies == 0)
    assert (combinations, extra, missing, cookies) == (256, 0, 0, 0)


def _count(combination: tuple[dict[str, bool], bool, tuple[bool, ...]]) -> int:
    flags, has_name, shown = combination
    return sum(flags.values()) + has_name + sum(shown)


def test_page_of_a_deleted_account_is_not_found(alice: User) -> None:
    make_world(alice)
    page = PublicPage.objects.get()
    assert visit(page).status_code == 200

    delete_account(alice, NOON)

    assert visit(page).status_code == visit(page, "picture.png").status_code == 404


def test_words_that_are_code_stay_words_in_every_place_of_the_page(enrollment: Enrollment) -> None:
    make_entry(enrollment=enrollment)
    moment = make_moment(enrollment=enrollment, title="t", before="b", moment="m", after="a")
    page = PublicPage.choose(
        enrollment,
        moments=[moment],
        now=NOON,
        shown_as="n",
        **dict.fromkeys(PublicPage.PARTS, True),
    )
    page.publish(NOON)
    reply = make_reply(page, state="shown")
    fields: dict[type[models.Model], tuple[str, ...]] = {
        Goal: ("statement", "why"),
        Breakthrough: Breakthrough.WORDS,
        PublicPage: ("shown_as",),
        type(reply): ("name", "words"),
    }

    def typed(words: str) -> tuple[Reader, bytes]:
        for model, names in fields.items():
            model._default_manager.update(**dict.fromkeys(names, words))
        return Reader(visit(page).content.decode()), visit(page, "picture.png").content

    calm, drawn = typed("Some calm words")
    changed = 0
    for payload in PAYLOADS:
        found, picture = typed(payload)
        changed += (found.shape != calm.shape) + (picture != drawn)
        places = sum(payload in " ".join(words.split()) for words in found.words)
        assert places >= 12, (payload, places)

    figure("F3", "payloads in every text of a public page", len(PAYLOADS))
    figure("F3", "of them changed what the page is made of", changed, bar="= 0", holds=not changed)
    assert changed == 0
