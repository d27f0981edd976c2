"""What is said names commands and options that there are: every text in the code is held against the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import typer.main

import aegis_cli
from aegis_cli.cli.app import command_line
from aegis_cli.errors import AegisError, RenderFailed, UsageError

GROUP = typer.main.get_command(command_line())
HOME = Path(aegis_cli.__file__).parent
# What aegis does, in sentences.
PROSE = frozenset(
    [
        "carries",
        "command",
        "does",
        "goes",
        "has",
        "is",
        "keeps",
        "knows",
        "made",
        "merges",
        "needs",
        "reads",
        "takes",
        "that",
        "user",
        "was",
        "works",
    ]
)
_COMMAND = re.compile(r"\baegis ([a-z][a-z-]*)")
# Where the words of a command end: at the next one, at a sentence's end, at prose that names something else.
_END = re.compile(
    r"\baegis [a-z]|\bgit [a-z]|\buv [a-z]|\b[a-z]+ install|[;`\n]|[.:,?] |\)|&&| \(| or | and "
)
_OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)")


def _texts(node: ast.AST) -> Iterator[str]:
    """Yield each text in a module, with X where a value stands; no docstrings of modules, classes and functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr):
            yield "".join(
                str(v.value) if isinstance(v, ast.Constant) else "X" for v in child.values
            )
            for value in child.values:
                yield from _texts(value)
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        else:
            yield from _texts(child)


def _all_texts() -> Iterator[str]:
    for path in _modules():
        yield from _texts(ast.parse(path.read_text(encoding="utf-8")))


def _modules() -> list[Path]:
    return [
        path
        for path in sorted(HOME.rglob("*.py"))
        if "scaffold" not in path.relative_to(HOME).parts
    ]


def test_commands_and_options_exist() -> None:
    """Each `aegis COMMAND --option` in a text."""
    commands = getattr(GROUP, "commands")  # noqa: B009  (of a group, which the type checker does not know)
    for text in _all_texts():
        for found in _COMMAND.finditer(text):
            name = found[1]
            if name not in commands:
                assert name in PROSE, f"'aegis {name}': {text}"
                continue
            rest = text[found.end() :]
            end = _END.search(rest)
            known = {"--help"}.union(*(p.opts + p.secondary_opts for p in commands[name].params))
            options = _OPTION.findall(rest[: end.start()] if end else rest)
            assert set(options) <= known, f"'aegis {name}' has no {set(options) - known}: {text}"


def test_what_was_left_untouched_ends_what_happened() -> None:
    """Always at the same place, wherever it was said."""
    cases = [
        (
            UsageError("That is no name.", "Nothing was changed. Choose another"),
            "That is no name. Nothing was changed.",
        ),
        (
            UsageError("It has:\n  a\n  b", "Nothing was written. Take one"),
            "It has:\n  a\n  b\nNothing was written.",
        ),
        (UsageError("No", "Nothing was touched."), "No. Nothing was touched."),
    ]
    for error, message in cases:
        assert error.message == message
        assert "Nothing" not in (error.hint or "")
    assert (AegisError("It fails.", "Try").hint, AegisError("It fails.").hint) == ("Try", None)
    broken = RenderFailed("It does not render.")
    broken.advise("Nothing was changed. Wait")
    assert (broken.message, broken.hint) == ("It does not render. Nothing was changed.", "Wait")


def test_every_error_has_a_next_step() -> None:
    """None is made of a message alone, unless all of its kind have a step."""
    kinds = {
        "AegisError",
        "UsageError",
        "NotAProject",
        "RepositoryState",
        "UnknownName",
        "GitMissing",
    }
    found = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in kinds
            ):
                message = next(iter(node.args), None)
                if isinstance(message, (ast.Constant, ast.JoinedStr)) and len(node.args) == 1:
                    found.append(f"{path.name}:{node.lineno}")
    assert not found
