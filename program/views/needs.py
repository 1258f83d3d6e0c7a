"""What a goal asks one to know; the page is that of the people (people.py)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from breakthrough.http import HttpRequest
from program.forms.people import AnsweredForm, NeedForm
from program.models import Need
from program.models.worded import WordsConflictError
from program.views.current import current_enrollment_or_404
from program.views.people import Context, based_on_newest, edit_form, render_people, render_row


@require_POST
def need_create(request: HttpRequest) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    form = NeedForm(request.POST, instance=Need(enrollment=enrollment), auto_id="need-%s")
    if not form.is_valid():
        return render_people(request, status=422, need_form=form)
    need = form.row().add(request.now)
    return redirect(f"{reverse('person_list')}#need-{need.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def need_update(request: HttpRequest, pk: int) -> HttpResponse:
    """One question as a form: in its place with htmx, else on the page of all."""
    need = _need(request, pk)
    form = edit_form(request, NeedForm, need)
    if form.is_bound and form.is_valid():
        try:
            need.rewrite(form.instance, based_on=form.cleaned_data["version"], now=request.now)
        except WordsConflictError:
            return render_row(request, need, based_on_newest(request, form, need), status=409)
        return _saved(request, need, is_saved=True)
    if form.errors:
        if request.htmx:
            return render(request, "toast_error.html", {"message": form.complaints()}, status=422)
        return render_row(request, need, form, status=422)
    return render_row(request, need, form)


@require_POST
def need_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the stone of a question posts: answered, or open again. The words stay."""
    need = _need(request, pk)
    form = AnsweredForm(request.POST)
    if not form.is_valid():
        return render_people(request, status=422)
    need.set_answered(form.cleaned_data["answered"], now=request.now)
    return _saved(request, need)


@require_POST
def need_remove(request: HttpRequest, pk: int) -> HttpResponse:
    need = _need(request, pk)
    need.remove(request.now)
    undo: Context = {"removed": need, "undo_url": reverse("need_restore", args=[pk])}
    if not request.htmx:
        return render_people(request, **undo)
    return render_people(request, "#removed-answer", **undo, oob=True)


@require_POST
def need_restore(request: HttpRequest, pk: int) -> HttpResponse:
    enrollment = current_enrollment_or_404(request)
    need = get_object_or_404(Need.objects.owned_by(request.user).of(enrollment), pk=pk)
    need.restore()
    return redirect(f"{reverse('person_list')}#need-{pk}")


def _need(request: HttpRequest, pk: int) -> Need:
    enrollment = current_enrollment_or_404(request)
    return get_object_or_404(Need.objects.owned_by(request.user).of(enrollment).kept(), pk=pk)


def _saved(request: HttpRequest, need: Need, **extra: Any) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{reverse('person_list')}#need-{need.pk}")
    return render_row(request, need, None, **extra)
