"""What git is asked, and how, stands in one package: elsewhere a mistake in its arguments would not be looked for."""

from __future__ import annotations

import ast
from pathlib import Path

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
