"""Sessions: in plain functions, coroutines, routes and tests."""

import asyncio
import warnings

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.components.backend.api.session import AsyncSessionDep, SessionDep
from app.core.db import Database, async_db_session, db_session
from tests.database.support import bodies, insert, insert_async


@pytest.mark.usefixtures("notes")
def test_a_block_commits_at_its_end() -> None:
    with db_session() as session:
        insert(session, "kept")
    assert bodies() == ["kept"]


@pytest.mark.usefixtures("notes")
def test_an_exception_rolls_back() -> None:
    def fail() -> None:
        with db_session() as session:
            insert(session, "lost")
            insert(session, None)

    with pytest.raises(IntegrityError):
        fail()
    assert bodies() == []


@pytest.mark.usefixtures("notes")
def test_an_error_does_not_repeat_what_people_wrote() -> None:
    """It ends in logs, and on the dashboard."""
    statement = text("INSERT INTO nowhere VALUES (:body)")
    with pytest.raises(DBAPIError) as caught, db_session() as session:
        session.connection().execute(statement, {"body": "my secret"})
    assert "my secret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.usefixtures("notes")
async def test_an_error_of_a_coroutine_does_not_either() -> None:
    async def fail() -> None:
        async with db_session() as session:
            connection = await session.connection()
            statement = text("INSERT INTO nowhere VALUES (:body)")
            await connection.execute(statement, {"body": "my secret"})

    with pytest.raises(DBAPIError) as caught:
        await fail()
    assert "my secret" not in f"{caught.value!r} {caught.value}"


@pytest.mark.usefixtures("notes")
async def test_a_block_of_a_coroutine_does_the_same() -> None:
    async def fail() -> None:
        async with db_session() as session:
            await insert_async(session, "lost")
            await insert_async(session, None)

    async with db_session() as session:
        await insert_async(session, "kept")
    with pytest.raises(IntegrityError):
        await fail()
    assert await asyncio.to_thread(bodies) == ["kept"]


@pytest.mark.usefixtures("notes")
async def test_a_coroutine_that_is_cancelled_rolls_back() -> None:
    is_written = asyncio.Event()

    async def work() -> None:
        async with db_session() as session:
            await insert_async(session, "lost")
            is_written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await is_written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(bodies) == []


@pytest.mark.usefixtures("notes")
async def test_the_name_of_earlier_releases_works() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with async_db_session() as session:
            await insert_async(session, "kept")
    assert await asyncio.to_thread(bodies) == ["kept"]


async def test_a_session_of_a_coroutine_leaves_nothing_open() -> None:
    async with db_session() as session:
        await session.connection()


async def test_a_plain_block_in_a_coroutine_is_refused_before_it_begins(
    empty_database: Database,
) -> None:
    sentence = r"Write `async with db_session\(\) as session:`"
    with pytest.raises(RuntimeError, match=sentence), db_session():
        pytest.fail("it has begun")
    assert empty_database._engine is None, "nobody has even connected"


@pytest.mark.usefixtures("notes")
def test_routes(app: FastAPI) -> None:
    @app.post("/note")
    def add(session: SessionDep, body: str | None = None) -> str:
        insert(session, body)
        return "done"

    @app.post("/async-note")
    async def add_async(session: AsyncSessionDep, body: str | None = None) -> str:
        await insert_async(session, body)
        return "done"

    @app.post("/both")
    async def add_by_both(session: SessionDep, other: AsyncSessionDep) -> str:
        return f"{type(session).__name__} {type(other).__name__}"

    @app.post("/refused")
    async def add_wrongly() -> None:
        with db_session() as session:
            insert(session, "never")

    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/note", "/async-note"):
            assert client.post(path, params={"body": path}).status_code == 200
            assert client.post(path).status_code == 500, "a failed commit is no success"
        assert client.post("/both").json() == "Session AsyncSession"
        assert client.post("/refused").status_code == 500
    assert sorted(bodies()) == ["/async-note", "/note"]


def test_a_test_gets_a_session(db_session: Session) -> None:
    assert isinstance(db_session, Session)


async def test_a_test_that_is_a_coroutine_gets_one_for_coroutines(db_session: AsyncSession) -> None:
    connection = await db_session.connection()
    assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
