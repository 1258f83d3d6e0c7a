from datetime import date

from django.test import Client

from program.models import Enrollment

TODAY = date(2027, 3, 16)


def test_today_shows_day_goal_and_open_stones(alice_client: Client, enrollment: Enrollment) -> None:
    response = alice_client.get("/today/")

    page = response.content.decode()
    assert response.status_code == 200
    assert "Day 9 of 14" in page
    assert "Open a repair corner in the library" in page
    assert page.count('aria-pressed="false"') == 6
