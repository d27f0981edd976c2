"""A mail, and who sends it."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text."""

    to: str
    subject: str
    text: str = field(repr=False)
    id: str = field(default_factory=lambda: uuid4().hex, compare=False)
    """The same whenever it is tried again."""


class Mailer(Protocol):
    """A way for mails to leave."""

    async def send(self, mail: Mail) -> None:
        """Send one.

        Raises:
            MailNotSentError: It did not leave.
        """
        ...


class MailNotSentError(Exception):
    """A mail did not leave; `is_temporary` says whether it may later."""

    def __init__(self, reason: str, *, is_temporary: bool) -> None:
        super().__init__(reason)
        self.is_temporary = is_temporary
