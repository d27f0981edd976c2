"""Conversations of a caller: find, read, rename, delete, export."""

from typing import Literal

from app.core.errors import AppError, NotFoundError
from app.services.ai.models import AnswerState, Caller, Conversation, Turn
from app.services.ai.storage import storage
from app.services.ai.text import printable

MOST_TURNS = 1000


async def find(
    caller: Caller, *, limit: int = 20, offset: int = 0, search: str = ""
) -> list[Conversation]:
    """The caller's conversations, the latest first."""
    words = printable(search)
    return await storage().conversations(caller.user_id, limit=limit, offset=offset, search=words)


async def read(
    conversation_id: str, caller: Caller, *, limit: int = MOST_TURNS
) -> tuple[Conversation, list[Turn]]:
    """A conversation with its latest turns."""
    found = await storage().conversation(printable(conversation_id), caller.user_id)
    if found is None:
        raise NotFoundError("There is no such conversation.")
    return found, await storage().turns(found.id, limit)


async def rename(conversation_id: str, caller: Caller, title: str) -> Conversation:
    """Give a conversation another title."""
    text = " ".join(printable(title).split())
    if not text:
        raise AppError("The title is empty.")
    found, _ = await read(conversation_id, caller, limit=1)
    await storage().rename(found.id, caller.user_id, text)
    found.title = text
    return found


async def delete(conversation_id: str, caller: Caller) -> None:
    """Delete a conversation with its turns."""
    if not await storage().delete(printable(conversation_id), caller.user_id):
        raise NotFoundError("There is no such conversation.")


async def export(
    conversation_id: str, caller: Caller, wanted: Literal["markdown", "json"]
) -> tuple[str, str, str]:
    """The conversation as a text, with its media type and the ending of its file."""
    found, turns = await read(conversation_id, caller)
    if wanted == "json":
        return as_json(found, turns), "application/json", "json"
    return as_markdown(found.title, turns), "text/markdown", "md"


def as_json(conversation: Conversation, turns: list[Turn]) -> str:
    """For programs."""
    import json

    data = conversation.model_dump(mode="json", exclude={"user_id"})
    data["messages"] = [turn.model_dump(mode="json") for turn in turns]
    return json.dumps(data, indent=2, ensure_ascii=False)


def as_markdown(title: str, turns: list[Turn]) -> str:
    """For people."""
    lines = [f"# {title}"]
    for turn in turns:
        lines += ["## You", turn.question, f"## {turn.provider}:{turn.model}", turn.answer]
        if turn.state is not AnswerState.COMPLETE:
            lines.append(f"*{turn.problem or 'Not complete.'}*")
    return "\n\n".join(lines) + "\n"
