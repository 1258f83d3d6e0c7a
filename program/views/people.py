"""The list of people, and the page that it shares with what one needs to know (needs.py)."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from breakthrough.http import HttpRequest
from program.forms.people import NeedForm, PersonForm, StartForm, WordsForm
from program.models import Enrollment, Need, Person
from program.models.people import NameTakenError, Told, first_told
from program.models.refusals import EntryRefusedError
from program.models.worded import WordsConflictError
from program.views.current import current_enrollment, current_enrollment_or_404

Context = dict[str, Any]
TEMPLATE = "program/people/list.html"
TABS = {
    "": gettext_lazy("Everyone"),
    "evangelist": gettext_lazy("Evangelists"),
    "advisor": gettext_lazy("Advisors"),
    "supporter": gettext_lazy("Supporters"),
    "told": gettext_lazy("Told"),
}


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    return render_people(request)


@require_POST
def person_create(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST, instance=Person(user=request.user), auto_id="add-%s")
    if form.is_valid():
        try:
            person = form.row().add(request.now)
        except NameTakenError as refusal:
            taken = _refuse_name(form, refusal)
            return render_people(request, status=422, person_form=form, taken=taken)
        return redirect(f"{reverse('person_list')}#person-{person.pk}")
    return render_people(request, status=422, person_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def person_update(request: HttpRequest, pk: int) -> HttpResponse:
    """One row as a form: in its place with htmx, else on the page of all."""
    person = _person(request, pk)
    form = edit_form(request, PersonForm, person)
    if form.is_bound and form.is_valid():
        try:
            person.rewrite(form.instance, based_on=form.cleaned_data["version"])
        except NameTakenError as refusal:
            return _refusal(request, person, form, taken=_refuse_name(form, refusal))
        except WordsConflictError:
            return render_row(request, person, based_on_newest(request, form, person), status=409)
        if not request.htmx:
            return redirect(f"{reverse('person_list')}#person-{pk}")
        return render_row(request, person, None, is_saved=True)
    if form.errors:
        return _refusal(request, person, form)
    return render_row(request, person, form)


@require_POST
def person_remove(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    person.remove(request.now)
    undo: Context = {"removed": person, "undo_url": reverse("person_restore", args=[pk])}
    if not request.htmx:
        # A page and no redirect, because the page offers the way back.
        return render_people(request, **undo)
    return render_people(request, "#removed-answer", **undo, oob=True)


@require_POST
def person_restore(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.owned_by(request.user), pk=pk)
    try:
        person.restore()
    except NameTakenError as refusal:
        error = _taken_words(refusal.person)
        return render_people(request, status=422, error=error, taken=refusal.person)
    return redirect(f"{reverse('person_list')}#person-{pk}")


@require_POST
def person_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a share or a request of today with the name; its stone waits until it is done."""
    enrollment = current_enrollment_or_404(request)
    person = _person(request, pk)
    today = enrollment.today(request.now)
    form = StartForm(request.POST, is_program_day=today in enrollment.dates)
    if form.is_valid():
        try:
            entry = person.start(
                form.cleaned_data["practice"],
                enrollment=enrollment,
                client_id=form.entry_id(),
                day=today,
                now=request.now,
            )
        except EntryRefusedError as refusal:
            form.add_error(None, refusal.words)
        else:
            return redirect(f"{reverse('today')}#entry-{entry.client_id}")
    return render_people(request, status=422, error=form.complaints())


