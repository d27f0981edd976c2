"""Conversations and usage in the memory of this process: gone when it ends."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.core.config import settings
from app.services.ai.models import (
    AnswerState,
    Conversation,
    Tokens,
    Turn,
    UsageRecord,
    UsageRow,
    now,
)

MAX_TURNS = 1000
"""So many turns of a conversation are kept."""
MAX_ROWS = 10_000
"""So many rows of usage are kept; the oldest go."""

Key = tuple[date, str, str, str]


class MemoryStorage:
    """Bounded: the conversations that were not used for the longest time go first."""

    def __init__(self, kept: int | None = None) -> None:
        self._kept = kept or settings.AI_CONVERSATIONS_KEPT
        # In the order of their latest use.
        self._conversations: dict[str, Conversation] = {}
        self._turns: dict[str, list[Turn]] = {}
        self._usage: dict[Key, UsageRow] = {}

    async def add_conversation(self, conversation: Conversation) -> None:
        """Begin a conversation."""
        self._conversations[conversation.id] = conversation.model_copy()
        self._turns[conversation.id] = []
        while len(self._conversations) > self._kept:
            self._remove(next(iter(self._conversations)))

    async def conversation(self, conversation_id: str, user_id: str) -> Conversation | None:
        """A conversation of a user."""
        found = self._find(conversation_id, user_id)
        return found.model_copy(deep=True) if found else None

    async def conversations(
        self, user_id: str, *, limit: int, offset: int = 0, search: str = ""
    ) -> list[Conversation]:
        """A user's conversations, the latest first."""
        words = search.lower().split()
        found = [
            conversation
            for conversation in reversed(self._conversations.values())
            if conversation.user_id == user_id and self._has(conversation, words)
        ]
        return [c.model_copy(deep=True) for c in found[offset : offset + limit]]

    async def rename(self, conversation_id: str, user_id: str, title: str) -> bool:
        """Give a conversation another title."""
        found = self._find(conversation_id, user_id)
        if found is not None:
            found.title = title
        return found is not None

    async def delete(self, conversation_id: str, user_id: str) -> bool:
        """Delete a conversation with its turns."""
        found = self._find(conversation_id, user_id)
        if found is not None:
            self._remove(conversation_id)
        return found is not None

    async def summarize(self, conversation_id: str, summary: str, turns: int) -> None:
        """Keep a summary of the first turns."""
        found = self._conversations.get(conversation_id)
        if found is not None:
            found.summary, found.summarized_turns = summary, turns

    async def turns(self, conversation_id: str, limit: int) -> list[Turn]:
        """The latest turns, oldest first."""
        return [turn.model_copy() for turn in self._turns.get(conversation_id, [])[-limit:]]

    async def add_turn(self, turn: Turn, record: UsageRecord) -> None:
        """Keep a turn and what it took."""
        turns = self._turns.get(turn.conversation_id)
        if turns is None:
            # Deleted while the answer was under way: what it took was used all the same.
            await self.add_usage(record)
            return
        if any(known.id == turn.id for known in turns):
            return
        turns.append(turn.model_copy())
        del turns[:-MAX_TURNS]
        conversation = self._conversations.pop(turn.conversation_id)
        self._conversations[turn.conversation_id] = conversation
        conversation.turns += 1
        conversation.updated_at = now()
        conversation.usage = add(conversation.usage, turn.usage)
        await self.add_usage(record)

    async def add_usage(self, record: UsageRecord) -> None:
        """Keep what something took."""
        key = (record.at.date(), record.user_id, record.provider, record.model)
        row = self._usage.get(key)
        if row is None:
            day, user_id, provider, model = key
            row = UsageRow(day=day, user_id=user_id, provider=provider, model=model)
            self._usage[key] = row
            while len(self._usage) > MAX_ROWS:
                del self._usage[next(iter(self._usage))]
        count(row, record)

    async def usage(self, since: date, user_id: str | None = None) -> Sequence[UsageRow]:
        """What was used from a day on."""
        return [
            row.model_copy()
            for row in self._usage.values()
            if row.day >= since and user_id in (None, row.user_id)
        ]

    def _find(self, conversation_id: str, user_id: str) -> Conversation | None:
        found = self._conversations.get(conversation_id)
        return found if found is not None and found.user_id == user_id else None

    def _remove(self, conversation_id: str) -> None:
        del self._conversations[conversation_id]
        del self._turns[conversation_id]

    def _has(self, conversation: Conversation, words: list[str]) -> bool:
        if not words:
            return True
        texts = [conversation.title]
        texts += [f"{turn.question} {turn.answer}" for turn in self._turns[conversation.id]]
        everything = "\n".join(texts).lower()
        return all(word in everything for word in words)


def add(first: Tokens, second: Tokens) -> Tokens:
    """Two usages as one."""
    costs = [cost for cost in (first.cost, second.cost) if cost is not None]
    return Tokens(
        input_tokens=first.input_tokens + second.input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        cost=sum(costs, Decimal(0)) if costs else None,
        estimated=first.estimated or second.estimated,
    )


def count(row: UsageRow, record: UsageRecord) -> None:
    """Count a record into its row."""
    row.answers += 1
    row.failed += record.state is AnswerState.FAILED
    row.estimated += record.usage.estimated
    row.unpriced += record.usage.cost is None
    row.input_tokens += record.usage.input_tokens
    row.output_tokens += record.usage.output_tokens
    row.cost += record.usage.cost or Decimal(0)
