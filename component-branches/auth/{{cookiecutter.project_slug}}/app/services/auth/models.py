"""What the accounts' service is asked with, and what it answers."""

from dataclasses import dataclass, field
from uuid import UUID

from app.models.user import User

LONGEST_ADDRESS = 64
LONGEST_USER_AGENT = 255


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from."""

    address: str = ""
    user_agent: str = ""

    def __post_init__(self) -> None:
        """Both come from outside, and end in columns."""
        object.__setattr__(self, "address", self.address[:LONGEST_ADDRESS])
        agent = "".join(c if c.isprintable() else "?" for c in self.user_agent)
        object.__setattr__(self, "user_agent", agent[:LONGEST_USER_AGENT])


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
