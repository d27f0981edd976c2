"""What the accounts' service is asked with, and what it answers."""

from dataclasses import dataclass, field
from uuid import UUID

from app.models.user import User

LONGEST_ADDRESS = 64
LONGEST_USER_AGENT = 255


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from."""

    address: str = ""
    user_agent: str = ""

    def __post_init__(self) -> None:
        """Both come from outside (an address from a proxy), and end in columns and on terminals."""
        object.__setattr__(self, "address", _printable(self.address)[:LONGEST_ADDRESS])
        object.__setattr__(self, "user_agent", _printable(self.user_agent)[:LONGEST_USER_AGENT])


COMMAND_LINE = Client("command line")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and in which session."""

    user: User
    session_id: UUID
    is_cookie: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client shows to be who it is."""

    session_id: UUID
    expires_in: int
    """Seconds until the access token has to be renewed."""
    session_seconds: int
    """Seconds until somebody has to sign in again."""
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    is_cookie: bool = False
    """Whether the client asked for them in cookies."""
