"""Reads what varies from the environment, and refuses in one line what is not safe to run.

`.env.example` explains each variable. The rules are for a site that others can reach; on localhost
a short key, DEBUG and plain http will do.
"""

import importlib.util
import ipaddress
import json
import os
import re
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}
HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f:.]*:[0-9a-f:.]*")
SHORTEST_KEY = 50
FERNET_KEY = re.compile("[A-Za-z0-9_-]{43}=")
EXAMPLE_KEY = re.compile(r"insecure|change[-_ ]?(me|this)|secret|password|example", re.IGNORECASE)


def value(name: str) -> str:
    """The variable, or what the file holds that NAME_FILE names: one of the two, or neither."""
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return os.environ.get(name, "").strip()
    if os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Set one of them.")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names a file we cannot read: {error}") from error


def required(name: str) -> str:
    if not (found := value(name)):
        raise ImproperlyConfigured(f"{name} is not set. See .env.example.")
    return found


def flag(name: str) -> bool:
    found = value(name).lower()
    if found not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {found!r}.")
    return found in TRUE


def choice(name: str, options: Sequence[str]) -> str:
    """One of the options; the first where nothing is set."""
    found = value(name).lower() or options[0]
    if found not in options:
        *others, last = options
        raise ImproperlyConfigured(f"{name} must be {', '.join(others)} or {last}, not {found!r}.")
    return found


def count(name: str, at_most: int) -> int:
    found = value(name) or "0"
    if not re.fullmatch("[0-9]+", found) or int(found) > at_most:
        raise ImproperlyConfigured(f"{name} must be a number from 0 to {at_most}, not {found!r}.")
    return int(found)


def site_url(name: str) -> str:
    """An origin, such as https://twoweeks.example.org or http://localhost:8000."""
    url = required(name).rstrip("/")
    parts = split(name, url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like https://twoweeks.example.org")
    # A host is not a pattern: `*` and `.example.org` would let every or any other host in.
    if not HOST.fullmatch(parts.hostname):
        raise ImproperlyConfigured(
            f"{name} must name one host, in letters, digits, dots and hyphens, "
            f"not {parts.hostname!r}."
        )
    if "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(
            f"{name} must be scheme, host and port alone: Two Weeks lives at the root of its host."
        )
    if parts.scheme == "http" and not is_local(parts.hostname):
        raise ImproperlyConfigured(
            f"{name} must start with https:// for any host but localhost: without it passwords "
            "would travel in the clear."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_key(name: str, key: str) -> None:
    if len(key) < SHORTEST_KEY or len(set(key)) < 10 or EXAMPLE_KEY.search(key):
        raise ImproperlyConfigured(
            f"{name} must be {SHORTEST_KEY} random characters or more. Make one: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )


def encryption_keys(name: str) -> list[str]:
    """Fernet keys with spaces between, the newest first."""
    keys = value(name).split()
    for key in keys:
        if not FERNET_KEY.fullmatch(key) or len(set(key)) < 10:
            raise ImproperlyConfigured(
                f"{name} must be keys of 44 characters with spaces between. Make one: "
                'python -c "import base64, secrets; '
                'print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"'
            )
    return keys


def providers(name: str) -> list[dict[str, Any]]:
    """OpenID Connect providers, as JSON: docs/openid-connect.md has the fields."""
    try:
        found: list[dict[str, Any]] = json.loads(value(name) or "[]")
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no JSON: {error}") from error
    is_list = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    if not is_list or any(not _is_provider(each) for each in found):
        raise ImproperlyConfigured(
            f"{name} must be a list of providers, each with id, name, server_url (https), "
            "client_id and secret, and trust_email where wanted. See docs/openid-connect.md."
        )
    if len({each["id"] for each in found}) != len(found):
        raise ImproperlyConfigured(f"{name} has two providers with one id.")
    return found


def _is_provider(found: dict[str, Any]) -> bool:
    needed = ("id", "name", "server_url", "client_id", "secret")
    if found.keys() - {*needed, "trust_email"} or not all(
        isinstance(found.get(key), str) and found[key] for key in needed
    ):
        return False
    url = urlsplit(found["server_url"])
    is_safe = url.scheme == "https" or (url.scheme == "http" and is_local(url.hostname or ""))
    is_named = re.fullmatch("[a-z0-9-]+", found["id"]) is not None
    return is_safe and is_named and isinstance(found.get("trust_email", False), bool)


def file(name: str, default: Path) -> Path:
    """A path; one that is not absolute begins in the folder of the project."""
    return Path(__file__).resolve().parent.parent / (value(name) or default)


def text_file(name: str) -> Path | None:
    """A path to a text in UTF-8, as `file` finds it; None when it is not set.

    The name ends in _FILE because it is a file, not because it hides a secret.
    """
    if not (path := os.environ.get(name, "").strip()):
        return None
    found = Path(__file__).resolve().parent.parent / path
    try:
        found.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name} names a file we cannot read: {error}") from error
    return found


def hosts(name: str) -> list[str]:
    """Host names with commas between. No patterns, ports or paths: each is let in as it stands."""
    found = [host.strip().lower() for host in value(name).split(",")] if value(name) else []
    for host in found:
        if ":" in host or not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} must be host names with commas between, such as media.example.org, "
                f"not {host!r}."
            )
    return list(dict.fromkeys(found))


def address(name: str) -> str:
    """One email address, or nothing."""
    found = value(name)
    if found and not re.fullmatch(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,189}", found):
        raise ImproperlyConfigured(f"{name} must be one address, such as you@example.org")
    return found


def token(name: str) -> str:
    """What a machine shows to be let in; "" where nothing is."""
    found = value(name)
    if found and not re.fullmatch(r"[!-~]{32,}", found):
        raise ImproperlyConfigured(
            f"{name} must be 32 random characters or more. Make one: "
            'python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return found


def endpoint(name: str, package: str) -> str:
    """A URL that is reported to, by a package that only some install; "" where it is not set.

    Never says the URL: it may hold a key.
    """
    if not (url := value(name)):
        return ""
    parts = split(name, url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_local(parts.hostname or ""))
    if not is_safe or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must start with https:// and name a host.")
    try:
        is_there = importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        is_there = False
    if not is_there:
        raise ImproperlyConfigured(
            f"{name} needs packages that are not installed: "
            "pip install --require-hashes -r requirements-server.txt"
        )
    return url


def sender(name: str, default: str) -> str:
    if not (found := value(name)):
        return default
    _name, address = parseaddr(found)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address) or not found.isprintable():
        raise ImproperlyConfigured(
            f"{name} must be an address, such as Two Weeks <noreply@twoweeks.example.org>"
        )
    return found


def is_web() -> bool:
    """Whether this process answers requests, rather than running a command."""
    return flag("TWO_WEEKS_WEB")


def split(name: str, url: str) -> SplitResult:
    """Never says the URL: it may hold a password."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - asking for it is what checks it
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read as a URL.") from error
    if re.search(r"\s", url) or (parts.fragment and name != "SITE_URL"):
        raise ImproperlyConfigured(f"{name} holds a space or a # that must be written %20 or %23.")
    return parts
