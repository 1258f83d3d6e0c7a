"""The people of the demo: in every state that two weeks can be in, and every page shows them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from program.calendar import Phase
from program.models import Cohort, Enrollment

PAGES = [
    *("/today/", "/map/", "/steps/", "/requests/", "/people/", "/moments/", "/finish/"),
    *("/finish/thanks/", "/enrollments/", "/pauses/", "/goals/", "/settings/"),
    "/coaching/",
]


@pytest.fixture
def demo(db: None) -> str:
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def test_demo_holds_every_state_of_two_weeks(demo: str) -> None:
    now = timezone.now()
    positions = [enrollment.program_day(now) for enrollment in Enrollment.objects.current()]

    assert User.objects.count() == 14
    assert {Phase.BEFORE, Phase.PAUSED, Phase.AFTER} <= set(positions)
    assert {1, 14} <= set(positions)
    assert Enrollment.objects.ended().count() == 1
    assert len({user.time_zone for user in User.objects.all()}) == 13
    assert "nora@demo.example" in demo


def test_demo_loads_only_into_an_empty_database_when_asked_to(demo: str) -> None:
    call_command("demo", "--if-empty", stdout=StringIO())

    assert User.objects.count() == 14


def test_every_page_shows_every_person_of_the_demo(demo: str) -> None:
    for user in User.objects.exclude(enrollments=None):
        client = Client()
        client.force_login(user)
        for page in PAGES:
            assert client.get(page, follow=True).status_code == 200, f"{user} {page}"


def test_the_coach_of_the_demo_has_a_cohort_worth_looking_at(demo: str) -> None:
    client = Client()
    client.force_login(User.objects.get(email="marta@demo.example"))
    cohort = Cohort.objects.get(name="Spring starters")

    response = client.get(f"/coaching/{cohort.pk}/")

    members = [row["member"] for row in response.context["rows"]]
    assert len(members) == 10
    assert {member.scope for member in members} == {"counts", "entries", "moments"}
    assert any(member.facts for member in members)
    for member in members:
        page = client.get(f"/coaching/{cohort.pk}/people/{member.pk}/")
        assert page.status_code == 200
    assert "marta@demo.example" in demo


def test_the_second_coach_of_the_demo_sees_those_who_let_him(demo: str) -> None:
    client = Client()
    client.force_login(User.objects.get(email="jonas@demo.example"))
    cohort = Cohort.objects.get(name="Spring starters")

    response = client.get(f"/coaching/{cohort.pk}/")

    assert len(response.context["rows"]) == 3
    assert response.context["not_shared"] == 7
    client.force_login(User.objects.get(email="nora@demo.example"))
    assert "Jonas Falk has coached here since" in client.get("/consents/").content.decode()
