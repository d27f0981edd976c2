"""Seals what must be read again, for which a hash would not do: a copy of the database alone shows nothing.

AES-256-GCM, with a key for each purpose that is made of `AUTH_SECRET_KEY`. What was sealed for one
owner opens for no other one, so nobody who can write to the database can swap two of them.
"""

import base64
import os

from app.core.security.keys import key_ring

NONCE_BYTES = 12


class BrokenSealError(Exception):
    """It was sealed with a key that is not in use any more, for another purpose or owner, or it was changed."""


def seal(text: str, purpose: str, owner: str) -> str:
    """The text, for the database."""
    # Nobody should wait for it who seals nothing.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = key_ring().current
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key.derive(purpose)).encrypt(nonce, text.encode(), owner.encode())
    return f"{key.kid}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, purpose: str, owner: str) -> str:
    """The text again.

    Raises:
        BrokenSealError: It cannot be read.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    kid, _, encoded = sealed.partition(".")
    key = key_ring().find(kid)
    if key is None:
        raise BrokenSealError
    try:
        raw = base64.urlsafe_b64decode(encoded)
        nonce, content = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        return AESGCM(key.derive(purpose)).decrypt(nonce, content, owner.encode()).decode()
    except (InvalidTag, ValueError):
        raise BrokenSealError from None


def seal_begins_with() -> str:
    """What is sealed with the present key begins like this; the rest should be sealed again."""
    return f"{key_ring().current.kid}."
