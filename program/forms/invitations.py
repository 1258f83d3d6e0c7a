"""Inviting into a cohort, and joining one."""

import re
import uuid
from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import OurWords
from program.forms.consents import ScopeField, nudges_field, scope_choices
from program.forms.enrollments import EnrollmentForm
from program.forms.fields import LinesField
from program.forms.memberships import members_see_field
from program.models import Cohort, CohortCoach, EmailInvitation, Enrollment


class LinkForm(OurWords, forms.Form):
    """A new link."""

    # Made with the page, so that a double tap makes one link.
    client_id = forms.UUIDField(
        label=gettext_lazy("This form"),
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("This page is old. Make the link once more.")
        ),
    )


class InviteForm(LinkForm):
    """A new link for those who take part."""

    PLACES_AT_MOST = 1000

    max_uses = forms.IntegerField(
        label=gettext_lazy("How many people may join by it?"),
        help_text=gettext_lazy("Leave it empty for any number."),
        required=False,
        min_value=1,
        max_value=PLACES_AT_MOST,
        error_messages={
            "invalid": gettext_lazy("Write it in figures, such as 12."),
            "min_value": gettext_lazy("One place is the least."),
            "max_value": gettext_lazy("%(limit_value)d places are the most for one link."),
        },
    )


class NamedField(forms.ModelMultipleChoiceField):
    """The coaches whom the page named: what is chosen is for them, and for none who came later."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("This page"),
            queryset=CohortCoach.objects.none(),
            error_messages=dict.fromkeys(
                ("required", "invalid_choice", "invalid_pk_value", "invalid_list"),
                gettext_lazy("This page is old. See who coaches now, and join once more."),
            ),
        )


class EmailInviteForm(OurWords, forms.Form):
    """Addresses to invite, however they are separated."""

    ADDRESSES_AT_MOST = 50

    emails = forms.CharField(
        label=gettext_lazy("Addresses"),
        help_text=gettext_lazy("One a line, or with commas between. Fifty at once are the most."),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Whom do you invite? Write an address."),
            "max_length": gettext_lazy("Fifty addresses at once are the most."),
        },
    )
    words = LinesField(
        label=gettext_lazy("A few words from you"),
        help_text=gettext_lazy("They stand in the mail. You can leave them out."),
        required=False,
        max_length=EmailInvitation.WORDS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": gettext_lazy("%(limit_value)d characters are the most. Shorten it a bit.")
        },
    )

    def __init__(self, *args: Any, room: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # How many more mails this coach may cause today.
        self.room = room

    def clean_emails(self) -> list[str]:
        parts = [part.strip() for part in re.split(r"[\s,;]+", self.cleaned_data["emails"])]
        emails = list(dict.fromkeys(part.strip("<>").lower() for part in parts if "@" in part))
        wrong = [email for email in emails if not _is_address(email)]
        if wrong:
            # The first few say enough; the rest stands in the field.
            raise forms.ValidationError(
                _("This is no address: %(addresses)s"), params={"addresses": ", ".join(wrong[:3])}
            )
        if not emails:
            raise forms.ValidationError(_("There is no address in that."))
        if len(emails) > self.ADDRESSES_AT_MOST:
            raise forms.ValidationError(_("Fifty addresses at once are the most."))
        if len(emails) > self.room:
            raise self._too_many()
        return emails

    def refuse(self) -> None:
        """Another page of this coach has taken the room meanwhile."""
        self.add_error("emails", self._too_many())

    def _too_many(self) -> forms.ValidationError:
        return forms.ValidationError(
            _("That is a lot of mail for one day. Go on tomorrow, or share a link.")
        )


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except forms.ValidationError:
        return False
    return len(email) <= 254


class JoinRunningForm(OurWords, forms.Form):
    """Joining with two weeks that run: they come along, or end."""

    BRING, RESTART = "bring", "restart"

    way = forms.ChoiceField(
        label=gettext_lazy("Your two weeks are already running"),
        choices=[
            (BRING, gettext_lazy("Bring them along")),
            (RESTART, gettext_lazy("End them and start with the cohort")),
        ],
        error_messages={"required": gettext_lazy("Choose what becomes of them.")},
        widget=forms.RadioSelect,
    )
    scope = ScopeField(label=gettext_lazy("What is seen"))
    allows_nudges = nudges_field()
    # What the page said that the others see.
    members_see = members_see_field(label=gettext_lazy("What the others see of you"))
    named = NamedField()
    # The two weeks that the page spoke of.
    enrollment = forms.UUIDField(
        label=gettext_lazy("This page"), widget=forms.HiddenInput, required=False
    )

    def __init__(self, *args: Any, cohort: Cohort, running: Enrollment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.running = running
        self.fields["named"].queryset = cohort.coaches.order_by("pk")  # type: ignore[attr-defined]

    def clean_enrollment(self) -> uuid.UUID:
        if self.cleaned_data["enrollment"] != self.running.public_id:
            raise forms.ValidationError(
                _("Other two weeks began for you meanwhile. Choose once more.")
            )
        return self.running.public_id

    def scope_choices(self) -> list[dict[str, Any]]:
        return scope_choices(self["scope"].value())


class JoinForm(EnrollmentForm):
    """Joining, and beginning two weeks with it: the cohort says when."""

    start = None  # type: ignore[assignment]
    starts_on = None  # type: ignore[assignment]
    day_end_hour = None  # type: ignore[assignment]
    scope = ScopeField(label=gettext_lazy("What is seen"))
    allows_nudges = nudges_field()
    # What the page said that the others see.
    members_see = members_see_field(label=gettext_lazy("What the others see of you"))
    named = NamedField()

    class Meta(EnrollmentForm.Meta):
        fields = ("statement",)  # type: ignore[assignment]

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["named"].queryset = cohort.coaches.order_by("pk")  # type: ignore[attr-defined]

    def scope_choices(self) -> list[dict[str, Any]]:
        return scope_choices(self["scope"].value())
