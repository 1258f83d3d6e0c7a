"""Encrypting what waits in the database, with keys that are not in it."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet


def box(purpose: str, *keys: str) -> MultiFernet:
    """Encrypts with the first key, and opens what any of them has encrypted for this purpose."""
    digests = [hashlib.sha256(f"{purpose} {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
