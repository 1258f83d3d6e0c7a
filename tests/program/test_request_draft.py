import html
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from program.models import DailyEntry, Enrollment, Person
from tests.factories import NOON, make_enrollment
from tests.posting import TODAY, Response, is_our_page, text_of
from tests.requesting import make_request

# --- The draft ------------------------------------------------------------------------------------


def draft(client: Client, url: str = "/requests/draft/", **fields: str) -> Response:
    data = {"to_whom": "Jonas", "what": "An hour for the wiring", "client_id": str(uuid.uuid4())}
    return client.post(url, data | fields)


def drafted(response: Response) -> str:
    found = re.search(r"<textarea name=\"draft\"[^>]*>\n(.*?)</textarea>", text_of(response), re.S)
    assert found
    return html.unescape(found[1])


def mail_link(response: Response) -> str:
    found = re.search(r'href="(mailto:[^"]*)"', text_of(response))
    return html.unescape(found[1]) if found else ""


def test_request_draft_says_it_in_plain_sentences_and_stores_nothing(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = draft(alice_client, by_when="Friday noon", gain="A cake")

    words = drafted(response)
    assert response.status_code == 200
    assert words.startswith("Hello Jonas,\n\n")
    assert words.endswith("Thank you,\nAlice")
    for part in ("Open a repair corner in the library.", "An hour for the wiring.", "Friday noon."):
        assert part in words
    assert "A cake." in words
    assert not DailyEntry.objects.exists()
    assert not Person.objects.exists()


def test_request_draft_leaves_out_what_was_left_open(
    alice_client: Client, enrollment: Enrollment
) -> None:
    words = drafted(draft(alice_client, what="Could you help?"))

    assert "Could you help?\n" in words
    assert "By when" not in words
    assert "In return" not in words


def test_request_draft_makes_a_mail_link_that_says_the_same(
    alice_client: Client, enrollment: Enrollment
) -> None:
    response = draft(
        alice_client, to_whom="Åsa & Co", what='50% of <b>"that"</b>?&body=x', gain="Tack så mycket"
    )

    link = urlsplit(mail_link(response))
    fields = parse_qs(link.query, strict_parsing=True)
    assert (link.scheme, link.path) == ("mailto", "")
    assert fields == {
        "subject": ['A request: 50% of <b>"that"</b>?&body=x'],
        "body": [drafted(response).replace("\n", "\r\n")],
    }
    assert "<b>" not in text_of(response).split("<main")[1].split("draft-label")[1]


def test_request_draft_has_no_mail_link_past_what_mail_programs_take(
    alice_client: Client, enrollment: Enrollment
) -> None:
    short = draft(alice_client, gain="茶")
    long = draft(alice_client, gain="茶" * 200)

    assert 0 < len(mail_link(short)) <= 1900
    assert mail_link(long) == ""
    assert "茶" * 200 in drafted(long)
    assert "It is too long for a link" in text_of(long)


@pytest.mark.parametrize(
    "fields",
    [
        {"to_whom": " "},
        {"what": ""},
        {"what": "x" * 301},
        {"by_when": "x" * 101},
        {"gain": "a\0b"},
        {"to_whom": "x" * 101},
        {"client_id": "none"},
        {"draft": "x" * 2001},
    ],
)
@pytest.mark.parametrize("url", ["/requests/draft/", "/requests/plan/"])
def test_request_draft_and_plan_refuse_nonsense_and_keep_the_words(
    alice_client: Client, enrollment: Enrollment, url: str, fields: dict[str, str]
) -> None:
    response = draft(alice_client, url, **({"gain": "Half a thought"} | fields))

    assert response.status_code == 422
    assert is_our_page(response)
    assert "gain" in fields or "Half a thought" in text_of(response)
    assert mail_link(response) == ""
    assert not DailyEntry.objects.exists()


def test_request_draft_opens_with_the_words_of_a_request_or_the_name_of_a_person(
    alice_client: Client, enrollment: Enrollment
) -> None:
    entry = make_request(enrollment, line="A long ladder", of_whom="Ruth")
    assert entry.person

    of_request = text_of(alice_client.get(f"/requests/draft/?request={entry.client_id}"))
    of_person = text_of(alice_client.get(f"/requests/draft/?person={entry.person.pk}"))

    assert 'value="Ruth"' in of_request
    assert "A long ladder</textarea>" in of_request
    assert "Put it on today" not in of_request
    assert 'value="Ruth"' in of_person
    assert "Put it on today" in of_person


def test_request_draft_of_anothers_or_no_request_or_person_is_not_found(
    alice_client: Client, enrollment: Enrollment, bob: User
) -> None:
    entry = make_request(make_enrollment(participant=bob), line="Bob's", of_whom="Boris")
    assert entry.person
    left = enrollment.participant.people.create(name="Left", created_at=NOON, removed_at=NOON)

    for query in (
        f"request={entry.client_id}",
        "request=x",
        f"request={uuid.uuid4()}",
        f"person={entry.person.pk}",
        f"person={left.pk}",
        *("person=", "person=x", "person=-1", f"person={2**63}", f"person={'9' * 5000}"),
    ):
        response = alice_client.get(f"/requests/draft/?{query}")

        assert response.status_code == 404, query


def test_request_plan_puts_words_without_a_stone_on_today_once(
    alice_client: Client, enrollment: Enrollment
) -> None:
    client_id = str(uuid.uuid4())

    for _tap in range(2):
        response = draft(alice_client, "/requests/plan/", client_id=client_id)

        assert response["Location"] == f"/today/#entry-{client_id}"
    entry = DailyEntry.objects.get()
    assert entry.line == "Jonas: An hour for the wiring"
    assert (entry.practice, entry.day, entry.is_placed) == ("request", TODAY, False)
    assert "Jonas: An hour for the wiring" in text_of(alice_client.get("/today/"))


def test_request_plan_of_a_used_page_takes_a_second_press(
    alice_client: Client, enrollment: Enrollment
) -> None:
    removed = make_request(enrollment, line="Removed")
    removed.remove(NOON)

    refused = draft(alice_client, "/requests/plan/", client_id=str(removed.client_id))

    found = re.search(r'name="client_id" value="([\w-]+)"', text_of(refused))
    assert refused.status_code == 422
    assert found
    assert found[1] != str(removed.client_id)
    again = draft(alice_client, "/requests/plan/", client_id=found[1])
    assert again.status_code == 302


def test_request_plan_refuses_a_full_day_and_a_day_that_is_none_of_theirs(
    alice_client: Client, enrollment: Enrollment, noon: time_machine.Traveller
) -> None:
    for place in range(1, 21):
        make_request(enrollment, place, line="Words")

    full = draft(alice_client, "/requests/plan/")
    noon.move_to(NOON.replace(day=25))
    after = draft(alice_client, "/requests/plan/")

    assert full.status_code == after.status_code == 422
    assert "That is twenty on one day" in text_of(full)
    assert "none of your fourteen days" in text_of(after)
    assert DailyEntry.objects.count() == 20


def test_requests_of_somebody_without_two_weeks_lead_to_the_first_step(
    client: Client, erin: User
) -> None:
    client.force_login(erin)

    for url in ("/requests/", "/requests/draft/"):
        assert client.get(url)["Location"] == "/enrollments/new/"
    assert draft(client, "/requests/plan/").status_code == 404
    assert client.get(f"/requests/{uuid.uuid4()}/").status_code == 404
