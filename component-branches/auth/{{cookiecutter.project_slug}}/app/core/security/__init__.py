"""Password hashes, keys, tokens and seals. What an account may do is decided in `app/services/auth`."""

from app.core.security.keys import KeyRing, SigningKey, key_ring
from app.core.security.passwords import (
    hash_password,
    verify_password,
    waste_time_on_password,
)
from app.core.security.sealing import BrokenSealError, seal, seal_begins_with, unseal
from app.core.security.tokens import (
    AccessClaims,
    InvalidTokenError,
    create_access_token,
    decode_access_token,
)

__all__ = [
    "AccessClaims",
    "BrokenSealError",
    "InvalidTokenError",
    "KeyRing",
    "SigningKey",
    "create_access_token",
    "decode_access_token",
    "hash_password",
    "key_ring",
    "seal",
    "seal_begins_with",
    "unseal",
    "verify_password",
    "waste_time_on_password",
]
