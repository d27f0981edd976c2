"""The search of conversations, with the index of the database system: FTS5, or GIN."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal_column, select, table
from sqlmodel import col

from app.models.ai import AIConversation, AISearch

_FTS = table("ai_search_fts", column("rowid"), column("rank"), column("ai_search_fts"))
_VECTOR: ColumnElement[str] = literal_column("to_tsvector('simple', ai_search.words)")

SHORTEST_BEGINNING = 3

Ranked = Select[Any, Any]
"""Ids, and ranks."""


def is_beginning(word: str) -> bool:
    """Whether longer words that begin so are meant as well."""
    return len(word) >= SHORTEST_BEGINNING


def found_by(system: str, words: Sequence[str]) -> Ranked:
    """Rows of the search that have any of these words, and how well: the smaller, the better.

    From three letters on the beginning of a word is enough; with fewer, too much begins so. The words
    are letters and digits, see `search_words`.
    """
    if system == "sqlite":
        query = " OR ".join(f'"{word}"{"*" if is_beginning(word) else ""}' for word in words)
        matches = _FTS.c.ai_search_fts.op("MATCH")(query)
        return select(_FTS.c.rowid.label("id"), _FTS.c.rank.label("rank")).where(matches)
    wanted = func.to_tsquery(
        literal_column("'simple'"),
        " | ".join(f"{w}{':*' if is_beginning(w) else ''}" for w in words),
    )
    rank = (-func.ts_rank(_VECTOR, wanted)).label("rank")
    return select(col(AISearch.id).label("id"), rank).where(_VECTOR.op("@@")(wanted))


def conversations_with(system: str, word: str) -> Select[str]:
    """The ids of the conversations in which a word occurs."""
    ids = select(found_by(system, [word]).subquery().c.id)
    return select(col(AISearch.conversation_id)).where(col(AISearch.id).in_(ids))


def ranked(system: str, words: Sequence[str], user_id: str) -> Ranked:
    """A user's conversations with any of the words, each with the rank of its best row."""
    found = found_by(system, words).subquery()
    best = func.min(found.c.rank).label("rank")
    joined = select(col(AISearch.conversation_id).label("id"), best).join(
        found, found.c.id == col(AISearch.id)
    )
    owned = joined.join(AIConversation, col(AIConversation.id) == col(AISearch.conversation_id))
    owned = owned.where(col(AIConversation.user_id) == user_id)
    return owned.group_by(col(AISearch.conversation_id))
