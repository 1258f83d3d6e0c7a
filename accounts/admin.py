from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts import sessions
from accounts.admin_site import ListAdmin, site
from accounts.models import OutgoingMail, User


@admin.register(User, site=site)
class UserAdmin(ListAdmin):
    """Find somebody by address, switch an account off or on, approve a coach.

    Superusers say who is staff.
    """

    columns = (
        *("email", "display_name", "is_active", "is_approved_coach", "is_staff", "is_superuser"),
        *("date_joined", "last_login"),
    )
    pages = ("changelist", "change", "history")
    list_display = (
        *("email", "display_name", "is_active", "is_approved_coach", "is_staff"),
        *("date_joined", "last_login"),
    )
    list_display_links = ("email",)
    list_filter = ("is_active", "is_approved_coach", "is_staff")
    search_fields = ("email",)
    ordering = ("-date_joined", "-pk")
    fields = columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        may_change = {"is_active", "is_approved_coach"}
        if _is_superuser(request):
            may_change.add("is_staff")
        return [field for field in self.columns if field not in may_change]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody locks themselves out, and staff leave each other alone."""
        if obj is None:
            return True
        is_above = obj.is_staff or obj.is_superuser
        return bool(obj.pk != request.user.pk and (_is_superuser(request) or not is_above))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.save(update_fields=form.changed_data)
        if {"is_active", "is_staff"} & set(form.changed_data):
            sessions.end_all(obj)  # at once, and for good: switched on again, they log in


@admin.register(OutgoingMail, site=site)
class OutgoingMailAdmin(ListAdmin):
    """What became of each mail, without whom it went to and what it said."""

    columns = ("kind", "state", "not_before", "attempts", "error", "created_at", "settled_at")
    list_display = columns
    list_filter = ("state", "kind")
    ordering = ("-created_at", "-pk")


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_superuser)
