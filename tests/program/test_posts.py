"""A coach's posts for the days of a cohort."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from program import prompts
from program.models import Cohort, DayPost, Enrollment
from program.models.posts import PostConflictError
from tests.factories import (
    NOON,
    make_cohort,
    make_comment,
    make_enrollment,
    make_membership,
    make_post,
    make_user,
)
from tests.posting import Response, is_our_page, text_of


@pytest.fixture
def cohort(carol: User) -> Cohort:
    return make_cohort(coach=carol)


@pytest.fixture
def carol_client(carol: User, noon: time_machine.Traveller) -> Client:
    client = Client()
    client.force_login(carol)
    return client


def url_of(cohort: Cohort, number: object = "", verb: str = "") -> str:
    return f"/coaching/{cohort.pk}/posts/" + (f"{number}/{verb}" if number else "")


def write(client: Client, cohort: Cohort, number: object = 3, **fields: object) -> Response:
    data = {"title": "The third", "text": "Ask twice today.", "version": 0, **fields}
    return client.post(url_of(cohort, number), data)


def kept(cohort: Cohort) -> list[tuple[int, str, str]]:
    posts = DayPost.objects.of(cohort).kept().order_by("number")
    return list(posts.values_list("number", "title", "text"))


# --- Writing --------------------------------------------------------------------------------------


def test_post_list_has_a_row_for_each_of_the_fourteen_days(
    carol_client: Client, cohort: Cohort
) -> None:
    make_post(cohort=cohort, number=3, title="The third")

    page = text_of(carol_client.get(url_of(cohort)))

    assert re.findall(r'<li id="day-(\d+)"', page) == [str(number) for number in range(1, 15)]
    assert "The third" in page
    assert page.count("Nothing yet") == 13
    assert page.count("Written") == 1


def test_post_list_of_a_cohort_that_starts_together_says_which_day_is_today(
    carol_client: Client, cohort: Cohort
) -> None:
    Cohort.objects.update(starts_on="2027-03-08")

    page = text_of(carol_client.get(url_of(cohort)))

    assert '<li id="day-9" aria-current="date">' in page
    assert page.count('aria-current="date"') == 1


def test_post_update_keeps_the_words_of_a_day(carol_client: Client, cohort: Cohort) -> None:
    response = write(carol_client, cohort, text="Two lines\r\nof words")

    assert response.status_code == 302
    assert response["Location"] == url_of(cohort) + "#day-3"
    assert kept(cohort) == [(3, "The third", "Two lines\nof words")]
    assert DayPost.objects.get().coach == cohort.standing_coaches()[0].coach
    assert "Two lines\nof words" in text_of(carol_client.get(url_of(cohort, 3)))


def test_post_update_needs_no_title(carol_client: Client, cohort: Cohort) -> None:
    assert write(carol_client, cohort, title="").status_code == 302
    assert kept(cohort) == [(3, "", "Ask twice today.")]
    assert "Ask twice today." in text_of(carol_client.get(url_of(cohort)))


def test_post_update_starts_from_the_prompt_of_the_day_where_nothing_stands(
    carol_client: Client, cohort: Cohort
) -> None:
    words = prompts.day(3).prompt
    page = text_of(carol_client.get(url_of(cohort, 3)))
    assert words in page
    assert 'href="?start=prompt"' in page
    assert not re.search(r"<textarea[^>]*>\s*\w", page)

    page = text_of(carol_client.get(url_of(cohort, 3) + "?start=prompt"))
    assert re.search(rf"<textarea[^>]*>\s*{re.escape(words)}", page)
    assert not DayPost.objects.exists()

    make_post(cohort=cohort, number=3)
    page = text_of(carol_client.get(url_of(cohort, 3) + "?start=prompt"))
    assert not re.search(rf"<textarea[^>]*>\s*{re.escape(words)}", page)


def test_post_update_twice_is_one_post_of_one_version(carol_client: Client, cohort: Cohort) -> None:
    for _tap in range(2):
        assert write(carol_client, cohort).status_code == 302

    assert DayPost.objects.get().version == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": "  \n "},
        {"text": "x" * 4001},
        {"text": "a\0b"},
        {"title": "x" * 121},
        {"title": "a\0b"},
        {"version": ""},
        {"version": "-1"},
        {"version": "9" * 40},
        {"keep": "everything"},
    ],
)
def test_post_update_with_what_is_not_taken_keeps_the_words_on_the_page(
    carol_client: Client, cohort: Cohort, fields: dict[str, str]
) -> None:
    response = write(carol_client, cohort, **fields)

    assert response.status_code == 422
    assert is_our_page(response)
    assert not DayPost.objects.exists()
    if "text" not in fields:
        assert "Ask twice today." in text_of(response)


@pytest.mark.parametrize("number", [0, 15, 10**12])
def test_day_that_is_none_of_the_fourteen_is_not_found(
    carol_client: Client, cohort: Cohort, number: int
) -> None:
    address = f"/coaching/{cohort.pk}/posts/{number}/"
    assert carol_client.get(address).status_code == 404
    for verb in ("", "remove/", "restore/"):
        assert carol_client.post(address + verb).status_code == 404


# --- Two tabs, two coaches ------------------------------------------------------------------------


def test_post_update_of_two_tabs_shows_both_and_keeps_what_is_chosen(
    carol_client: Client, cohort: Cohort
) -> None:
    make_post(cohort=cohort, number=3, title="First", text="From the first tab")

    response = write(carol_client, cohort, text="From the second tab")

    assert response.status_code == 409
    page = text_of(response)
    assert "From the first tab" in page
    assert "From the second tab" in page
    assert kept(cohort) == [(3, "First", "From the first tab")]
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version

    both = write(carol_client, cohort, text="From the second tab", version=version[1], keep="both")
    assert both.status_code == 302
    assert kept(cohort) == [(3, "First", "From the first tab\n\nFrom the second tab")]


def test_post_update_with_both_together_too_long_says_so(
    carol_client: Client, cohort: Cohort
) -> None:
    make_post(cohort=cohort, number=3, text="a" * 3000)

    response = write(carol_client, cohort, text="b" * 3000, version=1, keep="both")

    assert response.status_code == 422
    assert "Both together are too long" in text_of(response)
    assert DayPost.objects.get().text == "a" * 3000


def test_post_update_of_what_was_removed_keeps_the_words_and_asks(
    carol_client: Client, cohort: Cohort
) -> None:
    make_post(cohort=cohort, number=3).remove(NOON)

    response = write(carol_client, cohort, version=1)

    assert response.status_code == 422
    page = text_of(response)
    assert "removed meanwhile" in page
    assert "Ask twice today." in page
    assert kept(cohort) == []
    assert 'name="version" value="0"' in page
    assert write(carol_client, cohort).status_code == 302


def test_words_based_on_a_removed_post_never_replace_those_of_a_later_one(cohort: Cohort) -> None:
    make_post(cohort=cohort, number=3).remove(NOON)
    coach = cohort.standing_coaches()[0].coach
    later = make_post(cohort=cohort, number=3, text="Later")
    assert later.version == 2

    with pytest.raises(PostConflictError):
        DayPost.objects.of(cohort).save_words(
            cohort=cohort, number=3, coach=coach, title="", text="Old", based_on=1, now=NOON
        )


# --- Removing -------------------------------------------------------------------------------------


def test_post_remove_offers_the_way_back(carol_client: Client, cohort: Cohort) -> None:
    make_post(cohort=cohort, number=3)

    response = carol_client.post(url_of(cohort, 3, "remove/"))

    assert response.status_code == 200
    assert url_of(cohort, 3, "restore/") in text_of(response)
    assert kept(cohort) == []
    for _tap in range(2):
        assert carol_client.post(url_of(cohort, 3, "restore/")).status_code == 302
    assert [number for number, _title, _text in kept(cohort)] == [3]


def test_post_restore_leaves_a_post_that_stands_there_by_now(
    carol_client: Client, cohort: Cohort
) -> None:
    make_post(cohort=cohort, number=3, text="Before").remove(NOON)
    make_post(cohort=cohort, number=3, text="By now")

    assert carol_client.post(url_of(cohort, 3, "restore/")).status_code == 302

    assert kept(cohort) == [(3, "", "By now")]
    assert "Another post stands on that day" in text_of(carol_client.get(url_of(cohort)))


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coach", 200),
        ("co-coach", 200),
        ("coach who left", 404),
        ("other coach", 404),
        ("member", 404),
        ("stranger", 404),
    ],
)
def test_only_those_who_coach_the_cohort_get_at_its_posts(
    cohort: Cohort,
    carol: User,
    dave: User,
    erin: User,
    enrollment: Enrollment,
    noon: time_machine.Traveller,
    who: str,
    status: int,
) -> None:
    frida, hugo = make_user(name="Frida"), make_user(name="Hugo")
    cohort.coaches.create(coach=frida, joined_at=NOON)
    cohort.coaches.create(coach=hugo, joined_at=NOON, left_at=NOON)
    make_cohort(coach=dave)
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    post = make_post(cohort=cohort, number=3, text="canary-post")
    comment = make_comment(post=post, membership=membership, text="canary-comment")
    make_post(cohort=cohort, number=4).remove(NOON)
    users = {
        "coach": carol,
        "co-coach": frida,
        "coach who left": hugo,
        "other coach": dave,
        "member": enrollment.participant,
        "stranger": erin,
    }
    client = Client()
    client.force_login(users[who])

    pages = [client.get(url_of(cohort)), client.get(url_of(cohort, 3))]
    hide, show = (
        client.post(f"/coaching/{cohort.pk}/comments/{comment.pk}/{verb}/")
        for verb in ("hide", "show")
    )
    writes = [
        write(client, cohort, version=post.version),
        client.post(url_of(cohort, 4, "restore/")),
        hide,
        show,
        client.post(url_of(cohort, 3, "remove/")),
    ]

    assert {page.status_code for page in pages} == {status}
    taken = {302, 200} if status == 200 else {404}
    assert {response.status_code for response in writes} == taken
    if status == 404:
        assert not any("canary" in text_of(page) for page in pages)
        assert kept(cohort) == [(3, "", "canary-post")]


def test_comment_of_another_cohort_is_not_found(
    carol_client: Client, cohort: Cohort, dave: User, enrollment: Enrollment
) -> None:
    other = make_cohort(coach=dave)
    membership = make_membership(cohort=other, enrollment=enrollment)
    comment = make_comment(post=make_post(cohort=other), membership=membership)

    response = carol_client.post(f"/coaching/{cohort.pk}/comments/{comment.pk}/hide/")

    assert response.status_code == 404
    comment.refresh_from_db()
    assert comment.hidden_at is None


# --- What a coach reads ---------------------------------------------------------------------------


def test_coach_reads_the_comments_of_those_who_are_in_it_and_how_many_read(
    carol_client: Client, cohort: Cohort, enrollment: Enrollment, bob: User
) -> None:
    post = make_post(cohort=cohort, number=3)
    alices = make_membership(cohort=cohort, enrollment=enrollment, scope=None)
    bobs = make_membership(cohort=cohort, enrollment=make_enrollment(participant=bob))
    for membership in (alices, bobs, bobs):
        post.mark_read(membership, NOON)
    make_comment(post=post, membership=alices, text="canary-alice")
    make_comment(post=post, membership=bobs, text="canary-bob")
    removed = make_comment(post=post, membership=alices, text="canary-removed")
    removed.remove(NOON)

    assert "Read by 2 · 2 comments" in text_of(carol_client.get(url_of(cohort)))
    page = text_of(carol_client.get(url_of(cohort, 3)))
    assert "canary-alice" in page
    assert "canary-bob" in page
    assert "canary-removed" not in page
    assert "alice@" not in page

    bobs.leave(NOON)
    assert "Read by 1 · 1 comment" in text_of(carol_client.get(url_of(cohort)))
    assert "canary-bob" not in text_of(carol_client.get(url_of(cohort, 3)))


def test_comment_that_a_coach_removed_leaves_a_line_and_can_come_back(
    carol_client: Client, cohort: Cohort, enrollment: Enrollment
) -> None:
    post = make_post(cohort=cohort, number=3)
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    comment = make_comment(post=post, membership=membership, text="canary-words")
    address = f"/coaching/{cohort.pk}/comments/{comment.pk}/"

    for _tap in range(2):
        response = carol_client.post(address + "hide/")
        assert response["Location"] == url_of(cohort, 3) + f"#comment-{comment.pk}"
    page = text_of(carol_client.get(url_of(cohort, 3)))
    assert "Removed by a coach." in page
    assert "canary-words" not in page

    carol_client.post(address + "show/")
    assert "canary-words" in text_of(carol_client.get(url_of(cohort, 3)))


def test_pages_take_as_many_queries_for_many_as_for_one(
    carol_client: Client, cohort: Cohort, enrollment: Enrollment
) -> None:
    membership = make_membership(cohort=cohort, enrollment=enrollment)
    make_comment(post=make_post(cohort=cohort, number=3), membership=membership)
    taken: list[list[int]] = []

    def look(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert carol_client.get(address).status_code == 200
        return len(captured)

    more: list[Callable[[], object]] = [lambda: None, lambda: _fill(cohort)]
    for fill in more:
        fill()
        taken.append([look(url_of(cohort)), look(url_of(cohort, 3))])

    assert taken[0] == taken[1]


def _fill(cohort: Cohort) -> None:
    for number in range(4, 15):
        make_post(cohort=cohort, number=number)
    for number in range(5):
        user = make_user(name=f"Member{number}")
        membership = make_membership(cohort=cohort, enrollment=make_enrollment(participant=user))
        for post in cohort.posts.order_by("pk"):
            make_comment(post=post, membership=membership)
            post.mark_read(membership, NOON)
