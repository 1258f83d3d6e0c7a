"""Invitations by mail: one link an address, which lets in nobody else."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import OutgoingMail, User
from program.models import Cohort, CohortMembership, EmailInvitation
from program.models.email_invitations import MAILS_AT_MOST, SENDS_AT_MOST
from tests.factories import NOON, make_cohort, make_enrollment
from tests.post import body, scan, sink
from tests.posting import Response, is_our_page, text_of
from tests.program.test_coaching import carol_client, cohort, logged_in
from tests.sink import Sink

__all__ = ["carol_client", "cohort", "sink"]  # fixtures

MINUTE = timedelta(minutes=1)
WEEK = timedelta(hours=168)
JOIN = {"way": "bring", "scope": "counts", "members_see": "0", "statement": "Sing in public"}


def invite(client: Client, cohort: Cohort, emails: str, words: str = "") -> Response:
    url = f"/coaching/{cohort.pk}/invite/by-mail/"
    return client.post(url, {"emails": emails, "words": words})


def page_of(client: Client, cohort: Cohort) -> str:
    return text_of(client.get(f"/coaching/{cohort.pk}/invite/"))


def link_in(mail: EmailMessage, pattern: str = r"/join/[^/\s]+/") -> str:
    found = re.search(rf"http://localhost:8000({pattern})\s", body(mail))
    assert found is not None
    return found[1]


def again(client: Client, invited: EmailInvitation) -> Response:
    return client.post(f"/coaching/invited/{invited.pk}/again/")


def join(client: Client, link: str, **more: Any) -> Response:
    page = text_of(client.get(link))
    named = re.findall(r'name="(named|enrollment|time_zone)"[^>]*value="([^"]*)"', page)
    return client.post(link, {**JOIN, "time_zone": "Europe/Stockholm", **dict(named), **more})


@pytest.mark.usefixtures("noon")
def test_many_are_invited_at_once_each_once(
    carol_client: Client, cohort: Cohort, sink: Sink
) -> None:
    response = invite(
        carol_client,
        cohort,
        "Ines <ines@example.org>, TOMASZ@example.org;ines@example.org\n\n lea@example.org",
        words="We begin on Monday. <b>Bring</b> one thing.",
    )
    invite(carol_client, cohort, "ines@example.org")  # a second tap, or another day

    assert response.status_code == 302
    scan(NOON)
    assert sorted(mail["To"] for mail in sink.mails) == [
        "ines@example.org",
        "lea@example.org",
        "tomasz@example.org",
    ]
    mail = sink.to("ines@example.org")[0]
    assert mail["Subject"] == f"Carol invites you to {cohort.name}"
    assert "<b>Bring</b>" in body(mail)
    assert "&lt;b&gt;Bring&lt;/b&gt;" in body(mail, "html")
    assert mail["List-Unsubscribe"] == f"<http://localhost:8000{link_in(mail)}decline/>"
    assert "ines@example.org" in page_of(carol_client, cohort)
    assert len({link_in(mail) for mail in sink.mails}) == 3


@pytest.mark.usefixtures("noon")
def test_the_token_stands_nowhere(carol_client: Client, cohort: Cohort, sink: Sink) -> None:
    invite(carol_client, cohort, "alice@example.org")
    scan(NOON)

    token = link_in(sink.mails[0]).split("/")[2]
    assert len(token) == 43  # 256 bits
    for model in (
        EmailInvitation,
        OutgoingMail,
        EmailInvitation.objects.get().invitation.__class__,
    ):
        assert token not in str(list(model._default_manager.values()))


def test_who_was_invited_joins_and_the_coach_reads_how_far_it_is(
    carol_client: Client, cohort: Cohort, alice: User, sink: Sink
) -> None:
    invite(carol_client, cohort, "alice@example.org")
    assert "On its way" in page_of(carol_client, cohort)
    scan(NOON)
    assert "Sent" in page_of(carol_client, cohort)
    link, client = link_in(sink.mails[0]), logged_in(alice)

    client.get(link)
    assert "Opened, not joined yet" in page_of(carol_client, cohort)
    assert join(client, link).status_code == 302

    assert CohortMembership.objects.get().enrollment.participant == alice
    assert "Joined" in page_of(carol_client, cohort)


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("case", ["another address", "not confirmed"])
def test_nobody_else_joins_by_it(
    case: str, carol_client: Client, cohort: Cohort, alice: User, bob: User, sink: Sink
) -> None:
    invite(carol_client, cohort, "alice@example.org")
    scan(NOON)
    link = link_in(sink.mails[0])
    who = bob
    if case == "not confirmed":
        EmailAddress.objects.filter(user=alice).update(verified=False)
        who = alice

    for response in (logged_in(who).get(link), join(logged_in(who), link)):
        assert response.status_code == 404
        assert is_our_page(response)
        assert cohort.name not in text_of(response)

    assert not CohortMembership.objects.exists()
    assert EmailInvitation.objects.get().opened_at is None


@pytest.mark.usefixtures("noon")
def test_a_second_confirmed_address_will_do(
    carol_client: Client, cohort: Cohort, alice: User, sink: Sink
) -> None:
    EmailAddress.objects.create(user=alice, email="Alice@work.example", verified=True)
    invite(carol_client, cohort, "alice@work.example")
    scan(NOON)

    join(logged_in(alice), link_in(sink.mails[0]))

    assert CohortMembership.objects.count() == 1


def test_sent_again_it_has_a_new_link_and_the_old_one_is_closed(
    carol_client: Client, cohort: Cohort, alice: User, sink: Sink, noon: time_machine.Traveller
) -> None:
    invite(carol_client, cohort, "alice@example.org")
    invited = EmailInvitation.objects.get()
    again(carol_client, invited)  # the first is on its way still
    scan(NOON)
    again(carol_client, invited)
    again(carol_client, invited)  # a second tap
    scan(NOON)

    first, second = (link_in(mail) for mail in sink.mails)
    assert first != second
    assert logged_in(alice).get(first).status_code == 404
    assert logged_in(alice).get(second).status_code == 200
    noon.move_to(NOON + WEEK + MINUTE)
    assert "The seven days are over" in page_of(logged_in(cohort.coaches.get().coach), cohort)


def test_it_is_sent_so_many_times_at_most(carol_client: Client, cohort: Cohort, sink: Sink) -> None:
    invite(carol_client, cohort, "alice@example.org")
    for _try in range(SENDS_AT_MOST + 2):
        scan(NOON)
        again(carol_client, EmailInvitation.objects.get())

    assert len(sink.mails) == SENDS_AT_MOST


@pytest.mark.usefixtures("noon")
def test_one_withdrawn_lets_nobody_in_and_is_not_even_sent(
    carol_client: Client, cohort: Cohort, sink: Sink
) -> None:
    invite(carol_client, cohort, "alice@example.org")
    invited = EmailInvitation.objects.get()

    carol_client.post(f"/coaching/invited/{invited.pk}/withdraw/")

    scan(NOON)
    assert sink.mails == []
    assert "Withdrawn" in page_of(carol_client, cohort)


@pytest.mark.usefixtures("noon")
def test_declined_by_one_click_it_is_the_last_mail(
    carol_client: Client, cohort: Cohort, alice: User, sink: Sink
) -> None:
    invite(carol_client, cohort, "alice@example.org")
    scan(NOON)
    link = link_in(sink.mails[0])
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.get(f"{link}decline/").status_code == 200
    assert EmailInvitation.objects.get().declined_at is None

    response = visitor.post(f"{link}decline/", {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert not response.cookies
    assert "Declined" in page_of(carol_client, cohort)
    again(carol_client, EmailInvitation.objects.get())
    invite(carol_client, cohort, "alice@example.org")
    scan(NOON)
    assert len(sink.mails) == 1
    assert logged_in(alice).get(link).status_code == 404


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("emails", "said"),
    [
        ("", "Whom do you invite?"),
        ("ines, tomasz", "There is no address in that."),
        ("ines@example.org, x@, y@@z", "This is no address: x@, y@@z"),
        (" ".join(f"{n}@example.org" for n in range(51)), "Fifty addresses at once"),
        ("a" * 20_001, "Fifty addresses at once"),
        (f"{'a' * 250}@example.org", "This is no address"),
        ("a\0@example.org", ""),
    ],
)
def test_what_is_no_address_is_said_and_nothing_is_lost(
    emails: str, said: str, carol_client: Client, cohort: Cohort
) -> None:
    response = invite(carol_client, cohort, emails, words="We begin on Monday.")

    assert response.status_code == 422
    assert said in text_of(response)
    assert "We begin on Monday." in text_of(response)
    assert not EmailInvitation.objects.exists()


@pytest.mark.usefixtures("noon")
def test_a_coach_causes_so_much_mail_a_day_at_most(carol_client: Client, cohort: Cohort) -> None:
    for start in range(0, MAILS_AT_MOST, 50):
        invite(carol_client, cohort, " ".join(f"{start + n}@example.org" for n in range(50)))

    response = invite(carol_client, cohort, "one.more@example.org")

    assert response.status_code == 422
    assert "a lot of mail for one day" in text_of(response)
    assert EmailInvitation.objects.count() == MAILS_AT_MOST


@pytest.mark.usefixtures("noon")
def test_another_coach_sees_and_moves_none_of_it(
    carol_client: Client, cohort: Cohort, dave: User
) -> None:
    make_cohort(coach=dave)
    invite(carol_client, cohort, "alice@example.org")
    invited, client = EmailInvitation.objects.get(), logged_in(dave)

    assert invite(client, cohort, "bob@example.org").status_code == 404
    for verb in ("again", "withdraw"):
        assert client.post(f"/coaching/invited/{invited.pk}/{verb}/").status_code == 404

    assert EmailInvitation.objects.get().sends == 1
    assert EmailInvitation.objects.get().invitation.revoked_at is None


@pytest.mark.usefixtures("noon")
def test_with_two_weeks_running_they_come_along(
    carol_client: Client, cohort: Cohort, alice: User, sink: Sink
) -> None:
    enrollment = make_enrollment(participant=alice)
    invite(carol_client, cohort, "alice@example.org")
    scan(NOON)

    join(logged_in(alice), link_in(sink.mails[0]), enrollment=str(enrollment.public_id))

    assert CohortMembership.objects.get().enrollment == enrollment
