"""What members of a cohort see of each other, in words to whoever decides it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.wording import OurWords
from program.models import MembersSee

TO_COACHES = {
    MembersSee.NOTHING: _("Nothing. Comments on your posts come to the coaches only."),
    MembersSee.NAMES: _("Names, and what they write under the posts."),
    MembersSee.COUNTS: _("That, and how many stones each of them placed on each day."),
    MembersSee.ENTRIES: _(
        "All that, and the lines that somebody lets a coach read, never what is marked as private."
    ),
}
TO_MEMBERS = {
    MembersSee.NOTHING: _(
        "Nothing, not even that you are in it. What you write under a post goes to the coaches."
    ),
    MembersSee.NAMES: _("Your name, and what you write under the posts."),
    MembersSee.COUNTS: _("How many stones you placed on each day."),
    MembersSee.ENTRIES: _("The lines you let a coach read, never what you mark as private."),
}
# Below the ones before it.
TO_CHOOSE = {
    MembersSee.COUNTS: _("That, and how many stones you placed on each day."),
    MembersSee.ENTRIES: _(
        "All that, and the lines you let a coach read, never what you mark as private."
    ),
}


def others_see(level: int) -> list[str]:
    """All that is shown of who agrees to `level`, a sentence each."""
    if level == MembersSee.NOTHING:
        return [str(TO_MEMBERS[MembersSee.NOTHING])]
    return [str(words) for known, words in TO_MEMBERS.items() if 0 < known <= level]


def to_members(chosen: object, at_most: int) -> list[dict[str, Any]]:
    """What somebody can agree to; each holds all of the one before."""
    return [
        {
            "value": level.value,
            "words": TO_CHOOSE.get(level, TO_MEMBERS[level]),
            "is_chosen": str(level.value) == str(chosen),
        }
        for level in MembersSee
        if level <= at_most
    ]


def members_see_field(**kwargs: Any) -> forms.TypedChoiceField:
    """Left out it is nothing: what no page said nobody agreed to."""
    kwargs.setdefault("choices", MembersSee)
    return forms.TypedChoiceField(
        coerce=int,
        empty_value=MembersSee.NOTHING,  # type: ignore[arg-type]
        required=False,
        **kwargs,
    )


class MembersSeeForm(OurWords, forms.Form):
    """What the others see of a member from now on, of what the cohort shows."""

    members_see = forms.TypedChoiceField(
        label=_("What the others see of you"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose one of what the cohort shows.")
        ),
    )

    def __init__(self, *args: Any, at_most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members_see"].choices = [  # type: ignore[attr-defined]
            (level.value, level.label) for level in MembersSee if level <= at_most
        ]