def render_people(
    request: HttpRequest, part: str = "", *, status: int = 200, **extra: Any
) -> HttpResponse:
    """The page, or the `part` of it that htmx asked for.

    `editing` in `extra` is {"person" or "need": …, "form": …} of the row that is a form now.
    """
    enrollment = current_enrollment(request)
    people = list(Person.objects.owned_by(request.user).kept().by_role())
    named = [(person.pk, person.name) for person in people]
    told = first_told(request.user, named)
    editing = extra.get("editing", {})
    rows = [
        {
            "person": person,
            "told": _told(told.get(person.pk), enrollment),
            "start_id": uuid.uuid4(),
            "form": editing.get("form") if editing.get("person") == person else None,
        }
        for person in people
    ]
    role = request.GET.get("role", "") if request.GET.get("role") in TABS else ""
    context = {
        "section": "people",
        "role": role,
        "query": f"?role={role}" if role else "",
        "tabs": [
            {"role": key, "label": label, "count": sum(_plays(row, key) for row in rows)}
            for key, label in TABS.items()
        ],
        "rows": [row for row in rows if _plays(row, role) or row["form"]],
        "row": next((row for row in rows if row["person"] == editing.get("person")), None),
        "names": named,
        "person_form": PersonForm(instance=Person(), auto_id="add-%s"),
        "can_start": enrollment and enrollment.today(request.now) in enrollment.dates,
        "enrollment": enrollment,
        **_needs(request, enrollment, editing),
        **extra,
    }
    return render(request, TEMPLATE + part, context, status=status)


def render_row(
    request: HttpRequest,
    row: Person | Need,
    form: WordsForm | None,
    *,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    """The row in its place for htmx, else on the page: as a form, or without one as it is stored.

    With 409 the stored words stand beside those of the form.
    """
    kind = row._meta.model_name
    editing = {kind: row, "form": form}
    other = row if status == 409 else None
    part = f"#{kind}-answer" if request.htmx else ""
    oob = bool(request.htmx)
    return render_people(
        request, part, status=status, editing=editing, other=other, oob=oob, **extra
    )


def edit_form[Form: WordsForm](
    request: HttpRequest, form_class: type[Form], row: Person | Need
) -> Form:
    """The row's words to be rewritten; the row itself stays as it is stored."""
    form = form_class(
        request.POST if request.method == "POST" else None,
        instance=type(row)(**row.words),
        initial={"version": row.version},
        auto_id=f"{row._meta.model_name}-{row.pk}-%s",
    )
    form.fields[row.WORDS[0]].widget.attrs["autofocus"] = ""
    return form


def based_on_newest[Form: WordsForm](request: HttpRequest, form: Form, row: Person | Need) -> Form:
    """Both texts are shown; saving once more is meant."""
    data = request.POST.copy()
    data["version"] = row.version
    form.data = data
    return form


def _person(request: HttpRequest, pk: int) -> Person:
    person = get_object_or_404(Person.objects.owned_by(request.user).kept(), pk=pk)
    person.user = request.user
    return person


def _refusal(
    request: HttpRequest, person: Person, form: PersonForm, taken: Person | None = None
) -> HttpResponse:
    if request.htmx:
        return render(request, "toast_error.html", {"message": form.complaints()}, status=422)
    return render_row(request, person, form, status=422, taken=taken)


def _refuse_name(form: PersonForm, refusal: NameTakenError) -> Person:
    form.add_error("name", _taken_words(refusal.person))
    return refusal.person


def _taken_words(person: Person) -> str:
    return _("%(name)s is on your list already.") % {"name": person.name}


def _plays(row: Context, role: str) -> bool:
    if role == "told":
        return row["told"] is not None
    return not role or getattr(row["person"], f"is_{role}")


def _told(told: Told | None, enrollment: Enrollment | None) -> Context | None:
    """The day of the first share: by number and with an address in the current two weeks."""
    if told is None:
        return None
    number = None
    if enrollment and enrollment.pk == told.enrollment_id:
        number = enrollment.number_of(told.day)
    if number is None:
        return {"day": told.day}
    url = f"{reverse('day_detail', args=[told.day])}#entry-{told.client_id}"
    return {"day": told.day, "number": number, "url": url}


def _needs(request: HttpRequest, enrollment: Enrollment | None, editing: Context) -> Context:
    if enrollment is None:
        return {}
    needs = Need.objects.owned_by(request.user).of(enrollment).kept().open_first()
    rows: list[Context] = [
        {"need": need, "form": editing.get("form") if editing.get("need") == need else None}
        for need in needs
    ]
    return {
        "needs": rows,
        "need_row": next((row for row in rows if row["need"] == editing.get("need")), None),
        "open_needs": sum(row["need"].answered_at is None for row in rows),
        "need_form": NeedForm(instance=Need(), auto_id="need-%s"),
    }
