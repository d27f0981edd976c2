"""Conversations and usage in the database."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, case, delete, func, update
from sqlalchemy import select as sql_select
from sqlalchemy.sql.dml import Delete, Update
from sqlmodel import col, select

from app.core.db import db_session
from app.models.ai import AIConversation, AISearch, AITurn, AIUsage
from app.services.ai.database_search import conversations_with, ranked
from app.services.ai.models import (
    AnswerState,
    Conversation,
    Tokens,
    Turn,
    UsageRecord,
    UsageRow,
    now,
)
from app.services.ai.search_words import MOST_WORDS, searchable, words_of

NANOS = Decimal(1_000_000_000)


class DatabaseStorage:
    """Turns and usage are added and never rewritten: several processes can write at once."""

    async def add_conversation(self, conversation: Conversation) -> None:
        """Add a row."""
        values = conversation.model_dump(exclude={"usage"})
        async with db_session() as session:
            session.add(AIConversation(**values, **_columns(conversation.usage)))
            # The rows refer to each other without relations, by which they would be ordered.
            await session.flush()
            session.add(_title_row(conversation.id, conversation.title))

    async def conversation(self, conversation_id: str, user_id: str) -> Conversation | None:
        """Read a row."""
        query = select(AIConversation).where(*_owned(conversation_id, user_id))
        async with db_session() as session:
            row = (await session.exec(query)).first()
        return _to_conversation(row) if row is not None else None

    async def conversations(
        self, user_id: str, *, limit: int, offset: int = 0, search: str = ""
    ) -> list[Conversation]:
        """The latest rows; or the best ones of those that have all the words, wherever they stand."""
        query = select(AIConversation).where(col(AIConversation.user_id) == user_id)
        order = [col(AIConversation.updated_at).desc(), col(AIConversation.id)]
        words = words_of(search)[:MOST_WORDS]
        if search.strip() and not words:
            return []
        async with db_session() as session:
            if words:
                system = session.get_bind().dialect.name
                best = ranked(system, words, user_id).subquery()
                query = query.join(best, best.c.id == col(AIConversation.id))
                for word in words:
                    query = query.where(
                        col(AIConversation.id).in_(conversations_with(system, word))
                    )
                order.insert(0, best.c.rank)
            rows = await session.exec(query.order_by(*order).limit(limit).offset(offset))
            return [_to_conversation(row) for row in rows]

    async def rename(self, conversation_id: str, user_id: str, title: str) -> bool:
        """Change the title."""
        changed = update(AIConversation).values(title=title)
        words = update(AISearch).values(words=searchable(title))
        own_title = (
            col(AISearch.conversation_id) == conversation_id,
            col(AISearch.turn_id).is_(None),
        )
        async with db_session() as session:
            connection = await session.connection()
            result = await connection.execute(changed.where(*_owned(conversation_id, user_id)))
            if result.rowcount:
                await connection.execute(words.where(*own_title))
            return result.rowcount > 0

    async def delete(self, conversation_id: str, user_id: str) -> bool:
        """Delete the row; its turns go with it."""
        return await _change(delete(AIConversation).where(*_owned(conversation_id, user_id)))

    async def summarize(self, conversation_id: str, summary: str, turns: int) -> None:
        """Change the summary."""
        changed = update(AIConversation).values(summary=summary, summarized_turns=turns)
        await _change(changed.where(col(AIConversation.id) == conversation_id))

    async def turns(self, conversation_id: str, limit: int) -> list[Turn]:
        """The latest rows, oldest first."""
        query = select(AITurn).where(col(AITurn.conversation_id) == conversation_id)
        query = query.order_by(col(AITurn.number).desc()).limit(limit)
        async with db_session() as session:
            rows = (await session.exec(query)).all()
        return [_to_turn(row) for row in reversed(rows)]

    async def add_turn(self, turn: Turn, record: UsageRecord) -> None:
        """Add a turn and its usage in one transaction."""
        async with db_session() as session:
            if await session.get(AITurn, turn.id) is not None:
                return
            # Also a lock: turns that several processes add get different numbers.
            connection = await session.connection()
            counted = await connection.execute(_counting(turn))
            number = counted.scalar_one_or_none()
            if number is not None:
                session.add(_to_row(turn, number))
                await session.flush()
                session.add(_words_row(turn))
            # Without a number it was deleted meanwhile; what it took was used all the same.
            session.add(_usage_row(record))

    async def add_usage(self, record: UsageRecord) -> None:
        """Add a row."""
        async with db_session() as session:
            session.add(_usage_row(record))

    async def usage(self, since: date, user_id: str | None = None) -> Sequence[UsageRow]:
        """Sum up the rows."""
        key = (col(AIUsage.day), col(AIUsage.user_id), col(AIUsage.provider), col(AIUsage.model))
        sums = (
            func.count(),
            _count(col(AIUsage.state) == AnswerState.FAILED.value),
            _count(col(AIUsage.estimated).is_(True)),
            _count(col(AIUsage.cost_nanos).is_(None)),
            func.sum(col(AIUsage.input_tokens)),
            func.sum(col(AIUsage.output_tokens)),
            func.coalesce(func.sum(col(AIUsage.cost_nanos)), 0),
        )
        query = sql_select(*key, *sums).where(col(AIUsage.day) >= since)
        if user_id is not None:
            query = query.where(col(AIUsage.user_id) == user_id)
        async with db_session() as session:
            connection = await session.connection()
            rows = await connection.execute(query.group_by(*key).order_by(*key))
            return [_to_usage_row(tuple(row)) for row in rows]


def _owned(conversation_id: str, user_id: str) -> tuple[ColumnElement[bool], ...]:
    return (col(AIConversation.id) == conversation_id, col(AIConversation.user_id) == user_id)


async def _change(statement: Update | Delete) -> bool:
    """Run it, and say whether there was such a row."""
    async with db_session() as session:
        connection = await session.connection()
        return (await connection.execute(statement)).rowcount > 0


def _counting(turn: Turn) -> Update:
    """Count a turn into its conversation, and give its number."""
    row, cost = AIConversation, _nanos(turn.usage.cost)
    values: dict[str, object] = {
        "turns": col(row.turns) + 1,
        "updated_at": now(),
        "input_tokens": col(row.input_tokens) + turn.usage.input_tokens,
        "output_tokens": col(row.output_tokens) + turn.usage.output_tokens,
    }
    if cost is not None:
        values["cost_nanos"] = func.coalesce(col(row.cost_nanos), 0) + cost
    if turn.usage.estimated:
        values["estimated"] = True
    statement = update(row).values(values).where(col(row.id) == turn.conversation_id)
    return statement.returning(col(row.turns))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _nanos(cost: Decimal | None) -> int | None:
    return None if cost is None else round(cost * NANOS)


def _dollars(nanos: int | None) -> Decimal | None:
    return None if nanos is None else Decimal(nanos) / NANOS


def _columns(usage: Tokens) -> dict[str, int | bool | None]:
    """Tokens as columns."""
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_nanos": _nanos(usage.cost),
        "estimated": usage.estimated,
    }


def _tokens(row: AIConversation | AITurn) -> Tokens:
    return Tokens(
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost=_dollars(row.cost_nanos),
        estimated=row.estimated,
    )


def _to_conversation(row: AIConversation) -> Conversation:
    values = row.model_dump(include=set(Conversation.model_fields))
    return Conversation(**values, usage=_tokens(row))


def _to_turn(row: AITurn) -> Turn:
    values = row.model_dump(include=set(Turn.model_fields) - {"tools"})
    return Turn(**values, tools=json.loads(row.tools), usage=_tokens(row))


def _to_row(turn: Turn, number: int) -> AITurn:
    values = turn.model_dump(mode="python", exclude={"usage", "tools", "state"})
    return AITurn(
        **values,
        number=number,
        state=turn.state.value,
        tools=json.dumps(turn.tools),
        **_columns(turn.usage),
    )


def _title_row(conversation_id: str, title: str) -> AISearch:
    return AISearch(conversation_id=conversation_id, turn_id=None, words=searchable(title))


def _words_row(turn: Turn) -> AISearch:
    words = searchable(turn.question, turn.answer)
    return AISearch(conversation_id=turn.conversation_id, turn_id=turn.id, words=words)


def _usage_row(record: UsageRecord) -> AIUsage:
    values = record.model_dump(exclude={"usage", "state"})
    return AIUsage(
        **values, day=record.at.date(), state=record.state.value, **_columns(record.usage)
    )


def _to_usage_row(found: tuple) -> UsageRow:
    names = ("day", "user_id", "provider", "model", "answers", "failed", "estimated", "unpriced")
    values = dict(zip((*names, "input_tokens", "output_tokens", "cost"), found, strict=True))
    values["cost"] = Decimal(int(values["cost"])) / NANOS
    return UsageRow(**values)
