"""What members write under a post."""

import re
import uuid

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import Cohort, CohortMembership, DayComment, DayPost, Enrollment, MembersSee
from program.models.comments import NoMemberError
from tests.factories import (
    NOON,
    make_cohort,
    make_comment,
    make_enrollment,
    make_membership,
    make_post,
)
from tests.posting import Response, is_our_page, text_of


@pytest.fixture
def cohort(carol: User) -> Cohort:
    cohort = make_cohort(coach=carol)
    cohort.revise(members_see=MembersSee.NAMES)
    return cohort


@pytest.fixture
def alices(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    return let_in(cohort, enrollment)


@pytest.fixture
def post(cohort: Cohort, alices: CohortMembership) -> DayPost:
    return make_post(cohort=cohort)


@pytest.fixture
def bob_client(cohort: Cohort, bob: User, noon: time_machine.Traveller) -> Client:
    let_in(cohort, make_enrollment(participant=bob))
    client = Client()
    client.force_login(bob)
    return client


def let_in(cohort: Cohort, enrollment: Enrollment) -> CohortMembership:
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    CohortMembership.objects.filter(pk=membership.pk).update(members_see=cohort.members_see)
    membership.refresh_from_db()
    return membership


def url_of(post: DayPost) -> str:
    return f"/cohorts/{post.cohort_id}/posts/{post.number}/"


def comment_url(comment: DayComment, verb: str) -> str:
    return f"/cohorts/{comment.post.cohort_id}/comments/{comment.client_id}/{verb}/"


def say(client: Client, post: DayPost, **fields: object) -> Response:
    data = {"client_id": uuid.uuid4(), "text": "I will ask Ruth.", "for_members": "1", **fields}
    return client.post(url_of(post) + "comments/", data)


def said() -> list[str]:
    return list(DayComment.objects.kept().order_by("pk").values_list("text", flat=True))


def test_comment_create_stands_under_the_post_for_all_who_see_each_other(
    alice_client: Client, bob_client: Client, post: DayPost
) -> None:
    response = say(alice_client, post, text="Two lines\r\nof words")

    comment = DayComment.objects.get()
    assert response["Location"] == f"{url_of(post)}#comment-{comment.pk}"
    assert (comment.text, comment.for_members) == ("Two lines\nof words", True)
    for client in (alice_client, bob_client):
        assert "Two lines<br>of words" in text_of(client.get(url_of(post)))
    assert comment_url(comment, "remove") in text_of(alice_client.get(url_of(post)))
    assert comment_url(comment, "remove") not in text_of(bob_client.get(url_of(post)))


def test_comment_create_twice_is_one(alice_client: Client, post: DayPost) -> None:
    client_id = uuid.uuid4()

    for _tap in range(2):
        assert say(alice_client, post, client_id=client_id).status_code == 302

    assert said() == ["I will ask Ruth."]


@pytest.mark.parametrize("is_removed", [False, True])
def test_comment_create_with_the_id_of_other_words_keeps_both(
    alice_client: Client, post: DayPost, is_removed: bool
) -> None:
    client_id = uuid.uuid4()
    say(alice_client, post, client_id=client_id, text="The first")
    if is_removed:
        DayComment.objects.get().remove(NOON)
    words = "The first" if is_removed else "The second"

    refused = say(alice_client, post, client_id=client_id, text=words)

    assert refused.status_code == 422
    assert re.search(rf"<textarea[^>]*>\s*{words}", text_of(refused))
    found = re.search(r'name="client_id" value="([^"]+)"', text_of(refused))
    assert found
    assert say(alice_client, post, client_id=found[1], text=words).status_code == 302
    assert DayComment.objects.count() == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": " \n "},
        {"text": "x" * 1001},
        {"text": "a\0b"},
        {"client_id": ""},
        {"client_id": "x"},
        {"client_id": "9" * 5000},
    ],
)
def test_comment_create_with_what_is_not_taken_keeps_the_words_on_the_page(
    alice_client: Client, post: DayPost, fields: dict[str, str]
) -> None:
    response = say(alice_client, post, **fields)

    assert response.status_code == 422
    assert is_our_page(response)
    assert said() == []
    if "text" not in fields:
        assert "I will ask Ruth." in text_of(response)


def test_comment_create_has_room_for_so_many_of_one_member(
    alice_client: Client, post: DayPost, alices: CohortMembership
) -> None:
    for _number in range(DayComment.MOST_PER_POST):
        make_comment(post=post, membership=alices)

    response = say(alice_client, post, text="One more")

    assert response.status_code == 422
    assert "One more" in text_of(response)
    assert DayComment.objects.count() == DayComment.MOST_PER_POST


# --- For whom -------------------------------------------------------------------------------------


