"""What members of a cohort see of each other, in words to whoever decides it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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


def others_see(level: int) -> list[str]:
    """All that is shown of who agrees to `level`, a sentence each."""
    if level == MembersSee.NOTHING:
        return [str(TO_MEMBERS[MembersSee.NOTHING])]
    return [str(words) for known, words in TO_MEMBERS.items() if 0 < known <= level]


def members_see_field(**kwargs: Any) -> forms.TypedChoiceField:
    """Left out it is nothing: what no page said nobody agreed to."""
    kwargs.setdefault("choices", MembersSee)
    return forms.TypedChoiceField(
        coerce=int,
        empty_value=MembersSee.NOTHING,  # type: ignore[arg-type]
        required=False,
        **kwargs,
    )
