"""Cohorts, for those who coach them."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from breakthrough.http import HttpRequest
from program.forms.cohorts import CohortForm, NewCohortForm
from program.models import Cohort
from program.models.cohorts import CohortIdTakenError
from program.views.coach_nav import coach_nav

FORM_TEMPLATE = "program/cohorts/form.html"


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_create(request: HttpRequest) -> HttpResponse:
    if not request.user.may_coach:
        context = coach_nav(request, "")
        return render(request, "program/coaches/not_approved.html", context, status=403)
    form = NewCohortForm(request.POST or None, user=request.user, now=request.now)
    if form.is_valid():
        try:
            cohort = Cohort.open_by(
                request.user,
                client_id=form.cleaned_data["client_id"],
                now=request.now,
                **form.wanted(),
            )
        except CohortIdTakenError:
            raise Http404 from None
        return redirect("cohort_invite", cohort.pk)
    # One that the form came without gets another: nothing was opened by it.
    stale = form.errors.get("client_id")
    posted = None if stale or not form.is_bound else form.cleaned_data["client_id"]
    context = {**coach_nav(request, ""), "form": form, "client_id": posted or uuid.uuid4()}
    return render(request, FORM_TEMPLATE, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def cohort_update(request: HttpRequest, pk: int) -> HttpResponse:
    cohort = get_object_or_404(Cohort.objects.coached_by(request.user), pk=pk)
    name = cohort.name
    form = CohortForm(
        request.POST if request.method == "POST" else None,
        instance=cohort,
        user=request.user,
        now=request.now,
    )
    if form.is_valid():
        cohort.revise(**form.wanted())
        messages.success(request, _("Saved."))
        return redirect("cohort_detail", cohort.pk)
    context = {**coach_nav(request, "cohort", cohort), "form": form, "name": name}
    return render(request, FORM_TEMPLATE, context, status=422 if form.errors else 200)
