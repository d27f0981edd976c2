"""Conversations and usage in the database."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from app.core.db.migrations import check_models, downgrade, upgrade
from app.services.ai import OPERATOR, Caller, ChatService, get_ai_response
from app.services.ai.chat import close_service
from app.services.ai.database_storage import DatabaseStorage
from app.services.ai.models import Conversation, Tokens, Turn, now
from app.services.ai.storage import storage
from tests.ai.test_usage import record


def turn_of(conversation: Conversation, question: str = "q", answer: str = "a") -> Turn:
    """A turn with all that it can have."""
    return Turn(
        conversation_id=conversation.id,
        question=question,
        answer=answer,
        provider="openai",
        model="m",
        tools=["system_health"],
        usage=Tokens(input_tokens=10, output_tokens=5, cost=Decimal("0.000000125")),
    )


@pytest.fixture
def kept() -> DatabaseStorage:
    """The storage."""
    return DatabaseStorage()


async def begin(kept: DatabaseStorage, title: str = "T", user_id: str = "7") -> Conversation:
    """A new conversation."""
    conversation = Conversation(user_id=user_id, title=title)
    await kept.add_conversation(conversation)
    return conversation


async def test_it_is_the_storage_of_this_application() -> None:
    assert isinstance(storage(), DatabaseStorage)


async def test_a_conversation_outlives_the_process() -> None:
    answer = await get_ai_response(message="Remember me", user_id=7)
    await close_service()
    chat = ChatService(DatabaseStorage())
    caller = Caller(user_id="7")
    live = await chat.start("Who?", caller=caller, conversation_id=answer.conversation_id)
    await live.result()
    await chat.close()
    found = await DatabaseStorage().turns(answer.conversation_id, 10)
    assert [turn.question for turn in found] == ["Remember me", "Who?"]


async def test_a_turn_comes_back_as_it_was(kept: DatabaseStorage) -> None:
    conversation = await begin(kept)
    turn = turn_of(conversation)
    await kept.add_turn(turn, record())
    assert await kept.turns(conversation.id, 10) == [turn]
    found = await kept.conversation(conversation.id, "7")
    assert found is not None
    assert (found.turns, found.usage) == (1, turn.usage)


async def test_the_same_turn_is_counted_once(kept: DatabaseStorage) -> None:
    conversation = await begin(kept)
    turn = turn_of(conversation)
    for _ in range(2):
        await kept.add_turn(turn, record())
    assert len(await kept.turns(conversation.id, 10)) == 1
    assert (await kept.usage(now().date()))[0].answers == 1


async def test_turns_that_come_at_once_have_different_numbers(kept: DatabaseStorage) -> None:
    conversation = await begin(kept)
    turns = [turn_of(conversation, f"q{number}") for number in range(8)]
    await asyncio.gather(*(kept.add_turn(turn, record()) for turn in turns))
    found = await kept.conversation(conversation.id, "7")
    assert found is not None
    assert found.turns == 8
    assert {turn.question for turn in await kept.turns(conversation.id, 10)} == {
        turn.question for turn in turns
    }


async def test_the_search_finds_all_words_and_no_wildcards(kept: DatabaseStorage) -> None:
    first = await begin(kept, "About hooks")
    await kept.add_turn(turn_of(first, "Cats?", "Dogs."), record())
    second = await begin(kept, "100 % sure")
    await kept.add_turn(turn_of(second, "Birds", "a_b"), record())
    await begin(kept, "About hooks", user_id="8")

    async def found(words: str) -> list[str]:
        return [c.id for c in await kept.conversations("7", limit=10, search=words)]

    assert await found("") == [second.id, first.id]
    assert await found("HOOKS dogs") == [first.id]
    assert await found("hooks birds") == []
    assert await found("%") == []
    assert await found("a_b") == [second.id]
    assert await found('don\'t "c++" (*') == []


async def test_a_user_cannot_touch_anothers(kept: DatabaseStorage) -> None:
    conversation = await begin(kept)
    assert await kept.conversation(conversation.id, "8") is None
    assert await kept.rename(conversation.id, "8", "Mine") is False
    assert await kept.delete(conversation.id, "8") is False
    assert await kept.rename(conversation.id, "7", "Mine") is True


async def test_deleting_takes_the_texts_and_leaves_the_usage(kept: DatabaseStorage) -> None:
    conversation = await begin(kept)
    await kept.add_turn(turn_of(conversation), record())
    assert await kept.delete(conversation.id, "7") is True
    assert await kept.turns(conversation.id, 10) == []
    assert len(await kept.usage(now().date())) == 1
    # An answer that was under way meanwhile.
    await kept.add_turn(turn_of(conversation), record())
    assert await kept.turns(conversation.id, 10) == []
    assert (await kept.usage(now().date()))[0].answers == 2


async def test_usage_is_summed_exactly(kept: DatabaseStorage) -> None:
    for _ in range(3):
        await kept.add_usage(record(cost="0.1"))
    await kept.add_usage(record(user_id="8", cost=None))
    rows = await kept.usage(now().date())
    assert [(row.user_id, row.answers, row.unpriced, row.cost) for row in rows] == [
        ("7", 3, 0, Decimal("0.3")),
        ("8", 1, 1, Decimal(0)),
    ]
    assert [row.user_id for row in await kept.usage(now().date(), "8")] == ["8"]
    assert await kept.usage(now().date() + timedelta(days=1)) == []


async def test_a_summary_is_kept(kept: DatabaseStorage) -> None:
    conversation = await begin(kept)
    await kept.summarize(conversation.id, "Short", 3)
    found = await kept.conversation(conversation.id, "7")
    assert found is not None
    assert (found.summary, found.summarized_turns) == ("Short", 3)


async def test_a_stopped_answer_is_written(kept: DatabaseStorage) -> None:
    chat = ChatService(kept)
    live = await chat.start("Say a lot " * 50, caller=OPERATOR)
    await live.begun(20)
    await chat.close()
    [turn] = await kept.turns(live.turn.conversation_id, 10)
    assert (turn.state, turn.answer) == ("interrupted", live.turn.answer)


def test_the_migration_goes_and_comes_back(database: object) -> None:
    downgrade("ai_database@base")
    upgrade()
    check_models()
