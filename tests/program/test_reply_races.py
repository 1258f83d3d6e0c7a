"""Visitors and owners who press at the same moment: one effect each, and limits that are exact."""

import uuid

import pytest
import time_machine
from django.test import Client

from accounts.models import OutgoingMail, User
from program.models import DailyEntry, Enrollment, PageUpdate, Person, PublicPage, Reply
from program.models.reply_guard import OF_ONE_SENDER
from tests.factories import NOON, make_enrollment, make_page, make_reply, make_user
from tests.figures import figure
from tests.often import often
from tests.posting import Response
from tests.program.test_replies import leave
from tests.racing import race, race_together

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = often(10, 200)


@pytest.fixture
def alice(transactional_db: None, noon: time_machine.Traveller) -> User:
    return make_user(name="Alice")


@pytest.fixture
def page(alice: User) -> PublicPage:
    return make_page(make_enrollment(participant=alice))


def test_same_words_at_once_are_one_reply(alice: User, page: PublicPage) -> None:
    def post(client: Client, number: int) -> Response:
        # Of another sender in each race, and of the last day's limits of the page none.
        return leave(
            page, Client(), words=f"Idea {number}", ip=f"10.1.{number // 250}.{number % 250}"
        )

    def forget() -> None:
        counts.append(Reply.objects.count())
        Reply.objects.all().delete()

    counts: list[int] = []
    statuses = race(alice, post, post, after=forget, times=TIMES)

    figure("public/races", "races of a visitor's form, sent twice at once", TIMES)
    figure(
        "public/races-double",
        "of them with two replies",
        counts.count(2),
        bar="0",
        holds=set(counts) == {1},
    )
    assert statuses == [[302, 302]] * TIMES
    assert counts == [1] * TIMES


def test_limit_of_a_sender_is_exact_however_many_post_at_once(page: PublicPage) -> None:
    at_most = OF_ONE_SENDER[0][1]

    def post() -> None:
        for _time in range(at_most):
            leave(page, Client(), words=f"Idea {uuid.uuid4()}")

    race_together(post, lanes=3)

    figure(
        "public/limit",
        f"taken of {3 * at_most} at once from one sender",
        Reply.objects.count(),
        bar=str(at_most),
        holds=Reply.objects.count() == at_most,
    )
    assert Reply.objects.count() == at_most


def test_use_of_a_reply_twice_at_once_is_one(alice: User, page: PublicPage) -> None:
    enrollment = Enrollment.objects.get()
    reply = make_reply(page)

    for verb, fields, model in (
        ("turn", {"practice": "request"}, DailyEntry),
        ("person", {"role": "is_advisor"}, Person),
    ):

        def post(
            client: Client, number: int, verb: str = verb, fields: dict[str, str] = fields
        ) -> Response:
            return client.post(f"/inbox/{reply.pk}/{verb}/", fields)

        assert race(alice, post, post, times=5) == [[302, 302]] * 5
        assert model.objects.count() == 1
    assert DailyEntry.objects.get().enrollment == enrollment


def test_words_to_those_who_wait_go_once_however_often_they_are_sent(
    alice: User, page: PublicPage
) -> None:
    follower = make_reply(page, email="peder@example.org").follower
    assert follower
    follower.confirm(NOON)

    def post(client: Client, number: int) -> Response:
        fields = {"client_id": str(uuid.UUID(int=number + 1)), "text": "Done. Thank you."}
        return client.post("/inbox/update/", fields)

    assert race(alice, post, post, times=5) == [[302, 302]] * 5

    assert PageUpdate.objects.count() == 5
    assert OutgoingMail.objects.filter(kind="page_update").count() == 1
