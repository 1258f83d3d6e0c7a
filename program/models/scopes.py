"""What a consent lets a coach see, and the one condition under which they see it; and what members
of a cohort see of each other."""

from collections.abc import Collection

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Scope(models.TextChoices):
    """Each holds all of the one before."""

    COUNTS = "counts", _("Progress only")
    ENTRIES = "entries", _("Progress and notes")
    MOMENTS = "moments", _("Progress, notes and moments")


class MembersSee(models.IntegerChoices):
    """Of each other; each holds all of the one before."""

    NOTHING = 0, _("Nothing of each other")
    NAMES = 1, _("Names and comments")
    COUNTS = 2, _("Names, comments and stones")
    ENTRIES = 3, _("Names, comments, stones and shared lines")


WITH_ENTRIES = (Scope.ENTRIES, Scope.MOMENTS)
WITH_MOMENTS = (Scope.MOMENTS,)


def seen_by(coach: User | F, scopes: Collection[str] = tuple(Scope), path: str = "") -> Q:
    """The condition under which `coach` sees a row: a consent of one of `scopes` that stands, in an
    open cohort that they coach and that the two weeks are walked in, all of it now.

    `coach` may be a column of the row, such as F("coach") of what a coach wrote. `path` leads from
    the row to its enrollment: "" for an enrollment, "enrollment__" for what hangs from one. It has
    to be asked in one filter(), and adds no row twice: of one coach and one enrollment only one
    consent stands.
    """
    consent, cohort = f"{path}consents__", f"{path}consents__cohort__"
    return Q(
        **{
            f"{consent}coach": coach,
            f"{consent}revoked_at__isnull": True,
            f"{consent}scope__in": [str(scope) for scope in scopes],
            f"{cohort}closed_at__isnull": True,
            f"{cohort}coaches__coach": coach,
            f"{cohort}coaches__left_at__isnull": True,
            f"{cohort}memberships__enrollment": F(f"{path}pk"),
            f"{cohort}memberships__left_at__isnull": True,
        }
    )
