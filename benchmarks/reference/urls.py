from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.reference.models import DAYS, Day

PAGE = "<!doctype html><title>Reference</title>" + "Fourteen days. " * 544  # 8 KB


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The session, the user and fourteen rows by an index; the answer is always the same."""
    assert len(Day.objects.filter(user=request.user).order_by("number")) == DAYS
    return HttpResponse(PAGE)


urlpatterns = [path("", page)]
