"""What the assistant deals with, as plain values. Nothing here knows of a provider."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import uuid4

from pydantic import BaseModel, Field


def new_id() -> str:
    """An id that nobody can guess."""
    return uuid4().hex


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. Tools get this, and have no more rights than the caller."""

    user_id: str = ""
    """Whose conversations and budget these are; empty for the operators of this application."""
    is_operator: bool = False
    """Whether they may see how the system is doing."""


OPERATOR = Caller(is_operator=True)
"""Whoever sits at the command line or the dashboard."""


class AnswerState(StrEnum):
    """How an answer ended."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    """Somebody stopped it, the connection broke, or it became too long: the text is a beginning."""
    FAILED = "failed"


class Tokens(BaseModel):
    """What an answer took."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = Field(default=None, description="In US dollars; null if not known")
    estimated: bool = Field(
        default=False, description="The provider gave no figures, as for answers that were cut off"
    )

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


class Turn(BaseModel):
    """A question and its answer."""

    id: str = Field(default_factory=new_id)
    conversation_id: str
    question: str
    answer: str = ""
    state: AnswerState = AnswerState.COMPLETE
    problem: str = Field(default="", description="Why it is not complete")
    provider: str
    model: str
    usage: Tokens = Field(default_factory=Tokens)
    tools: list[str] = Field(default_factory=list, description="The tools that were used")
    asked_at: datetime = Field(default_factory=now)
    seconds: float = 0.0


class Conversation(BaseModel):
    """Turns that belong together. The text of long ones is remembered as a summary."""

    id: str = Field(default_factory=new_id)
    user_id: str = ""
    title: str
    created_at: datetime = Field(default_factory=now)
    updated_at: datetime = Field(default_factory=now)
    turns: int = 0
    usage: Tokens = Field(default_factory=Tokens)
    summary: str = ""
    summarized_turns: int = 0


class Answer(BaseModel):
    """What comes back for a message."""

    text: str
    conversation_id: str
    turn_id: str
    state: AnswerState
    provider: str
    model: str
    usage: Tokens
    tools: list[str]
    seconds: float

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, turn: Turn) -> "Answer":
        """The answer of a turn."""
        return cls(
            text=turn.answer,
            conversation_id=turn.conversation_id,
            turn_id=turn.id,
            state=turn.state,
            provider=turn.provider,
            model=turn.model,
            usage=turn.usage,
            tools=turn.tools,
            seconds=turn.seconds,
        )


class UsageRecord(BaseModel):
    """What one answer took, kept even when its conversation is deleted. It holds no text."""

    at: datetime = Field(default_factory=now)
    user_id: str
    conversation_id: str
    provider: str
    model: str
    state: AnswerState
    usage: Tokens


class UsageRow(BaseModel):
    """What a user asked of a model on a day (UTC)."""

    day: date
    user_id: str
    provider: str
    model: str
    answers: int = 0
    failed: int = 0
    estimated: int = Field(default=0, description="Answers whose figures are estimates")
    unpriced: int = Field(default=0, description="Answers whose cost is not known")
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The model uses a tool."""

    name: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer has ended, and was saved."""

    turn: Turn


Event = Text | ToolUse | Done
