"""From the bytes that somebody hands in to a JSON object, or to what is wrong with them.

Nothing is unpacked to a disk and no name in the zip is used as a path. Only two-weeks.json is read.
"""

import io
import json
import zipfile
import zlib
from typing import Any

from django.utils.translation import gettext as _

from program.archive.writing import FORMAT, JSON_NAME, VERSION

MEGABYTE = 1024 * 1024
# Of the zip as it is sent, and of two-weeks.json as it is read: 20,000 entries fit.
MAX_ZIP_BYTES = 5 * MEGABYTE
MAX_JSON_BYTES = 10 * MEGABYTE
# A zip of ours has 20; of what is in it, none is larger than the JSON.
MAX_MEMBERS = 100
# Values in the JSON: a megabyte of `[],` would take a hundred to hold.
MAX_VALUES = 1_000_000

# What zipfile raises on what is none, or is encrypted, cut short or packed in another way.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError),
    *(ValueError, IndexError, KeyError, OverflowError),
)


class ArchiveRefusedError(Exception):
    """Nothing was restored; `problems` tell the person why, in whole sentences."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems


def read(content: bytes) -> dict[str, Any]:
    """The object in two-weeks.json; its `format` and `version` are ours, and nothing else of it is
    known yet. Raises ArchiveRefusedError."""
    return _parsed(_json_of(content))


def _json_of(content: bytes) -> bytes:
    if len(content) > MAX_ZIP_BYTES:
        raise ArchiveRefusedError(_("The file is larger than an archive may be."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            _check_members(members.infolist())
            with members.open(JSON_NAME) as file:
                # One more than allowed: what a zip says of its sizes need not be true.
                text = file.read(MAX_JSON_BYTES + 1)
    except _UNREADABLE as error:
        raise ArchiveRefusedError(
            _("This is not a zip that we can read. Hand it in as you got it, not unpacked.")
        ) from error
    if len(text) > MAX_JSON_BYTES:
        raise ArchiveRefusedError(_("Unpacked, the archive is larger than it may be."))
    return text


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if JSON_NAME not in names:
        raise ArchiveRefusedError(
            _("There is no %(name)s in the zip, so it is none of our archives.")
            % {"name": JSON_NAME}
        )
    if len(names) > MAX_MEMBERS or len(set(names)) != len(names):
        raise ArchiveRefusedError(_("The zip holds more files than an archive has."))
    for member in members:
        # orig_filename is the name before zipfile made it harmless.
        if set("/\\\0:") & set(member.orig_filename) or member.filename.startswith("."):
            raise ArchiveRefusedError(
                _("The zip holds folders or paths. Hand it in as you got it, not packed anew.")
            )
        if member.file_size > MAX_JSON_BYTES:
            raise ArchiveRefusedError(_("Unpacked, the archive is larger than it may be."))
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ArchiveRefusedError(
                _("This is not a zip that we can read. Hand it in as you got it, not unpacked.")
            )


def _parsed(text: bytes) -> dict[str, Any]:
    if sum(map(text.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ArchiveRefusedError(_("Unpacked, the archive is larger than it may be."))
    try:
        found = json.loads(
            text.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        raise ArchiveRefusedError(
            _("%(name)s in the zip is damaged: it is not JSON.") % {"name": JSON_NAME}
        ) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ArchiveRefusedError(
            _("%(name)s in the zip is none of our archives.") % {"name": JSON_NAME}
        )
    version = found.get("version")
    if type(version) is not int or version != VERSION:
        raise ArchiveRefusedError(
            _(
                "The archive is of another version than the one that this site reads, which is"
                " %(version)d."
            )
            % {"version": VERSION}
        )
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name stands twice in one object.")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number.")
