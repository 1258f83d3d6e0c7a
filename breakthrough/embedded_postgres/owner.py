import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from breakthrough.embedded_postgres.errors import EmbeddedPostgresError

SYSTEM_USER = "twoweeks-postgres"


@dataclass(frozen=True)
class Owner:
    """The user PostgreSQL runs as: ourselves, but never root, which it refuses."""

    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        return self.uid != os.geteuid()

    def take(self, folder: Path) -> None:
        if self.is_another:
            os.chown(folder, self.uid, self.gid)

    def run(self, command: list[str], stdout: int | IO[bytes]) -> subprocess.CompletedProcess[str]:
        # A clean environment: PGDATA, PGPORT or PGOPTIONS of somebody's shell are not meant for us.
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(
            command,
            env=environment,
            cwd="/",  # ours may be closed to the other user
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            user=self.uid if self.is_another else None,
            group=self.gid if self.is_another else None,
            extra_groups=[] if self.is_another else None,
        )


def owner_of(data_dir: Path) -> Owner:
    us = os.geteuid()
    if data_dir.exists():
        found = data_dir.stat()
        if us not in (0, found.st_uid):
            raise EmbeddedPostgresError(
                f"{data_dir} belongs to another user: run this as that user, or set DATABASE_URL."
            )
        if found.st_uid != 0:
            return Owner(found.st_uid, found.st_gid)
    if us != 0:
        return Owner(us, os.getegid())
    user = _system_user()
    return Owner(user.pw_uid, user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedPostgresError(
            "PostgreSQL does not run as root, and there is no useradd to make it a user of its "
            "own: run this as a normal user, or set DATABASE_URL."
        )
    command = [useradd, "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return pwd.getpwnam(SYSTEM_USER)  # somebody else may have made it in the meantime
    except KeyError:
        raise EmbeddedPostgresError(
            f"The system user {SYSTEM_USER} cannot be made: {made.stderr.strip()}"
        ) from None


def let_owner_reach(owner: Owner, *paths: Path) -> None:
    """As root: let the server's user walk to the data and the programs, and say what it took."""
    if not owner.is_another:
        return
    opened = []
    for path in paths:
        for folder in reversed(path.resolve().parents):
            mode = stat.S_IMODE(folder.stat().st_mode)
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)
                opened.append(str(folder))
    if opened:
        print(
            f"PostgreSQL runs as the system user {SYSTEM_USER}; to let it pass, chmod o+x "
            + " ".join(opened),
            file=sys.stderr,
        )
