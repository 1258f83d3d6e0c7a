"""`manage.py backup` and `restore`: one snapshot of the database, and the way back from it.

The database is named by its URL and asked without Django: what is restored into has no tables yet.
"""

from breakthrough.backup.errors import BackupError
from breakthrough.backup.making import make
from breakthrough.backup.manifest import Manifest
from breakthrough.backup.restoring import check, restore

__all__ = ["BackupError", "Manifest", "check", "make", "restore"]
