"""The keys that sign tokens.

`AUTH_SECRET_KEY` signs; tokens signed with one of `AUTH_PREVIOUS_KEYS` are accepted as well, so that
keys can change while people are signed in. During development a key is made, and kept in the data
folder, which git ignores.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from app.core.config import settings
from app.core.constants import DATA
from app.core.errors import AppError, ConfigurationError
from app.core.redaction import keep_secret

KEY_FILE = DATA / "auth" / "signing-keys"
KEPT_KEYS = 3


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret, and what it is made into. Each purpose has a key of its own, so that a token for one is none for another."""

    secret: str = field(repr=False)

    @property
    def kid(self) -> str:
        """The public name of the key."""
        return hashlib.sha256(f"kid:{self.secret}".encode()).hexdigest()[:16]

    def derive(self, purpose: str) -> bytes:
        """The key for one purpose."""
        return hmac.digest(self.secret.encode(), purpose.encode(), "sha256")

    def sign(self, purpose: str, text: str) -> str:
        """A signature that nobody else can make."""
        return hmac.new(self.derive(purpose), text.encode(), "sha256").hexdigest()


class KeyRing:
    """All keys: the first one signs."""

    def __init__(self, secret_keys: Iterable[str]) -> None:
        self.keys = [SigningKey(secret) for secret in secret_keys]
        self._by_kid = {key.kid: key for key in reversed(self.keys)}
        keep_secret(key.secret for key in self.keys)

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return self.keys[0]

    def find(self, kid: str) -> SigningKey | None:
        """The key of this name."""
        return self._by_kid.get(kid)

    def is_signed(self, purpose: str, text: str, signature: str, kid: str) -> bool:
        """Whether one of the keys made this signature."""
        key = self.find(kid)
        if key is None or not signature.isascii():
            return False
        return hmac.compare_digest(key.sign(purpose, text), signature)


@lru_cache(maxsize=1)
def key_ring() -> KeyRing:
    """The keys in force, read once in each process."""
    if settings.AUTH_SECRET_KEY is not None:
        previous = settings.AUTH_PREVIOUS_KEYS
        others = previous.get_secret_value().split(",") if previous is not None else []
        return KeyRing(
            [settings.AUTH_SECRET_KEY.get_secret_value(), *(o.strip() for o in others if o.strip())]
        )
    if settings.is_production:
        raise ConfigurationError(["AUTH_SECRET_KEY: production needs one"])
    # No test depends on the key, and none leaves one behind.
    return KeyRing([new_secret()] if settings.APP_ENV == "test" else _kept_keys(KEY_FILE))


def new_secret() -> str:
    """A new key: 256 bits of chance."""
    return secrets.token_urlsafe(32)


def rotate_kept_keys() -> SigningKey:
    """Put a new key before those in the data folder; tokens of the last ones stay valid.

    Raises:
        AppError: The keys come from the settings.
    """
    if settings.AUTH_SECRET_KEY is not None:
        raise AppError("The keys come from AUTH_SECRET_KEY, so they have to be changed there.")
    kept = [new_secret(), *_kept_keys(KEY_FILE)][:KEPT_KEYS]
    _write(KEY_FILE, kept)
    key_ring.cache_clear()
    return SigningKey(kept[0])


def _kept_keys(path: Path) -> list[str]:
    """The keys of the data folder; processes that start together agree on the first one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}")
        _write(own, [new_secret()])
        try:
            os.link(own, path)
        except FileExistsError:
            pass  # Another process was faster.
        finally:
            own.unlink()
    found = path.read_text(encoding="ascii").split()
    if not found:
        raise AppError(f"{path} holds no key. Remove it, and one is made.")
    return found


def _write(path: Path, lines: list[str]) -> None:
    """Replace a file that nobody else may read."""
    temporary = path.with_name(f"{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
    temporary.replace(path)
