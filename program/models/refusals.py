"""Why an entry is not taken."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class EntryRefusedError(Exception):
    """Nothing was written; `words` tell the person why."""

    words: "StrPromise"


class EntryRemovedError(EntryRefusedError):
    """The entry was removed before; a late resend does not bring it back."""

    words = _("That entry was removed, so this was not saved.")


class TooManyEntriesError(EntryRefusedError):
    """The day already holds MAX_ENTRIES_PER_PRACTICE_AND_DAY entries of the practice."""

    words = _("That is twenty on one day, which is as many as we keep.")


class EntryMismatchError(EntryRefusedError):
    """The id belongs to an entry of another day or practice."""

    words = _("That entry belongs to another day. Reload the page and try again.")
