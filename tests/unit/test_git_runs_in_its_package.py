"""What git is asked, and how, stands in one package: elsewhere a mistake in its arguments would not be looked for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import aegis_cli

ROOT = Path(aegis_cli.__file__).parent


def runs_git(call: ast.Call) -> bool:
    """Return whether a call is `git.run(...)`, `X.git.run(...)` or `Git(...).run(...)`."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr in ("run", "start")):
        return False
    return "git" in ast.unparse(function.value).lower()


def test_no_arguments_of_git_elsewhere() -> None:
    calls = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.rglob("*.py")
        if "{" not in str(path)  # a template
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and runs_git(node)
    }
    assert calls == {"git"}


def offered() -> set[str]:
    """Return the names of all functions and methods of git's package."""
    return {
        node.name
        for path in (ROOT / "git").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


def beginning(node: ast.expr) -> str:
    """Return what a text in a call begins with; empty where that is no text, or only known when it runs."""
    match node:
        case ast.Starred(value=inner):
            return beginning(inner)
        case ast.IfExp(body=one, orelse=other):
            return beginning(one) or beginning(other)
        case ast.JoinedStr(values=[first, *_]):
            return beginning(first)
        case ast.Constant(value=str(text)):
            return text
        case ast.List(elts=[first, *_]) | ast.Tuple(elts=[first, *_]):
            return beginning(first)
    return ""


def is_option(text: str) -> bool:
    """Return whether a text is an option, a pathspec with magic or a refspec."""
    return text.startswith(("--", ":(", "+refs/")) or (len(text) == 2 and text.startswith("-"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('repository.newest("--max-count=3")', True),
        ('x.fetch(a, *["--prune"])', True),
        ('x.fetch(a, f"--depth={n}")', True),
        ('x.fetch(a, "--prune" if all else "")', True),
        ('x.changing([":(top)a"])', True),
        ('tell_newer(template, revision, "--to")', False),
        ('x.fetch(a, "main")', False),
    ],
)
def test_what_is_taken_for_an_option_of_git(code: str, expected: bool) -> None:
    (call,) = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    assert bool(options_of_git(call, {"newest", "fetch", "changing"})) == expected


def options_of_git(call: ast.Call, names: set[str]) -> list[str]:
    """Return the options in a call of something that git's package offers."""
    called = (
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    )
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [text for text in map(beginning, values) if is_option(text)] if called in names else []


def test_no_options_of_git_elsewhere() -> None:
    """What git's package offers is asked for in words of ours, not in git's."""
    names = offered()
    assert len(names) > 100
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}": options
        for path in ROOT.rglob("*.py")
        if "{" not in str(path) and path.relative_to(ROOT).parts[0] != "git"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and (options := options_of_git(node, names))
    }
    assert found == {}
