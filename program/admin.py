from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ListAdmin, site
from program.models import Cohort


@admin.register(Cohort, site=site)
class CohortAdmin(ListAdmin):
    """Which cohorts there are and how large; not who is in them, and no word but the name."""

    columns = ("name", "starts_on", "created_at", "closed_at")
    list_display = (*columns, "coaches_count", "members_count")
    search_fields = ("name",)
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_counts()  # type: ignore[no-any-return, attr-defined]

    @admin.display(description=_("coaches"))
    def coaches_count(self, cohort: Any) -> int:
        return int(cohort.coach_count)

    @admin.display(description=_("members"))
    def members_count(self, cohort: Any) -> int:
        return int(cohort.member_count)
