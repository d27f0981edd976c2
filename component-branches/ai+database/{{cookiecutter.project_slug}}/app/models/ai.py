"""What the assistant keeps."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel


class AIConversation(SQLModel, table=True):
    """Turns that belong together."""

    __tablename__ = "ai_conversation"
    __table_args__ = (Index("ix_ai_conversation_user_id_updated_at", "user_id", "updated_at"),)

    id: str = Field(primary_key=True, max_length=32)
    user_id: str = Field(max_length=64)
    title: str = Field(max_length=200)
    created_at: datetime
    updated_at: datetime
    turns: int
    summary: str = Field(sa_type=Text)
    summarized_turns: int
    input_tokens: int
    output_tokens: int
    cost_nanos: int | None = Field(sa_type=BigInteger)
    estimated: bool


class AITurn(SQLModel, table=True):
    """A question and its answer."""

    __tablename__ = "ai_turn"
    __table_args__ = (Index("ix_ai_turn_conversation_id_number", "conversation_id", "number"),)

    id: str = Field(primary_key=True, max_length=32)
    conversation_id: str = Field(
        foreign_key="ai_conversation.id", ondelete="CASCADE", max_length=32
    )
    number: int
    question: str = Field(sa_type=Text)
    answer: str = Field(sa_type=Text)
    state: str = Field(max_length=16)
    problem: str = Field(sa_type=Text)
    provider: str = Field(max_length=32)
    model: str = Field(max_length=200)
    input_tokens: int
    output_tokens: int
    cost_nanos: int | None = Field(sa_type=BigInteger)
    estimated: bool
    tools: str = Field(sa_type=Text)
    asked_at: datetime
    seconds: float


class AISearch(SQLModel, table=True):
    """Words of a title or a turn, as they are searched for.

    The migration makes an index of them; SQLite fills its own by triggers.
    """

    __tablename__ = "ai_search"

    id: int | None = Field(default=None, primary_key=True)
    conversation_id: str = Field(
        foreign_key="ai_conversation.id", ondelete="CASCADE", max_length=32, index=True
    )
    turn_id: str | None = Field(
        foreign_key="ai_turn.id", ondelete="CASCADE", max_length=32, index=True
    )
    """None: the title."""
    words: str = Field(sa_type=Text)


class AIUsage(SQLModel, table=True):
    """What an answer took. It holds no text, and stays when its conversation is deleted."""

    __tablename__ = "ai_usage"
    __table_args__ = (Index("ix_ai_usage_day_user_id", "day", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    day: date
    at: datetime
    user_id: str = Field(max_length=64)
    conversation_id: str = Field(max_length=32)
    provider: str = Field(max_length=32)
    model: str = Field(max_length=200)
    state: str = Field(max_length=16)
    input_tokens: int
    output_tokens: int
    cost_nanos: int | None = Field(sa_type=BigInteger)
    """In billionths of a dollar: whole numbers add up exactly on every database system."""
    estimated: bool
