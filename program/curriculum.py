"""The program itself as data: days, practices, steps.

The practices and the ten steps are Lisa Haneberg's ("Two Weeks to a Breakthrough"); the
explanations are ours.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DAYS = 14
STONES_PER_PRACTICE = 2
REQUESTS_PER_WEEK = 5
# Two is the minimum and extras count; the cap only keeps a runaway script out.
MAX_ENTRIES_PER_PRACTICE_AND_DAY = 20


@dataclass(frozen=True, eq=False)  # there are three of them, and each is itself
class Practice:
    key: str
    name: Promise | str
    task: Promise | str
    stone_label: Promise | str
    line_label: Promise | str
    more_label: Promise | str

    @property
    def counts_when(self) -> str:
        """The guidance of the prompt pack, which a host may replace."""
        from program import prompts  # it reads this module first

        return prompts.practice(self.key).guidance


SHARE = Practice(
    key="share",
    name=_("Share"),
    task=_("Tell two people"),
    stone_label=_("Tell someone"),
    line_label=_("Whom did you tell?"),
    more_label=_("Told one more"),
)
ACT = Practice(
    key="act",
    name=_("Act"),
    task=_("Take two actions"),
    stone_label=_("Do something"),
    line_label=_("What did you do?"),
    more_label=_("Did one more"),
)
REQUEST = Practice(
    key="request",
    name=_("Request"),
    task=_("Make two requests"),
    stone_label=_("Ask for something"),
    line_label=_("Whom did you ask, and for what?"),
    more_label=_("Asked one more"),
)
PRACTICES = (SHARE, ACT, REQUEST)
STONES_PER_DAY = STONES_PER_PRACTICE * len(PRACTICES)

# Lisa Haneberg's ten steps, in her words: conditions to put in place, in any order.
STEPS: tuple[Promise | str, ...] = (
    _("Decide where you want to go"),
    _("Broadly share your goals"),
    _("Take time, don't make time"),
    _("Change your conversations"),
    _("Align your context for success"),
    _("Enroll evangelists"),
    _("Determine what and who you need to know"),
    _("Open up the floodgates to ideas and input"),
    _("Get into action. Try something."),
    _("Make at least 5 requests per week"),
)
