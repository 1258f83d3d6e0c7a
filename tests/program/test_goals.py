from django.test import Client

from accounts.models import User
from program.models import Enrollment, Goal
from tests.factories import make_enrollment
from tests.posting import Response, is_our_page, text_of

OLD = "Open a repair corner in the library"
NEW = "Open a repair corner on the market square"


def rewrite(client: Client, *, based_on: int, statement: str = NEW, **fields: str) -> Response:
    return client.post("/goals/", {"statement": statement, "based_on": based_on, **fields})


def statements(enrollment: Enrollment) -> list[str]:
    return [goal.statement for goal in enrollment.goals.newest_first()]


def test_goal_update_keeps_the_words_before_as_a_dated_version(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = rewrite(alice_client, based_on=enrollment.goals.get().pk, why="Things last.")

    assert response.status_code == 302
    assert response["Location"] == "/today/"
    assert statements(enrollment) == [NEW, OLD]
    assert NEW in text_of(alice_client.get("/today/"))
    page = text_of(alice_client.get("/goals/"))
    assert OLD in page
    assert "Tuesday, March 16" in page


def test_goal_update_with_the_same_words_makes_no_version(
    alice_client: Client, enrollment: Enrollment
) -> None:
    goal = enrollment.goals.get()

    rewrite(alice_client, based_on=goal.pk, statement=OLD, why=goal.why, measure=goal.measure)

    assert statements(enrollment) == [OLD]


def test_goal_update_of_two_tabs_shows_both_texts_and_then_keeps_both(
    alice_client: Client, enrollment: Enrollment
) -> None:
    seen_by_both = enrollment.goals.get().pk
    rewrite(alice_client, based_on=seen_by_both, statement="From the first tab")

    refused = rewrite(alice_client, based_on=seen_by_both, statement="From the second tab")

    assert refused.status_code == 409
    page = text_of(refused)
    assert "From the first tab" in page
    assert "From the second tab" in page
    assert statements(enrollment) == ["From the first tab", OLD]

    shown = enrollment.goals.newest_first()[0].pk
    assert f'name="based_on" value="{shown}"' in page
    rewrite(alice_client, based_on=shown, statement="From the second tab")
    assert statements(enrollment) == ["From the second tab", "From the first tab", OLD]


def test_goal_update_without_a_statement_keeps_what_was_typed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = rewrite(alice_client, based_on=1, statement=" ", why="Half a thought")

    assert response.status_code == 422
    assert is_our_page(response)
    assert "Half a thought" in text_of(response)
    assert statements(enrollment) == [OLD]


def test_goal_update_counts_a_line_end_as_one_character(
    alice_client: Client, enrollment: Enrollment
) -> None:
    newest = enrollment.goals.get()

    response = rewrite(alice_client, based_on=newest.pk, why="o" * 1_998 + "\r\n!")

    assert response.status_code == 302
    assert enrollment.goals.newest_first()[0].why == "o" * 1_998 + "\n!"


def test_goal_update_refuses_nul_and_nonsense(alice_client: Client, enrollment: Enrollment) -> None:
    for fields in ({"statement": "a\0b"}, {"statement": "x" * 201}, {"based_on": "x"}):
        response = alice_client.post("/goals/", {"statement": NEW, "based_on": "1", **fields})

        assert response.status_code == 422
    assert statements(enrollment) == [OLD]


def test_goal_update_based_on_anothers_version_is_a_conflict_and_leaves_theirs(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    bobs = make_enrollment(participant=bob, statement="Bob's own goal").goals.get()

    response = rewrite(alice_client, based_on=bobs.pk)

    assert response.status_code == 409
    assert "Bob's own goal" not in text_of(response)
    assert Goal.objects.owned_by(bob).get() == bobs


def test_goal_update_needs_two_weeks(client: Client, erin: User) -> None:
    client.force_login(erin)

    assert client.get("/goals/").status_code == 404
