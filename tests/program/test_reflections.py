import pytest
from django.test import Client

from accounts.models import User
from program.models import Enrollment, Reflection
from tests.factories import make_enrollment, make_reflection
from tests.posting import HTMX, TODAY, is_our_page, is_toast, post_reflection, text_of


def stored() -> tuple[str, int]:
    reflection = Reflection.objects.get()
    return reflection.text, reflection.version


def test_reflection_save_keeps_the_words_and_goes_back_to_the_day(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_reflection(alice_client, enrollment, text="It was easier to ask.")

    assert response.status_code == 302
    assert response["Location"] == "/today/#reflection"
    assert stored() == ("It was easier to ask.", 1)


def test_reflection_save_answers_htmx_with_saved_and_the_new_version(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_reflection(alice_client, enrollment, htmx=True, text="It was easier to ask.")

    answer = text_of(response)
    assert response.status_code == 200
    assert "Saved." in answer
    assert 'id="reflection-version" name="version" value="1"' in answer
    # Somebody is typing in it.
    assert "<textarea" not in answer


def test_reflection_save_follows_its_own_version(
    alice_client: Client, enrollment: Enrollment
) -> None:
    for version, text in enumerate(["It", "It was", "It was easier"]):
        post_reflection(alice_client, enrollment, htmx=True, version=version, text=text)

    assert stored() == ("It was easier", 3)


def test_reflection_save_twice_changes_nothing(
    alice_client: Client, enrollment: Enrollment
) -> None:
    responses = [
        post_reflection(alice_client, enrollment, htmx=True, text="Once") for _time in range(2)
    ]

    assert [response.status_code for response in responses] == [200, 200]
    assert stored() == ("Once", 1)


def test_reflection_save_keeps_spaces_and_line_ends(
    alice_client: Client, enrollment: Enrollment
) -> None:
    post_reflection(alice_client, enrollment, text="  One\r\n\r\nTwo \r\n")

    assert stored() == ("  One\n\nTwo \n", 1)


def test_reflection_save_counts_a_line_end_as_one_character(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_reflection(alice_client, enrollment, text="o" * 9_998 + "\r\n!")

    assert response.status_code == 302
    assert stored() == ("o" * 9_998 + "\n!", 1)


def test_reflection_save_of_nothing_empties_it(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_reflection(enrollment=enrollment)

    post_reflection(alice_client, enrollment, version=1, text="")

    assert stored() == ("", 2)


def test_reflection_save_by_get_is_not_allowed(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = alice_client.get(f"/days/{TODAY}/reflection/")

    assert response.status_code == 405
    assert is_our_page(response)


# --- Two tabs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
def test_reflection_save_over_another_tab_shows_both_texts_and_writes_neither(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    make_reflection(enrollment=enrollment, text="The other tab")

    response = post_reflection(alice_client, enrollment, htmx=htmx, text="This tab")

    page = text_of(response)
    assert response.status_code == 409
    assert "The other tab" in page
    assert "This tab" in page
    assert 'name="other_version" value="1"' in page
    # An address of its own: a link to an anchor of the page that is shown would not load it anew.
    assert f'href="/days/{TODAY}/?saved=1#reflection"' in page
    assert is_our_page(response) is not htmx
    assert stored() == ("The other tab", 1)


@pytest.mark.parametrize(
    ("keep", "kept"), [("mine", "This tab"), ("both", "The other tab\n\nThis tab")]
)
def test_reflection_save_that_keeps_mine_or_both_ends_the_conflict(
    alice_client: Client, enrollment: Enrollment, keep: str, kept: str
) -> None:
    make_reflection(enrollment=enrollment, text="The other tab")

    post_reflection(
        alice_client,
        enrollment,
        text="This tab",
        keep=keep,
        other_version=1,
        other_text="The other tab",
    )

    assert stored() == (kept, 2)


@pytest.mark.parametrize("keep", ["mine", "both"])
def test_reflection_save_that_keeps_meets_a_third_text(
    alice_client: Client, enrollment: Enrollment, keep: str
) -> None:
    make_reflection(enrollment=enrollment, text="One")
    post_reflection(alice_client, enrollment, version=1, text="Meanwhile a third")

    response = post_reflection(
        alice_client, enrollment, text="Mine", keep=keep, other_version=1, other_text="One"
    )

    assert response.status_code == 409
    assert "Meanwhile a third" in text_of(response)
    assert stored() == ("Meanwhile a third", 2)


def test_reflection_save_of_both_too_long_is_refused_and_writes_nothing(
    alice_client: Client, enrollment: Enrollment
) -> None:
    make_reflection(enrollment=enrollment, text="o" * 6000)

    response = post_reflection(
        alice_client,
        enrollment,
        text="m" * 6000,
        keep="both",
        other_version=1,
        other_text="o" * 6000,
    )

    assert response.status_code == 422
    assert "Both together are too long" in text_of(response)
    assert "m" * 6000 in text_of(response)
    assert stored() == ("o" * 6000, 1)


# --- Not theirs, not that day, not valid ---------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True])
def test_reflection_save_into_somebody_elses_is_not_found(
    alice_client: Client, bob: User, enrollment: Enrollment, htmx: bool
) -> None:
    theirs = make_reflection(enrollment=make_enrollment(participant=bob), text="Bob's evening")

    response = post_reflection(
        alice_client, theirs.enrollment, htmx=htmx, version=1, text="Written over"
    )

    assert response.status_code == 404
    assert "Bob's evening" not in text_of(response)
    assert stored() == ("Bob's evening", 1)


@pytest.mark.parametrize("htmx", [False, True])
def test_reflection_save_too_long_is_refused_and_keeps_the_words(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    response = post_reflection(alice_client, enrollment, htmx=htmx, text="o" * 10_001)

    assert response.status_code == 422
    assert is_toast(response) if htmx else "o" * 10_001 in text_of(response)
    assert not Reflection.objects.exists()


@pytest.mark.parametrize("htmx", [False, True])
def test_reflection_save_on_a_day_still_ahead_is_refused(
    alice_client: Client, enrollment: Enrollment, htmx: bool
) -> None:
    response = post_reflection(
        alice_client, enrollment, day=enrollment.dates[9], htmx=htmx, text="Tomorrow"
    )

    assert response.status_code == 422
    assert "still ahead" in text_of(response)
    assert not Reflection.objects.exists()


def test_reflection_save_on_a_day_outside_the_fourteen_is_not_found(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = post_reflection(
        alice_client, enrollment, day=enrollment.dates[0].replace(day=7), text="Before"
    )

    assert response.status_code == 404
    assert not Reflection.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "a\0b"},
        {"version": ""},
        {"version": "one"},
        {"version": "-1"},
        {"version": "9" * 400},
        {"version": str(2**31)},
        {"keep": "theirs"},
        {"keep": "mine", "other_version": str(2**63)},
        {"keep": "both", "other_version": "1", "other_text": "a\0b"},
        {"keep": "both", "other_version": "1", "other_text": "o" * 10_001},
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_reflection_save_of_what_no_page_posts_is_refused(
    alice_client: Client,
    enrollment: Enrollment,
    headers: dict[str, str],
    fields: dict[str, str],
) -> None:
    data = {"enrollment": str(enrollment.public_id), "version": "0", "text": "Words", **fields}

    response = alice_client.post(f"/days/{TODAY}/reflection/", data, headers=headers)

    assert response.status_code == 422
    assert is_toast(response) if headers else is_our_page(response)
    assert not Reflection.objects.exists()
