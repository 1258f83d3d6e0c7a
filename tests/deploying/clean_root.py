"""Performs the steps of a Dockerfile in clean folders, each a system of its own by chroot.

Root and debootstrap take the place of a container engine. A command sees its own root folder and
the machine's network, and is the very process that was started: it ends by a signal.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.deploying.dockerfile import Stage, Step, copied

ROOT = Path(__file__).resolve().parent.parent.parent
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
BARE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a container engine hands on to the steps of a build, too: the way to the registries.
HANDED_ON = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT")
CERTIFICATES = "/run/host-certificates.pem"
# Mounts are made in a namespace of the command alone, and end with it.
ENTER = """
set -e
root=$1; shift
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
if [ -n "$READ_ONLY" ]; then
    mount --bind "$root" "$root"
    for folder in $WRITABLE; do mount --bind "$root$folder" "$root$folder"; done
    mount -o remount,bind,ro "$root"
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/tmp"
fi
exec chroot "$root" "$@"
"""
NAMESPACES = ["unshare", "--mount", "sh", "-c", ENTER, "enter"]


def check_machine() -> None:
    """End with one line where this cannot be done."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        sys.exit("This makes a clean Debian and enters it, so it needs Linux and root: use sudo.")
    for program in ("debootstrap", "chroot", "unshare", "ip"):
        if shutil.which(program) is None:
            package = {"debootstrap": "debootstrap", "ip": "iproute2"}.get(program, "util-linux")
            sys.exit(f"{program} is missing: apt-get install {package}, then try again.")


def debian(suite: str, folder: Path) -> Path:
    """A minimal Debian, fetched once and kept: what the image debian:<suite>-slim holds."""
    root = folder / f"debian-{suite}"
    if not root.exists():
        new = folder / f"debian-{suite}.new"
        shutil.rmtree(new, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(new), MIRROR],
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        (new / "etc/resolv.conf").touch()
        # As in the images: an installed service is not started.
        policy = new / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        new.rename(root)
    return root


def copy_of(root: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "--archive", "--reflink=auto", str(root), str(target)], check=True)
    return target


def build(stages: Sequence[Stage], folder: Path) -> Path:
    """The root folder of the last stage."""
    roots: dict[str, Path] = {}
    for number, stage in enumerate(stages):
        name = stage.name or "image"
        print(f"[{number + 1}/{len(stages)}] FROM {stage.base}", flush=True)
        roots[name] = copy_of(roots.get(stage.base) or _image(stage.base, folder), folder / name)
        work, environment = "/", {"PATH": BARE_PATH, "HOME": "/root"}
        for step in stage.steps:
            if step.instruction == "WORKDIR":
                work = step.words
                (roots[name] / work.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif step.instruction == "ENV":
                environment |= dict(word.split("=", 1) for word in shlex.split(step.words))
            elif step.instruction == "RUN":
                print(f"      {step.instruction} {step.words[:90]}", flush=True)
                run(roots[name], ["/bin/sh", "-c", step.words], work, environment | handed_on())
            elif step.instruction == "COPY":
                _copy(step, roots, roots[name], work)
    return roots[stages[-1].name or "image"]


def _image(name: str, folder: Path) -> Path:
    found = re.fullmatch(r"debian:([a-z]+)-slim", name)
    if found is None:
        sys.exit(f"FROM {name}: only debian:<suite>-slim can be made without a container engine.")
    return debian(found[1], folder)


def _copy(step: Step, roots: Mapping[str, Path], root: Path, work: str) -> None:
    stage, sources, target = copied(step)
    to = root / os.path.join(work, target).lstrip("/")  # noqa: PTH118 - an absolute target wins
    for source in sources:
        found = roots[stage] / source.lstrip("/") if stage else ROOT / source
        if found.is_dir():
            # Whatever .dockerignore keeps out of the project's own folders.
            ignore = None if stage else shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
            shutil.copytree(found, to, symlinks=True, ignore=ignore, dirs_exist_ok=True)
        else:
            is_folder = target.endswith("/")
            to.mkdir(parents=True, exist_ok=True) if is_folder else None
            shutil.copy2(found, to / found.name if is_folder else to)


def handed_on() -> dict[str, str]:
    found = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    if os.environ.get("PIP_CERT"):
        found["PIP_CERT"] = CERTIFICATES
    return found


def run(root: Path, command: Sequence[str], work: str, environment: Mapping[str, str]) -> str:
    """What it says. Ends everything with that where it fails."""
    if environment.get("PIP_CERT") == CERTIFICATES:
        shutil.copy(os.environ["PIP_CERT"], root / CERTIFICATES.lstrip("/"))
    done = subprocess.run(
        entered(root, command, work=work, environment=environment),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    (root / CERTIFICATES.lstrip("/")).unlink(missing_ok=True)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)}\n{done.stdout[-4000:]}\nended with {done.returncode}.")
    return done.stdout


def entered(
    root: Path,
    command: Sequence[str],
    *,
    work: str,
    environment: Mapping[str, str],
    user: str = "",
    is_read_only: bool = False,
    writable: Sequence[str] = (),
) -> list[str]:
    """The command line that runs this in there, with that environment and no other.

    Read-only, all but /tmp, which is new each time, and the folders of `writable`.
    """
    pairs = [f"{name}={value}" for name, value in environment.items()]
    as_user = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] if user else []
    as_user += ["--bounding-set=-all", "--no-new-privs"] if user else []
    inside = ["env", "--ignore-environment", f"--chdir={work}", *pairs, *as_user, *command]
    mounts = [f"READ_ONLY={'1' if is_read_only else ''}", f"WRITABLE={' '.join(writable)}"]
    return ["env", *mounts, *NAMESPACES, str(root), *inside]
