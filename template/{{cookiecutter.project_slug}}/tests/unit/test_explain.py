"""Errors in words."""

import pytest

from app.cli import commands
from app.core import explain
from app.core.component import Component
from app.core.explain import error_line, explanation


def explain_connection(error: BaseException) -> str | None:
    if isinstance(error, ConnectionError):
        return "The server at db://app:hunter2@host is away"
    return None


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "COMPONENTS", [Component(name="db", explain=explain_connection)])


def test_an_error_is_explained_by_whoever_knows_it() -> None:
    assert error_line(ConnectionError("no")) == "The server at db://app:***@host is away"
    assert explanation(ValueError("no")) is None
    assert error_line(ValueError("password=hunter2")) == "ValueError: password=***"


def test_the_command_line_shows_what_it_can_explain_and_raises_what_may_be_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail_with(error: Exception) -> None:
        def fail() -> None:
            raise error

        monkeypatch.setattr(commands, "build_cli", lambda: fail)

    fail_with(ConnectionError("no"))
    with pytest.raises(SystemExit, match="1"):
        commands.main()
    assert capsys.readouterr().err == "Error: The server at db://app:***@host is away\n"
    fail_with(ValueError("a bug"))
    with pytest.raises(ValueError, match="a bug"):
        commands.main()
