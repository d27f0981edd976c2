"""{{ cookiecutter.title }}, without a server."""

import pytest
from typer.testing import CliRunner

from app.cli.commands import build_cli
from app.core.config import settings
from app.core.errors import AppError
from app.services.{{ cookiecutter.package }} import greeting, health

WORD = settings.{{ cookiecutter.prefix }}_WORD


def test_it_greets_with_the_word_of_the_settings() -> None:
    assert greeting.greet("Ada").text == f"{WORD}, Ada!"


def test_nobody_cannot_be_greeted() -> None:
    with pytest.raises(AppError, match="Whom"):
        greeting.greet(" ")


async def test_it_is_healthy() -> None:
    assert (await health.check()).state == "healthy"


async def test_without_a_word_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = settings.model_copy(update={"{{ cookiecutter.prefix }}_WORD": " "})
    monkeypatch.setattr(health, "settings", blank)
    assert (await health.check()).state == "degraded"


def test_the_command_greets() -> None:
    result = CliRunner().invoke(build_cli(), ["{{ cookiecutter.name }}", "greet", "Ada"])
    assert (result.exit_code, result.output) == (0, f"{WORD}, Ada!\n")
