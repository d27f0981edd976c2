"""Passwords as Argon2id hashes.

A hash takes a core about 0.2 seconds, on purpose. In `async def` call `app.services.auth.hashing`,
which does it in a thread and lets only so many wait.
"""

from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from app.core.config import settings

# RFC 9106, section 4, second choice; one lane, for the cores belong to other requests as well. A
# hash made with other values is renewed when its owner signs in.
MEMORY_KIB = 64 * 1024
PASSES = 3


@lru_cache(maxsize=1)
def hasher() -> PasswordHash:
    """The hasher. Tests make thousands of hashes and protect nothing with them."""
    if settings.APP_ENV == "test":
        return PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])
    return PasswordHash([Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)])


def hash_password(password: str) -> str:
    """The hash to store."""
    return hasher().hash(password)


def verify_password(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a new hash if the stored one should be renewed.

    An account without a password takes as long as any other.
    """
    try:
        if hashed:
            return hasher().verify_and_update(password, hashed)
    except UnknownHashError:
        pass
    waste_time_on_password(password)
    return False, None


def waste_time_on_password(password: str) -> None:
    """Take the time of a check for an account that is not there."""
    hasher().verify(password, _nobody())


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that is made as all others are."""
    return hash_password("the password of nobody")
