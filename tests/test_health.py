"""What machines ask: yes or no, and never more."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.models import OutgoingMail, Scan
from accounts.outbox import READY_MADE
from tests.factories import NOON


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["live", "ready"])
def test_a_site_that_is_well_says_so_to_anybody(name: str) -> None:
    response = Client().get(f"/health/{name}")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["cache", "django_migrations"])
def test_without_its_tables_it_is_not_ready_and_says_no_more(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"TRUNCATE {table}" if table == "django_migrations" else f"DROP TABLE {table}"
        )

    response = Client(raise_request_exception=False).get("/health/ready")

    assert (response.status_code, response.content) == (503, b"not ok\n")


@pytest.mark.django_db
def test_the_worker_is_well_while_it_looks_and_nothing_waits(
    noon: time_machine.Traveller,
) -> None:
    def status() -> int:
        return Client().get("/health/worker").status_code

    assert status() == 503  # none was ever there
    Scan.note(Scan.MAIL, NOON)
    assert status() == 200
    noon.move_to(NOON + timedelta(minutes=4))
    assert status() == 503
    Scan.note(Scan.MAIL, NOON + timedelta(minutes=4))
    assert status() == 200
    OutgoingMail.objects.put(READY_MADE, key="1", to="a@example.org", content={}, now=NOON)
    assert status() == 503  # it looks, and yet something has waited for four minutes
