from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from breakthrough.http import HttpRequest
from program.forms.days import ReflectionForm
from program.models import Enrollment, Reflection
from program.models.versioned import TextConflictError
from program.views.days import posted_enrollment, render_day, render_refusal
from program.views.strip import day_url


@require_POST
def reflection_save(request: HttpRequest, day: date) -> HttpResponse:
    enrollment = posted_enrollment(request, day)
    form = ReflectionForm(request.POST, day=day, today=enrollment.today(request.now))
    if not form.is_valid():
        return render_refusal(request, enrollment, form)
    try:
        reflection = Reflection.objects.save_text(
            enrollment=enrollment, day=day, now=request.now, **form.wanted()
        )
    except TextConflictError as conflict:
        return _conflict(request, enrollment, form, conflict.stored)
    if not request.htmx:
        return redirect(f"{day_url(day, enrollment.today(request.now))}#reflection")
    context = {"reflection": reflection, "oob": True}
    return render(request, "program/days/detail.html#reflection-answer", context)


def _conflict(
    request: HttpRequest, enrollment: Enrollment, form: ReflectionForm, stored: Reflection
) -> HttpResponse:
    data = form.cleaned_data
    mine = Reflection(day=form.day, text=data["text"], version=data["version"])
    if request.htmx:
        context = {"day": form.day, "reflection": mine, "other": stored, "oob": True}
        return render(request, "program/days/detail.html#conflict-answer", context, status=409)
    return render_day(request, enrollment, form.day, status=409, reflection=mine, other=stored)
