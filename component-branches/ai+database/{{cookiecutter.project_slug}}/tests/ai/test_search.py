"""The search of conversations, on the database system of the tests."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.db import current_database, db_session, use_database
from app.core.db.migrations import check_models, downgrade, upgrade
from app.services.ai.database_search import conversations_with
from app.services.ai.database_storage import DatabaseStorage
from app.services.ai.search_words import MOST_CHARACTERS, words_of
from app.services.database.copying import copy_from
from tests.ai.test_database_storage import begin, turn_of
from tests.ai.test_usage import record
from tests.fixtures.database import Databases

KEPT = DatabaseStorage()
OLD = (
    "INSERT INTO ai_conversation VALUES ('c', '7', 'Old', '2026-01-01', '2026-01-01',"
    " 1, '', 0, 0, 0, NULL, false)",
    "INSERT INTO ai_turn VALUES ('t', 'c', 1, 'What is a lamp?', 'Light.', 'complete',"
    " '', 'demo', 'm', 0, 0, NULL, false, '[]', '2026-01-01', 0)",
)


async def found(search: str, user_id: str = "7") -> list[str]:
    """The titles that are found."""
    return [c.title for c in await KEPT.conversations(user_id, limit=10, search=search)]


async def say(title: str, *texts: str, user_id: str = "7") -> str:
    """A conversation with turns; its id."""
    conversation = await begin(KEPT, title, user_id)
    for said in texts:
        await KEPT.add_turn(turn_of(conversation, said, "zzz"), record())
    return conversation.id


@pytest.mark.parametrize(
    "search",
    ["cafe", "CAFÉ", "strasse", "Straße", "über", "uber", "caf", "日本", "3.14", "cafe uber"],
)
async def test_spelling_makes_no_difference(search: str) -> None:
    await say("One", "Das Café in der Straße, ÜBER 日本語, kostet 3.14")
    await say("Other", "nothing of that")
    assert await found(search) == ["One"]


@pytest.mark.parametrize(
    "search",
    [
        "don't", 'don"t', "c++", "a-b", "user:x", "(", "*", "AND", "NOT", "NEAR(a b)", "a* OR b", "^a",
        "'; DROP TABLE ai_turn; --", "a & b | !c", "a:*", "\\", "<->", "{a b}: c", "x" * 200,
    ],
)  # fmt: skip
async def test_no_text_is_a_query(search: str) -> None:
    await say("One", f"It says {search} here")
    await say("Other", "zzz")
    assert await found(search) in (["One"], [])
    assert (await found(search) == ["One"]) is bool(words_of(search))


async def test_the_best_comes_first() -> None:
    await say("Twice", "lamp lamp", "A long text about many other things and only one lamp in it")
    await say("Long", "A long text about many other things, and among them there is also one lamp")
    await say("Newer", "Nothing", "of the kind, but lamps are mentioned here, within more words")
    assert (await found("lamp"))[0] == "Twice"
    assert len(await found("lamp")) == 3


async def test_words_may_stand_apart_but_all_of_them_must_be_there() -> None:
    await say("About hooks", "cats", "dogs")
    assert await found("hooks dogs cats") == ["About hooks"]
    assert await found("hooks birds") == []
    assert await found("hooks", user_id="8") == []


async def test_it_is_kept_in_step() -> None:
    one = await say("Before", "lamp")
    assert await KEPT.rename(one, "8", "Stolen") is False
    assert await found("before") == ["Before"]
    await KEPT.rename(one, "7", "After")
    assert (await found("before"), await found("after lamp")) == ([], ["After"])
    await KEPT.delete(one, "7")
    assert (await found("after"), await found("lamp")) == ([], [])
    async with db_session() as session:
        connection = await session.connection()
        assert (await connection.execute(text("SELECT count(*) FROM ai_search"))).scalar_one() == 0
        if connection.dialect.name == "sqlite":
            check = "INSERT INTO ai_search_fts(ai_search_fts) VALUES ('integrity-check')"
            await connection.execute(text(check))


async def test_a_text_without_end_can_be_kept() -> None:
    await say("Endless", "first " + "word%d " * 3 + " ".join(f"w{n}" for n in range(300_000)))
    assert await found("first") == ["Endless"]
    assert len(words_of("a " * MOST_CHARACTERS)) <= MOST_CHARACTERS / 2


async def test_the_index_is_used() -> None:
    await say("One", "lamp")
    system = current_database().dialect.title
    async with db_session() as session:
        connection = await session.connection()
        if system == "SQLite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            triggers = list((await connection.execute(text(names))).scalars())
            assert triggers == ["ai_search_added", "ai_search_changed", "ai_search_removed"]
            return
        await connection.execute(text("SET enable_seqscan = off"))
        query = "SELECT id FROM ai_search WHERE to_tsvector('simple', words) @@ 'lamp'"
        plan = " ".join((await connection.execute(text(f"EXPLAIN {query}"))).scalars())
        assert "fts_ai_search_words" in plan


def test_what_was_there_before_is_found(database: object) -> None:
    downgrade("ai_database@ai_database_0001")
    with db_session() as session:
        for statement in OLD:
            session.connection().execute(text(statement))
    upgrade()
    check_models()
    with db_session() as session:
        rows = session.connection().execute(text("SELECT words FROM ai_search ORDER BY id"))
        assert list(rows.scalars()) == ["old", "what is a lamp light"]


def test_a_copied_database_can_be_searched(databases: Databases, tmp_path: Path) -> None:
    places = (tmp_path / "old", tmp_path / "new")
    for place in places:
        place.mkdir()
    old, new = map(databases.migrated, places)
    try:
        with use_database(old), db_session() as session:
            for statement in OLD:
                session.connection().execute(text(statement))
            words = "INSERT INTO ai_search VALUES (1, 'c', 't', 'what is a lamp')"
            session.connection().execute(text(words))
        with use_database(new):
            copy_from(old.dialect.sync_url.render_as_string(hide_password=False))
            copy_from(old.dialect.sync_url.render_as_string(hide_password=False), replace=True)
            with db_session() as session:
                query = conversations_with(session.get_bind().dialect.name, "lamp")
                assert list(session.connection().execute(query).scalars()) == ["c"]
    finally:
        for database in (old, new):
            databases.discard(database)
