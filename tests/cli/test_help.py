"""`--help`: no types of Python, examples that are commands, no word cut, at any width."""

from __future__ import annotations

import shlex
from importlib import import_module
from inspect import isfunction

import pytest
from typer.main import get_command

from aegis_cli.cli.app import command_line
from aegis_cli.cli.help import EXAMPLES, GROUPS
from tests.support.project import Aegis

COMMANDS = [name for _, names in GROUPS.values() for name in names]


@pytest.mark.parametrize("module", sorted(module for module, _ in GROUPS.values()))
def test_every_command_is_in_a_group(module: str) -> None:
    """None is forgotten: what a module of commands has in public is one."""
    held = vars(import_module(f"aegis_cli.cli.commands.{module}"))
    public = {name.replace("_", "-") for name, each in held.items() if isfunction(each)
              and each.__module__.endswith(f".{module}") and not name.startswith("_")}  # fmt: skip
    assert public == {name for where, names in GROUPS.values() if where == module for name in names}


def test_every_command_has_examples() -> None:
    """And nothing else has."""
    assert set(COMMANDS) == EXAMPLES.keys() - {"aegis"}


@pytest.mark.parametrize("columns", ["60", "80", "120"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_it_is_laid_out(
    aegis: Aegis, monkeypatch: pytest.MonkeyPatch, command: str, columns: str
) -> None:
    """As wide as the terminal, without `<str>` and its like, without an end cut off."""
    monkeypatch.setenv("COLUMNS", columns)
    code, text, _ = aegis(*command.split(), "--help")
    assert code == 0
    assert "Examples:\n  aegis" in text
    assert max(map(len, text.splitlines())) <= int(columns)
    for sign in ("<", ">", "list[", "[[", "{", "...\n", "[default", "[required"):
        assert sign not in text.replace("NAMES...\n", "").replace("COMMIT...\n", "").replace(
            "PATH...\n", ""
        ).replace("[ARGS]...\n", ""), sign


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_examples_are_commands(aegis: Aegis, example: str) -> None:
    """The parser takes them: with `--help` behind, so that nothing is done."""
    assert aegis(*shlex.split(example)[1:], "--help")[0] == 0
    command, *words = shlex.split(example)[1:]
    group = get_command(command_line())
    with group.commands[command].make_context(command, words, resilient_parsing=True) as context:
        assert not context.args


def test_suggestions_are_near(aegis: Aegis) -> None:
    """A typing error is found; what has nothing in common is not suggested."""
    for word, known in (("nonsense", False), ("shceduler", True), ("databse", True), ("pg", False)):
        _, _, said = aegis("init", "app", "-y", "--dry-run", "-c", word)
        assert ("Did you mean" in said) == known, said