def test_comment_for_the_coaches_stays_with_them_when_members_see_more_later(
    alice_client: Client,
    bob_client: Client,
    cohort: Cohort,
    post: DayPost,
    carol: User,
) -> None:
    cohort.revise(members_see=MembersSee.NOTHING)
    page = text_of(alice_client.get(url_of(post)))
    assert "Only your coaches read it." in page
    assert 'name="for_members"' not in page

    # Also where the form of an older page says otherwise.
    say(alice_client, post, text="canary-to-coaches")
    cohort.revise(members_see=MembersSee.ENTRIES)
    CohortMembership.objects.update(members_see=MembersSee.ENTRIES)

    assert "canary" in text_of(alice_client.get(url_of(post)))
    assert "canary" not in text_of(bob_client.get(url_of(post)))
    carol_client = Client()
    carol_client.force_login(carol)
    address = f"/coaching/{cohort.pk}/posts/{post.number}/"
    assert "canary" in text_of(carol_client.get(address))


def test_comment_from_a_page_that_named_the_coaches_goes_to_them_alone(
    alice_client: Client, bob_client: Client, post: DayPost
) -> None:
    say(alice_client, post, text="canary-to-coaches", for_members="")

    assert "canary" not in text_of(bob_client.get(url_of(post)))


def test_comments_are_seen_no_more_once_members_see_nothing_of_each_other(
    alice_client: Client, bob_client: Client, cohort: Cohort, post: DayPost
) -> None:
    say(alice_client, post, text="canary-words")
    assert "canary" in text_of(bob_client.get(url_of(post)))

    cohort.revise(members_see=MembersSee.NOTHING)

    assert "canary" not in text_of(bob_client.get(url_of(post)))
    assert "canary" in text_of(alice_client.get(url_of(post)))


def test_comment_of_who_left_meanwhile_is_not_taken(
    post: DayPost, alices: CohortMembership
) -> None:
    alices.leave(NOON)

    with pytest.raises(NoMemberError):
        make_comment(post=post, membership=alices)
    assert not DayComment.objects.exists()


# --- Removing -------------------------------------------------------------------------------------


def test_comment_remove_offers_the_way_back(
    alice_client: Client, bob_client: Client, post: DayPost, alices: CohortMembership
) -> None:
    comment = make_comment(post=post, membership=alices, text="canary-words")

    response = alice_client.post(comment_url(comment, "remove"))

    assert response.status_code == 200
    assert comment_url(comment, "restore") in text_of(response)
    assert "canary" not in text_of(bob_client.get(url_of(post)))
    for _tap in range(2):
        assert alice_client.post(comment_url(comment, "restore")).status_code == 302
    assert "canary" in text_of(bob_client.get(url_of(post)))


def test_comment_that_a_coach_removed_its_writer_does_not_bring_back(
    alice_client: Client, bob_client: Client, post: DayPost, alices: CohortMembership
) -> None:
    comment = make_comment(post=post, membership=alices, text="canary-words")
    comment.hide(NOON)

    for verb in ("remove", "restore"):
        alice_client.post(comment_url(comment, verb))

    for client in (alice_client, bob_client):
        page = text_of(client.get(url_of(post)))
        assert "Removed by a coach." in page
        assert "canary" not in page


def test_comment_under_a_post_that_is_gone_is_not_found(
    alice_client: Client, cohort: Cohort, post: DayPost, alices: CohortMembership
) -> None:
    comment = make_comment(post=post, membership=alices)
    post.remove(NOON)
    assert alice_client.post(comment_url(comment, "remove")).status_code == 404

    make_post(cohort=cohort, text="Another post")
    assert alice_client.post(comment_url(comment, "remove")).status_code == 404
    assert "I will ask Ruth." not in text_of(alice_client.get(url_of(post)))


@pytest.mark.parametrize("number", [0, 15, 10, 10**12])
def test_comment_on_a_day_that_has_no_post_or_has_not_come_is_not_found(
    alice_client: Client, cohort: Cohort, post: DayPost, number: int
) -> None:
    address = f"/cohorts/{cohort.pk}/posts/{number}/comments/"
    data = {"client_id": uuid.uuid4(), "text": "Words"}

    assert alice_client.post(address, data).status_code == 404


def test_longest_list_of_comments_opens_at_its_end(
    alice_client: Client, post: DayPost, alices: CohortMembership
) -> None:
    DayComment.objects.bulk_create(
        DayComment(post=post, membership=alices, text=f"Number {number}.", created_at=NOON)
        for number in range(60)
    )

    page = text_of(alice_client.get(url_of(post)))
    assert "Number 59." in page
    assert "Number 49." not in page
    assert "Number 49." in text_of(alice_client.get(url_of(post) + "?comments=1"))
    for odd in ("x", "-1", "0", "9" * 400, "\0"):
        assert alice_client.get(url_of(post), {"comments": odd}).status_code == 200
