"""`manage.py doctor`: what is missing, unsafe or not working, and what it breaks. A line each.

The environment is looked at first, without Django: with a wrong setting nothing else starts.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import django
from django.core.exceptions import ImproperlyConfigured

from breakthrough import development, environment
from breakthrough.doctor import switches
from breakthrough.doctor.findings import BROKEN, WARNING, Finding


def main() -> int:
    """Print every finding; 1 when something is broken, 0 with warnings alone."""
    development.read_env_file(development.ENV_FILE)
    if not _is_server():
        print("Looked at as a developer's machine, where nothing has to be set.")
        development.fill_environment()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "breakthrough.settings")
    levels = list(_say(_findings()))
    broken, warnings = levels.count(BROKEN), levels.count(WARNING)
    print(f"{broken} broken, {warnings} to look at, {len(levels)} looked at.")
    return 1 if broken else 0


def _is_server() -> bool:
    """Elsewhere `make run` and `manage.py` fill in what is missing."""
    has_key = os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")
    host = urlsplit(os.environ.get("SITE_URL", "")).hostname
    return bool(has_key or (host and not environment.is_local(host)))


def _findings() -> Iterator[Finding]:
    of_switches = switches.examine()
    yield from of_switches
    if any(finding.level == BROKEN for finding in of_switches):
        yield Finding(WARNING, "the rest", "is looked at once these are right")
        return
    try:
        django.setup()
    except ImproperlyConfigured as error:
        yield Finding(BROKEN, "PROMPT_PACK", str(error))
        return
    # Models and settings can be imported from here on.
    from breakthrough.doctor import machine

    yield from machine.examine()


def _say(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        print(finding, flush=True)
        yield finding.level


if __name__ == "__main__":
    sys.exit(main())
