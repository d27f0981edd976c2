"""A database that lacks migrations: a command says in one line what to run, the API answers 503."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.cli import commands
from app.core.db import db_session
from app.core.explain import explanation
from tests.database.support import MigrationFolder


def failure(statement: str) -> str | None:
    """How a statement that fails is explained."""
    with pytest.raises(Exception, match="things") as raised, db_session() as session:
        session.connection().execute(text(statement))
    return explanation(raised.value)


def test_a_missing_table_is_explained_by_the_migration_that_makes_it(
    folder: MigrationFolder,
) -> None:
    folder.add("members", "members_0001", "things")
    found = failure("SELECT * FROM things")
    assert found is not None
    assert "things" in found
    assert found.endswith("Apply them with: make migrate")
    assert "\n" not in found


def test_a_mistake_in_a_statement_stays_what_it_is() -> None:
    assert failure("SELECT * FROM things") is None


def test_a_command_ends_with_one_line(
    folder: MigrationFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.add("members", "members_0001", "things")

    def command() -> None:
        with db_session() as session:
            session.connection().execute(text("SELECT * FROM things"))

    monkeypatch.setattr(commands, "build_cli", lambda: command)
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Error: The database lacks migrations")
    assert shown.count("\n") == 1


def status_of_a_request(app: FastAPI) -> tuple[int, str]:
    """What the API answers when a route needs a table that is not there."""

    @app.get("/tests/things")
    async def things() -> None:
        async with db_session() as session:
            await (await session.connection()).execute(text("SELECT * FROM things"))

    answer = TestClient(app).get("/tests/things")
    return answer.status_code, answer.json().get("detail", "")


def test_the_api_says_that_it_cannot_work_yet(
    folder: MigrationFolder, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    folder.add("members", "members_0001", "things")
    status, detail = status_of_a_request(app)
    assert status == 503
    assert detail == "The database lacks migrations: nobody has applied them yet."
    assert "unhandled_exception" not in caplog.text


def test_a_mistake_in_a_statement_of_the_api_stays_what_it_is(app: FastAPI) -> None:
    assert status_of_a_request(app)[0] == 500
