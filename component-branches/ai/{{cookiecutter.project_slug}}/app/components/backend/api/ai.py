"""The assistant: chat, conversations, providers and usage."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.components.backend.api.ai_caller import get_ai_caller
from app.components.backend.api.router import ComponentRouter
from app.components.backend.event_stream import PING, EventStream, sse, wait_for_disconnect
from app.core.constants import API_PREFIX
from app.core.errors import AppError, ForbiddenError
from app.services.ai import (
    Answer,
    Caller,
    Conversation,
    Done,
    Text,
    Tokens,
    ToolUse,
    Turn,
    UsageRow,
    chat_service,
)
from app.services.ai import conversations as service
from app.services.ai import providers as known
from app.services.ai.live import Idle, LiveAnswer
from app.services.ai.usage import used_since

router = ComponentRouter(prefix=f"{API_PREFIX}/ai", tags=["ai"])

CallerNow = Annotated[Caller, Depends(get_ai_caller)]

BEGUN_SECONDS = 10.0
"""So long a stream waits for its first text: what fails until then has a status of its own."""
PING_SECONDS = 15.0


class ChatRequest(BaseModel):
    """A message to the assistant."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message": "Explain webhooks", "stream": False}]}
    )

    message: str = Field(min_length=1, description="At most AI_MAX_MESSAGE_CHARACTERS")
    stream: bool = Field(default=False, description="Answer with server-sent events")
    conversation_id: str | None = Field(
        default=None, max_length=64, description="Go on with this conversation"
    )


class ConversationItem(BaseModel):
    """A conversation in a list."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    turns: int
    usage: Tokens

    @classmethod
    def of(cls, found: Conversation) -> "ConversationItem":
        """The part of a conversation that is shown."""
        return cls(**found.model_dump(include=set(cls.model_fields)))


class ConversationDetail(ConversationItem):
    """A conversation with its latest turns, oldest first."""

    messages: list[Turn]


class Title(BaseModel):
    """Another title."""

    title: str = Field(min_length=1, max_length=200)


class UsageReport(BaseModel):
    """What was used, by day, user and model."""

    since: date
    answers: int
    input_tokens: int
    output_tokens: int
    cost: Decimal = Field(description="In US dollars, as far as it is known")
    rows: list[UsageRow]


@router.post(
    "/chat",
    summary="Ask the assistant",
    response_model=Answer,
    responses={
        200: {
            "description": "The answer; with `stream` as events: text, tool, done or error",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def chat(request: Request, body: ChatRequest, caller: CallerNow) -> Answer | Response:
    """Answer a message. Whoever leaves stops the answer, and what it costs."""
    live = await chat_service().start(
        body.message, caller=caller, conversation_id=body.conversation_id
    )
    if not body.stream:
        return Answer.of(await while_connected(request, live))
    await begin_while_connected(request, live)
    return EventStream(events_of(live))


async def while_connected(request: Request, live: LiveAnswer) -> Turn:
    """The whole answer, as long as somebody waits for it."""
    result = asyncio.create_task(live.result())
    leaving = asyncio.create_task(wait_for_disconnect(request.receive))
    try:
        await asyncio.wait([result, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not result.done():
            await live.stop()
        return await result
    finally:
        leaving.cancel()
        await live.stop()


async def begin_while_connected(request: Request, live: LiveAnswer) -> None:
    """Wait for its first text, as long as somebody waits for it; raises why there is no answer."""
    beginning = asyncio.create_task(live.begun(BEGUN_SECONDS))
    leaving = asyncio.create_task(wait_for_disconnect(request.receive))
    try:
        await asyncio.wait([beginning, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not beginning.done():
            await live.stop()
        await beginning
    except asyncio.CancelledError:
        live.cancel()
        raise
    finally:
        beginning.cancel()
        leaving.cancel()


async def events_of(live: LiveAnswer) -> AsyncGenerator[bytes]:
    """The answer as events."""
    turn = live.turn
    try:
        yield sse("start", {"conversation_id": turn.conversation_id, "turn_id": turn.id})
        async for event in live.events(idle=PING_SECONDS):
            match event:
                case Text(text):
                    yield sse("text", {"text": text})
                case ToolUse(name):
                    yield sse("tool", {"name": name})
                case Idle():
                    yield PING
                case Done(turn):
                    yield sse("done", done(turn))
    except AppError as error:
        problem = {"status": error.status, "title": error.title, "detail": error.detail}
        yield sse("error", problem)
    finally:
        await live.stop()


def done(turn: Turn) -> dict[str, object]:
    """How an answer ended, without its text, which was sent already."""
    found = Answer.of(turn).model_dump(mode="json", exclude={"text"})
    return {**found, "problem": turn.problem} if turn.problem else found


@router.get("/conversations", summary="Conversations")
async def conversations(
    caller: CallerNow,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    search: Annotated[str, Query(max_length=200, description="Words that occur in it")] = "",
) -> list[ConversationItem]:
    """Your conversations, the latest first."""
    found = await service.find(caller, limit=limit, offset=offset, search=search)
    return [ConversationItem.of(conversation) for conversation in found]


@router.get("/conversations/{conversation_id}", summary="A conversation")
async def conversation(
    conversation_id: str,
    caller: CallerNow,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many turns")] = 100,
) -> ConversationDetail:
    """A conversation with its latest turns."""
    found, turns = await service.read(conversation_id, caller, limit=limit)
    return ConversationDetail(**ConversationItem.of(found).model_dump(), messages=turns)


@router.patch("/conversations/{conversation_id}", summary="Rename a conversation")
async def rename(conversation_id: str, body: Title, caller: CallerNow) -> ConversationItem:
    """Give a conversation another title."""
    return ConversationItem.of(await service.rename(conversation_id, caller, body.title))


@router.delete("/conversations/{conversation_id}", status_code=204, summary="Delete a conversation")
async def delete(conversation_id: str, caller: CallerNow) -> None:
    """Delete a conversation. What it cost stays in the books."""
    await service.delete(conversation_id, caller)


@router.get(
    "/conversations/{conversation_id}/export",
    summary="Export a conversation",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}, "application/json": {}}}},
)
async def export(
    conversation_id: str,
    caller: CallerNow,
    format: Annotated[Literal["markdown", "json"], Query()] = "markdown",  # noqa: A002
) -> Response:
    """The conversation as a file."""
    text, media_type, ending = await service.export(conversation_id, caller, format)
    headers = {
        "Content-Disposition": f'attachment; filename="conversation.{ending}"',
        # What `get_ai_caller` sets is for answers that the framework makes.
        "Cache-Control": "no-store",
    }
    return Response(text, media_type=media_type, headers=headers)


@router.get("/providers", summary="Providers")
async def providers(caller: CallerNow) -> list[known.ProviderState]:
    """Which providers there are, and what they need. `ai providers` checks whether they work."""
    if not caller.is_operator:
        raise ForbiddenError("Only operators may see this.")
    return known.overview()


@router.get("/usage", summary="Usage and cost")
async def usage(caller: CallerNow, days: Annotated[int, Query(ge=1, le=366)] = 30) -> UsageReport:
    """What you used; operators see everybody's."""
    since, rows = await used_since(days, None if caller.is_operator else caller.user_id)
    return UsageReport(
        since=since,
        answers=sum(row.answers for row in rows),
        input_tokens=sum(row.input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        cost=sum((row.cost for row in rows), Decimal(0)),
        rows=list(rows),
    )
