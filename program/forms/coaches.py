"""Who coaches a cohort."""

from typing import Any

from django import forms

from program.models import Cohort, CohortCoach


class RemoveForm(forms.Form):
    """Somebody who coaches the cohort, or did."""

    lead = forms.ModelChoiceField(queryset=CohortCoach.objects.none())

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leads = cohort.coaches.select_related("coach").order_by("pk")
        self.fields["lead"].queryset = leads  # type: ignore[attr-defined]
