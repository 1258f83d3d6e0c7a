"""Which reads go to a copy that follows, and when none does."""

from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from breakthrough import replica
from breakthrough.doctor import machine
from breakthrough.doctor.findings import OK, WARNING, Finding
from program.models import Cohort, CohortMembership
from tests.program.test_coaching import carol_client, cohort, membership
from tests.test_production import load

__all__ = ["carol_client", "cohort", "load", "membership"]  # fixtures


def asked(using: str) -> str:
    return using


@pytest.fixture
def _has_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.databases, replica.ALIAS, {})
    monkeypatch.setattr(replica, "_rests_until", 0.0)


def follows(monkeypatch: pytest.MonkeyPatch, seconds: float | Exception | None) -> list[int]:
    """Let the copy be so far behind; how often it was asked."""
    times: list[int] = []

    def lag() -> float | None:
        times.append(1)
        if isinstance(seconds, Exception):
            raise seconds
        return seconds

    monkeypatch.setattr(replica, "lag", lag)
    return times


@pytest.mark.usefixtures("_has_a_copy")
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, "replica"), (10.0, "replica"), (10.1, "default"), (None, "default")],
)
def test_a_copy_is_read_while_it_follows_closely(
    seconds: float | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    follows(monkeypatch, seconds)

    assert replica.read(asked) == expected


@pytest.mark.usefixtures("_has_a_copy")
def test_a_copy_that_does_not_answer_is_let_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    times = follows(monkeypatch, OperationalError("gone"))

    assert [replica.read(asked) for _ in range(5)] == ["default"] * 5
    assert len(times) == 1


@pytest.mark.usefixtures("_has_a_copy")
def test_what_fails_on_the_copy_is_asked_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    follows(monkeypatch, 1.0)

    def ask(using: str) -> str:
        if using == replica.ALIAS:
            raise DatabaseError("canceling statement due to conflict with recovery")
        return using

    assert replica.read(ask) == DEFAULT_DB_ALIAS


def test_whose_rows_they_are_and_every_word_are_asked_of_the_database(
    carol_client: Client,
    cohort: Cohort,
    membership: CohortMembership,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the copy is asked names no text, no consent and no person: numbers and their counts."""
    read: list[str] = []

    def count(ask: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            answer = ask(DEFAULT_DB_ALIAS)
        read.extend(query["sql"] for query in queries)
        return answer

    monkeypatch.setattr(replica, "read", count)
    carol_client.get(f"/coaching/{cohort.pk}/")

    (sql,) = read
    assert "COUNT(" in sql
    for name in ("line", "answer", "email", "display_name", "consent", "accounts_user"):
        assert f'"{name}"' not in sql
        assert f"program_{name}" not in sql


def test_doctor_says_how_far_behind_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(machine.the_replica()) == []
    monkeypatch.setitem(connections.databases, replica.ALIAS, {})
    said: list[Finding] = []
    for seconds in (1.0, None, OperationalError("gone")):
        follows(monkeypatch, seconds)
        said += machine.the_replica()

    assert [finding.level for finding in said] == [OK, WARNING, WARNING]
    assert "1.0 s ago" in said[0].words


def test_settings_for_a_pooler_leave_nothing_behind_on_a_connection(load: Any) -> None:
    web = {"TWO_WEEKS_WEB": "1"}
    direct = load(**web)["DATABASES"]["default"]
    pooled = load(**web, DATABASE_POOLED="1")["DATABASES"]["default"]
    replica_too = load(**web, DATABASE_POOLED="1", REPLICA_URL="postgresql://db.test/weeks")

    assert "statement_timeout=3000" in direct["OPTIONS"]["options"]
    assert direct["DISABLE_SERVER_SIDE_CURSORS"] is False
    assert "options" not in pooled["OPTIONS"]  # a pooler refuses them
    assert pooled["OPTIONS"]["prepare_threshold"] is None
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert "statement_timeout" in replica_too["DATABASES"]["replica"]["OPTIONS"]["options"]
    assert "replica" not in load()["DATABASES"]
