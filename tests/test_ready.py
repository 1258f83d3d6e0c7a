"""What is rendered once and filled in is, whoever it is for, what is rendered anew."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client

from breakthrough.templatetags import ready
from program.models import DailyEntry, Enrollment
from tests.factories import make_enrollment, make_entry, make_person, make_reflection, make_user
from tests.posting import TODAY, post_entry, text_of

PART = """{% load ready %}{% ready kind=kind holds id=id words=words %}
{{ kind }} {{ id }} {{ words }}{{ other }}
{% endready %}"""


def test_ready_fills_in_the_values_of_each_and_escapes_them() -> None:
    template = Template(PART)

    for kind in ("a", "b", "a"):
        for words in ("<b>", "\ue000id\ue001", "{{ id }}", "", None, 5):
            found = uuid.uuid4()
            context = Context({"kind": kind, "id": found, "words": words, "other": "leaks"})
            plain = Template("\n{{ kind }} {{ id }} {{ words }}\n").render(context)
            assert template.render(context) == plain


def test_ready_lets_nothing_be_decided_by_what_it_holds() -> None:
    template = Template("{% load ready %}{% ready holds a=a %}{% if a %}1{% endif %}{% endready %}")

    with pytest.raises(TypeError, match="only be printed"):
        template.render(Context({"a": "words"}))


def test_ready_holds_no_block() -> None:
    with pytest.raises(TemplateSyntaxError, match="holds no"):
        Template("{% load ready %}{% ready a=1 %}{% block b %}{% endblock %}{% endready %}")


@pytest.fixture
def unkept(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Pages of which nothing is kept, and every tag sees the values themselves."""

    def switch() -> None:
        def render(node: ready.ReadyNode, context: Context) -> str:
            names = {**node.looks, **node.holes}
            values = {name: each.resolve(context) for name, each in names.items()}
            return str(node.nodelist.render(context.new(values)))

        monkeypatch.setattr(ready.ReadyNode, "render", render)

    return switch


def test_pages_are_the_same_as_without_it(
    alice_client: Client,
    enrollment: Enrollment,
    unkept: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two people with different words on the same stones, one after the other."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=7))
    for module in ("django.template.context_processors", "program.views.days"):
        monkeypatch.setattr(f"{module}.get_token", lambda request: "token")
    bob = make_enrollment(participant=make_user(name="Bob <b>"))
    bob_client = Client()
    bob_client.force_login(bob.participant)
    everybody = [(alice_client, enrollment), (bob_client, bob), (alice_client, enrollment)]
    make_person(user=enrollment.participant, name="Imani")
    for number, (_client, each) in enumerate(everybody[:2]):
        _fill(each, number)

    with_it = [_pages(*one) for one in everybody]
    unkept()
    without = [_pages(*one) for one in everybody]

    assert 'value="token"' in with_it[0][0]
    assert with_it == without
    assert with_it[0] == with_it[2] != with_it[1]


def _fill(enrollment: Enrollment, number: int) -> None:
    make_reflection(enrollment=enrollment)
    words = f"Told Imani & <i>{number}</i>"
    make_entry(enrollment=enrollment, line=words)
    for place in range(1, 4):
        make_entry(enrollment=enrollment, practice="act", place=place, line=words)
    for place, outcome in enumerate(DailyEntry.Outcome.values, 1):
        make_entry(enrollment=enrollment, practice="request", place=place, outcome=outcome)
    make_entry(enrollment=enrollment, day=TODAY - timedelta(days=1), line=words, placed=False)


def _pages(client: Client, enrollment: Enrollment) -> list[str]:
    found = [client.get("/today/"), client.get(f"/days/{TODAY - timedelta(days=1)}/")]
    found += [client.get("/map/"), client.get("/settings/")]
    for practice, htmx in (("share", True), ("request", True), ("act", True)):
        for done in ("1", "0", "1"):
            taps = post_entry(client, enrollment, practice=practice, htmx=htmx, done=done)
            found.append(taps)
    found.append(post_entry(client, enrollment, practice="share", line="x" * 600, answer="<b>"))
    assert {each.status_code for each in found} == {200, 422}
    return [text_of(each) for each in found]
