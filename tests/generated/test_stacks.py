"""Every stack gives a project that lints, type-checks, passes its own tests and boots (promise 2)."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations.create import Request, create
from tests.support.application import get, run, served
from tests.support.compose import checked_compose
from tests.support.reporter import Silent
from tests.support.stacks import Stack


def test_a_stack_passes_its_own_checks_and_boots(stack: Stack, tmp_path: Path) -> None:
    """Lint, format, types and the project's own tests have no findings, compose is valid, and `/health` answers."""
    root = create(Request("my-app", tmp_path, components=stack), Silent()).root
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "check")
    checked_compose(root)
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True
    assert run(root, "git", "status", "--porcelain") in ("", "?? uv.lock\n")
