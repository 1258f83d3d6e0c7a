"""Inviting into a cohort, and joining one."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords


class InviteForm(OurWords, forms.Form):
    """A new link."""

    PLACES_AT_MOST = 1000

    max_uses = forms.IntegerField(
        label=_("How many people may join by it?"),
        help_text=_("Leave it empty for any number."),
        required=False,
        min_value=1,
        max_value=PLACES_AT_MOST,
        error_messages={
            "invalid": _("Write it in figures, such as 12."),
            "min_value": _("One place is the least."),
            "max_value": _("%(limit_value)d places are the most for one link."),
        },
    )
