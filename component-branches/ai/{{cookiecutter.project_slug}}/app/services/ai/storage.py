"""Where conversations and usage are kept."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Protocol

from app.services.ai.models import Conversation, Turn, UsageRecord, UsageRow


class Storage(Protocol):
    """Keeps conversations and usage. Whoever asks for a conversation says whose it is."""

    async def add_conversation(self, conversation: Conversation) -> None:
        """Begin a conversation."""

    async def conversation(self, conversation_id: str, user_id: str) -> Conversation | None:
        """A conversation of a user."""

    async def conversations(
        self, user_id: str, *, limit: int, offset: int = 0, search: str = ""
    ) -> list[Conversation]:
        """A user's conversations, the latest first; those with all the words that are searched."""

    async def rename(self, conversation_id: str, user_id: str, title: str) -> bool:
        """Give a conversation another title; False: there is none."""

    async def delete(self, conversation_id: str, user_id: str) -> bool:
        """Delete a conversation with its turns; False: there is none."""

    async def summarize(self, conversation_id: str, summary: str, turns: int) -> None:
        """Keep a summary of the first turns."""

    async def turns(self, conversation_id: str, limit: int) -> list[Turn]:
        """The latest turns, oldest first."""

    async def add_turn(self, turn: Turn, record: UsageRecord) -> None:
        """Keep a turn and what it took, both or none. A turn that is there already is left alone."""

    async def add_usage(self, record: UsageRecord) -> None:
        """Keep what something took that is not a turn."""

    async def usage(self, since: date, user_id: str | None = None) -> Sequence[UsageRow]:
        """What was used from a day on: by everybody, or by a user."""


@lru_cache(maxsize=1)
def storage() -> Storage:
    """The storage of this application."""
    # slot: storage (default)
    from app.services.ai.memory_storage import MemoryStorage

    return MemoryStorage()
    # end slot
