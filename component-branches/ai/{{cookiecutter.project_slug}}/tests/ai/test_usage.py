"""What was used, and what it costs."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.core.config import Settings
from app.services.ai.memory_storage import MemoryStorage
from app.services.ai.models import (
    AnswerState,
    Conversation,
    Tokens,
    Turn,
    UsageRecord,
    new_id,
    now,
)
from app.services.ai.prices import price
from app.services.ai.storage import Storage
from app.services.ai.usage import sums


def record(user_id: str = "7", cost: str | None = "0.5", model: str = "m") -> UsageRecord:
    """Something that was used."""
    tokens = Tokens(input_tokens=10, output_tokens=5, cost=Decimal(cost) if cost else None)
    return UsageRecord(
        user_id=user_id,
        conversation_id="c",
        provider="openai",
        model=model,
        state=AnswerState.COMPLETE,
        usage=tokens,
    )


@pytest.fixture
def kept() -> Storage:
    """A storage."""
    return MemoryStorage(kept=3)


async def test_usage_is_counted_by_day_user_and_model(kept: Storage) -> None:
    for _ in range(2):
        await kept.add_usage(record())
    await kept.add_usage(record(user_id="8", cost=None))
    rows = await kept.usage(now().date())
    assert [(row.user_id, row.answers, row.cost) for row in rows] == [
        ("7", 2, Decimal(1)),
        ("8", 1, Decimal(0)),
    ]
    assert [row.unpriced for row in rows] == [0, 1]
    assert [row.user_id for row in await kept.usage(now().date(), "8")] == ["8"]
    assert await kept.usage(now().date() + timedelta(days=1)) == []


async def test_sums_by_model(kept: Storage) -> None:
    await kept.add_usage(record(model="a"))
    await kept.add_usage(record(model="b"))
    rows = await kept.usage(date(2020, 1, 1))
    found = sums(rows, lambda row: row.model)
    assert [(name, total.tokens) for name, total in found.items()] == [("a", 15), ("b", 15)]


async def test_the_same_turn_is_counted_once(kept: Storage) -> None:
    conversation = Conversation(user_id="7", title="T")
    await kept.add_conversation(conversation)
    turn = Turn(conversation_id=conversation.id, question="q", answer="a", provider="p", model="m")
    for _ in range(2):
        await kept.add_turn(turn, record())
    found = await kept.conversation(conversation.id, "7")
    assert found is not None
    assert found.turns == 1
    assert (await kept.usage(now().date()))[0].answers == 1


async def test_what_was_not_used_for_the_longest_time_goes_first(kept: Storage) -> None:
    ids = []
    for number in range(4):
        conversation = Conversation(user_id="7", title=f"T{number}")
        ids.append(conversation.id)
        await kept.add_conversation(conversation)
    assert [c.title for c in await kept.conversations("7", limit=10)] == ["T3", "T2", "T1"]
    assert await kept.conversation(ids[0], "7") is None


async def test_conversations_are_searched_renamed_and_deleted(kept: Storage) -> None:
    conversation = Conversation(user_id="7", title="About hooks")
    await kept.add_conversation(conversation)
    turn = Turn(
        conversation_id=conversation.id, question="Cats?", answer="Dogs.", provider="p", model="m"
    )
    await kept.add_turn(turn, record())
    assert len(await kept.conversations("7", limit=9, search="dogs hooks")) == 1
    assert await kept.conversations("7", limit=9, search="birds") == []
    assert await kept.conversations("8", limit=9) == []
    assert await kept.rename(conversation.id, "8", "Mine") is False
    assert await kept.rename(conversation.id, "7", "Mine") is True
    assert await kept.delete(conversation.id, "8") is False
    assert await kept.delete(conversation.id, "7") is True
    assert await kept.delete(new_id(), "7") is False
    assert len(await kept.usage(now().date())) == 1


def test_prices_are_known_for_known_models_only() -> None:
    assert price("demo", "demo", 1, 1) == 0
    known = price("openai", "gpt-6-luna", 1_000_000, 0)
    assert known is not None
    assert known > 0
    assert price("openai", "model-of-mine", 1, 1) is None
    assert price("ollama", "llama", 1, 1) is None


def test_several_web_processes_that_share_no_conversations_are_warned_of(
    settings: Callable[..., Settings],
) -> None:
    name = "WEB_WORKERS: a conversation"
    apart = "DATABASE_URL" not in Settings.model_fields
    assert (name in " ".join(settings(WEB_WORKERS="3").warnings())) is apart
    assert name not in " ".join(settings().warnings())
