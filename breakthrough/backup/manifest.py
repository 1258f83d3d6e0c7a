import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from breakthrough.backup.errors import BackupError

# Changed when an older program could not read what a newer one writes.
FORMAT = 1
SUFFIX = ".json"


@dataclass(frozen=True)
class Fingerprint:
    rows: int
    # Of all rows in the order of the primary key, as PostgreSQL writes them for COPY.
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What stands beside a dump: how to know it again, and what has to come out of it."""

    # ISO, UTC: what was committed by then is in it.
    taken_at: str
    dump: str
    size: int
    sha256: str
    # Of the product, of the database server and of pg_dump.
    versions: dict[str, str]
    # {app: names of the migrations that were applied}
    migrations: dict[str, list[str]]
    # {table: its rows}; the tables of LEFT_OUT come back empty.
    tables: dict[str, Fingerprint]
    left_out: list[str]
    format: int = FORMAT

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", "utf-8")

    @classmethod
    def beside(cls, dump: Path) -> "Manifest":
        """Raises BackupError when there is none, or none that we can read."""
        path = manifest_path(dump)
        try:
            said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise BackupError(
                f"{path} is missing: a backup is the dump and this file, side by side."
            ) from None
        except (OSError, ValueError) as error:
            raise BackupError(f"{path} cannot be read: {error}") from error
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise BackupError(f"{path} is of another version of Two Weeks: use that version.")
        try:
            tables = {name: Fingerprint(**found) for name, found in said.pop("tables").items()}
            return cls(**said, tables=tables)
        except (AttributeError, KeyError, TypeError) as error:
            raise BackupError(f"{path} is damaged: {error}. Use another backup.") from error

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def check(self, dump: Path) -> None:
        """Raises BackupError for a dump that is not, byte for byte, the one that was made."""
        try:
            size = dump.stat().st_size
            if size != self.size:
                raise BackupError(
                    f"{dump} has {size} bytes and was made with {self.size}: it is cut short or"
                    " something was added. Use another backup."
                )
            with dump.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise BackupError(f"{dump} cannot be read: {error}") from error
        if found != self.sha256:
            raise BackupError(
                f"{dump} is not what was made: its checksum differs. Use another backup."
            )


def manifest_path(dump: Path) -> Path:
    return dump.with_name(dump.name + SUFFIX)
