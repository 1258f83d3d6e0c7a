"""Django's admin, cut down to what staff need here, behind the same door as every page.

It has no login of its own: allauth's is the only one, with its limits and second factors. Nothing
is added or deleted in it, and nobody's words are shown: each list selects the columns it names.
"""

import json
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from accounts.staff import staff_required


class StaffSite(admin.AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = _("Accounts, cohorts and mail")
    enable_nav_sidebar = False
    final_catch_all_view = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return staff_required(super().admin_view(view, cacheable))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The first page, its parts and the models; no login, password or lookup of its own."""
        kept: list[URLPattern | URLResolver] = []
        for pattern in super().get_urls():
            if isinstance(pattern, URLResolver):
                kept.append(pattern)
            elif pattern.name in {"index", "jsi18n"}:
                # Django would send people to the admin's own login.
                pattern.callback.login_url = settings.LOGIN_URL  # type: ignore[attr-defined]
                kept.append(pattern)
        app_list = path("<str:app_label>/", self.admin_view(self.app_index), name="app_list")
        return [*kept, app_list]


site = StaffSite(name="admin")


class ListAdmin(admin.ModelAdmin):
    """A list to look at. `columns` are the only ones that are read from the database."""

    columns: tuple[str, ...] = ()
    pages: tuple[str, ...] = ("changelist",)
    list_display_links: tuple[str, ...] | None = None
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).only(*self.columns)

    def get_urls(self) -> list[URLPattern]:
        return [
            pattern
            for pattern in super().get_urls()
            if pattern.name and pattern.name.rpartition("_")[2] in self.pages
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True  # the door has asked who comes in

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def log_change(self, request: Any, obj: models.Model, message: Any) -> LogEntry:
        """Django's, by number instead of by name: it stays when the account goes."""
        return LogEntry.objects.create(
            user=request.user,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=str(obj.pk),
            object_repr=f"{obj._meta.verbose_name} {obj.pk}",
            action_flag=CHANGE,
            change_message=json.dumps(message),
        )
