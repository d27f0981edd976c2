"""The assistant: questions, answers, conversations and what they cost.

    from app.services.ai import get_ai_response

    answer = await get_ai_response(message="Explain webhooks", user_id=user.id)

Importing this loads no provider's library: the first question does.
"""

from collections.abc import AsyncGenerator

from app.services.ai.chat import ChatService, chat_service
from app.services.ai.live import Idle
from app.services.ai.models import (
    OPERATOR,
    Answer,
    AnswerState,
    Caller,
    Conversation,
    Done,
    Event,
    Text,
    Tokens,
    ToolUse,
    Turn,
    UsageRow,
)

__all__ = [
    "OPERATOR",
    "Answer",
    "AnswerState",
    "Caller",
    "ChatService",
    "Conversation",
    "Done",
    "Event",
    "Text",
    "Tokens",
    "ToolUse",
    "Turn",
    "UsageRow",
    "chat_service",
    "get_ai_response",
    "stream_ai_response",
]


async def get_ai_response(
    *, message: str, user_id: object, conversation_id: str | None = None
) -> Answer:
    """Ask, and wait for the whole answer. A conversation goes on where its id is given.

    Raises `app.core.errors.AppError` with a text for people when there is no answer.
    """
    caller = Caller(user_id=str(user_id))
    live = await chat_service().start(message, caller=caller, conversation_id=conversation_id)
    return Answer.of(await live.result())


async def stream_ai_response(
    *, message: str, user_id: object, conversation_id: str | None = None
) -> AsyncGenerator[Event]:
    """Ask, and get the answer piece by piece: Text and ToolUse, and Done at the end.

    Whoever stops reading stops the answer.
    """
    caller = Caller(user_id=str(user_id))
    live = await chat_service().start(message, caller=caller, conversation_id=conversation_id)
    try:
        async for event in live.events():
            if not isinstance(event, Idle):
                yield event
    finally:
        live.cancel()
