"""A token works for its purpose, for its holder and in its time, and once where it is for once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from pytest_django import Settings

from accounts.models import OutgoingMail, User
from program.models import Cohort, Invitation
from tests.factories import NOON, make_cohort
from tests.figures import figure
from tests.racing import race_together
from tests.tokens import Cast, Token, make_tokens

SECOND = timedelta(seconds=1)
FLIPS = 64
# Of one purpose, and typed or opened at one place.
SAME_PLACE = (
    {"link for members", "invitation by mail"},
    {"code of an app", "recovery code"},
)


@pytest.fixture
def cohort(carol: User, noon: time_machine.Traveller) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def cast(alice: User, bob: User, carol: User, erin: User, cohort: Cohort) -> Cast:
    return Cast(alice, bob, carol, erin, cohort)


@pytest.fixture
def tokens(cast: Cast) -> dict[str, Token]:
    return make_tokens(cast)


def wrong_ones(right: str, others: list[str]) -> Iterator[str]:
    yield from others
    yield from (flipped(right, number) for number in range(FLIPS))
    yield from (right[:length] for length in range(0, len(right), max(1, len(right) // 12)))
    yield from (right + "0", right * 2, "x" * 5000)


def flipped(right: str, number: int) -> str:
    """One bit of it, all over; a code has fewer bits than 64, and loses two at once then."""
    letters, bits = bytearray(right, "ascii"), len(right) * 8
    first = number * bits // FLIPS if bits > FLIPS else number % bits
    letters[first // 8] ^= 1 << first % 8
    if bits <= number:
        second = (first + 8) % bits
        letters[second // 8] ^= 1 << second % 8
    return letters.decode("latin-1")


def _is_one_place(one: str, other: str) -> bool:
    return one == other or {one, other} in SAME_PLACE


def tried(token: Token, given: str) -> bool:
    with transaction.atomic():
        answer = token.door(given)
        transaction.set_rollback(True)
    return answer


def test_no_wrong_token_of_any_kind_is_taken(
    tokens: dict[str, Token], noon: time_machine.Traveller
) -> None:
    cases, taken = 0, []
    for name, token in tokens.items():
        assert tried(token, token.right), f"{name}: the right one is not taken"
        others = [other.right for each, other in tokens.items() if not _is_one_place(name, each)]
        for given in wrong_ones(token.right, others):
            cases += 1
            if given == token.right or tried(token, given):
                taken.append((name, given[:80]))
    figure("E8/tried", "wrong tokens of any kind that were tried", cases, bar=">= 1,000")
    figure("E8/taken", "of them taken", len(taken), bar="0", holds=not taken)

    assert taken == []
    assert cases >= 1_000


def test_token_of_somebody_else_opens_nothing(tokens: dict[str, Token]) -> None:
    for name, token in tokens.items():
        with transaction.atomic():
            assert not token.foreign(), name
            transaction.set_rollback(True)


def test_token_ends_with_its_time(tokens: dict[str, Token], noon: time_machine.Traveller) -> None:
    ending = {name: token for name, token in tokens.items() if token.lifetime}

    for name, token in ending.items():
        assert token.lifetime
        noon.move_to(NOON + token.lifetime - SECOND)
        assert tried(token, token.right), name
        noon.move_to(NOON + token.lifetime + SECOND)
        assert not tried(token, token.right), name
    assert set(tokens) - set(ending) == {"unsubscribe", "all mail", "calendar", "recovery code"}


def test_token_for_once_is_taken_once(tokens: dict[str, Token]) -> None:
    for name, token in tokens.items():
        with transaction.atomic():
            assert token.door(token.right), name
            assert not (token.again and token.again()), name
            transaction.set_rollback(True)


# A code that is typed where it was asked for has one browser, and nobody to race with.
RACED = ["link for members", "link for a coach", "code of an app", "recovery code"]


def test_token_for_once_is_taken_once_by_two_at_the_same_moment(
    transactional_db: None, cast: Cast
) -> None:
    tokens = make_tokens(cast)

    for name in RACED:
        taken: list[bool] = []
        token = tokens[name]
        assert token.again
        tries = iter([partial(token.door, token.right), token.again])
        race_together(lambda tries=tries, taken=taken: taken.append(next(tries)()))  # type: ignore[misc]
        assert sorted(taken) == [False, True], name


# --- What the database holds of them -------------------------------------------------------------


def test_database_holds_no_token_that_somebody_could_use(
    settings: Settings, cast: Cast, noon: time_machine.Traveller
) -> None:
    """While all of them are good, and the mails with codes and links wait to be sent."""
    settings.MAILERS = {"default": {"BACKEND": "tests.post.SeenBackend"}}
    tokens = make_tokens(cast)
    stored = everything_stored()

    found = [name for name, token in tokens.items() if is_held(token.right, stored)]

    figure("E8/kinds", "kinds of tokens looked for in every row", len(tokens))
    figure("E8/raw", "of them found", len(found), bar="0", holds=not found)
    assert found == []
    assert OutgoingMail.objects.filter(content__isnull=False).count() >= 5
    assert Invitation.objects.count() == 3
    assert is_held("sings", "she 'sings'")


def everything_stored() -> str:
    """Each row of each table; of a session, what it holds as well."""
    parts = [str(session.get_decoded()) for session in Session.objects.all()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608
            parts += [row[0] for row in cursor.fetchall()]
    return "\n".join(parts)


def is_held(token: str, stored: str) -> bool:
    """By itself: six digits may well stand in a longer number."""
    return bool(re.search(rf"(?<![0-9A-Za-z]){re.escape(token)}(?![0-9A-Za-z])", stored))
