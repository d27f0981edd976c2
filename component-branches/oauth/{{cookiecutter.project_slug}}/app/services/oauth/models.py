"""What providers are asked with, and what they say."""

from dataclasses import dataclass, field
from typing import Protocol

from app.core.validation import LONGEST_NAME, check_line, normalise_email


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a provider knows them."""

    issuer: str
    subject: str
    email: str | None = None
    is_email_verified: bool = False
    name: str = ""

    @property
    def address(self) -> str | None:
        """The address as accounts have it."""
        try:
            return normalise_email(self.email) if self.email else None
        except ValueError:
            return None

    @property
    def full_name(self) -> str:
        """The name as accounts have it."""
        try:
            return check_line(self.name.strip()[:LONGEST_NAME])
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What only the browser that began knows, and what ties the provider's answer to it."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    """Of which the provider sees a hash first (PKCE): a code that was caught is worth nothing."""


class Provider(Protocol):
    """Somebody who says who people are."""

    @property
    def name(self) -> str:
        """Its name in the settings and in addresses."""
        ...

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    @property
    def issuer(self) -> str:
        """What it is known by for ever."""
        ...

    async def begin(self, challenge: Challenge) -> str:
        """Where to send a browser."""
        ...

    async def finish(self, challenge: Challenge, code: str, iss: str | None) -> Person:
        """Who came back with this code; `iss` is who the answer says it is from."""
        ...
