"""New keys, with the old ones kept for a while and then taken away: who loses what, and when."""

import base64
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from breakthrough.development import ROOT
from tests.figures import figure
from tests.test_backup import url_of

pytestmark = pytest.mark.django_db(transaction=True)

# What goes with the key that signed it (docs/keys.md), where nobody has used it since.
LOST_WITH_SECRET_KEY = {
    "unused session",
    "mail that waits",
    "code to log in",
    "code to reset",
    "unsubscribe",
    "all mail",
}


def start(keys: dict[str, str], *words: str, told: Any = None) -> Any:
    """One start of the site with these keys."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "breakthrough.settings",
        "SITE_URL": "http://localhost:8000",
        "DATABASE_URL": url_of(connection.settings_dict["NAME"]),
        "DEBUG": "1",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        **keys,
    }
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout) if words[-2:] and "tests.rotating" in words else ended.stdout


def test_keys_are_changed_and_nobody_loses_what_is_not_said(tmp_path: Path) -> None:
    old, new = (secrets.token_urlsafe(50) for _ in range(2))
    old_mfa, new_mfa = (Fernet.generate_key().decode() for _ in range(2))
    beside, after = start(
        {"SECRET_KEY": old, "MFA_KEYS": old_mfa}, "-m", "tests.rotating", "make", "one", "two"
    )
    both = {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": old, "MFA_KEYS": f"{new_mfa} {old_mfa}"}
    alone = {"SECRET_KEY": new, "MFA_KEYS": new_mfa}
    # Of what is looked at once the old key is gone, one session is used while it is there.
    after["unused session"] = after["session"]
    after["session"] = beside["session"]

    while_both = start(both, "-m", "tests.rotating", "check", told=beside)
    rotated = start(both, "manage.py", "rotate_mfa_keys")
    once_alone = start(alone, "-m", "tests.rotating", "check", told=after)

    assert "Encrypted with the first key: 4." in rotated
    assert {name for name, works in while_both.items() if not works} == set()
    lost = {name for name, works in once_alone.items() if not works}
    figure(
        "G5 both keys",
        f"of {len(while_both)} things that a key stands behind, lost",
        0,
        bar="0",
        holds=True,
    )
    unexpected = len(lost - LOST_WITH_SECRET_KEY)
    figure(
        "G5 old key gone",
        f"of {len(after)}, lost without being said before",
        unexpected,
        bar="0",
        holds=unexpected == 0,
    )
    assert lost == LOST_WITH_SECRET_KEY


def test_secret_of_a_factor_needs_its_key() -> None:
    """What is lost when MFA_KEYS changes and nothing was rotated: this is why it is said aloud."""
    old = {"SECRET_KEY": "k" * 60, "MFA_KEYS": Fernet.generate_key().decode()}
    [things] = start(old, "-m", "tests.rotating", "make", "one")
    new = {**old, "MFA_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}

    works = start(new, "-m", "tests.rotating", "check", told=things)

    assert {name for name, each in works.items() if not each} == {"app", "recovery code"}
