"""Every stack gives a project that lints, type-checks, passes its own tests and boots (promise 2)."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.operations.create import Request, create
from tests.support.application import get, run, served
from tests.support.compose import checked_compose
from tests.support.reporter import Silent
from tests.support.stacks import Stack


def test_a_stack_has_no_findings_and_boots(stack: Stack, tmp_path: Path) -> None:
    """Lint, format and types have no findings, compose is valid, and `/health` answers."""
    root = made(stack, tmp_path)
    run(root, "make", "lint", "typecheck")
    checked_compose(root)
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True
    assert run(root, "git", "status", "--porcelain") in ("", "?? uv.lock\n")


def test_a_stack_passes_its_own_tests(stack: Stack, tmp_path: Path) -> None:
    """So does whoever gets it and types `make test`."""
    root = made(stack, tmp_path)
    run(root, "make", "test")
    assert run(root, "git", "status", "--porcelain") in ("", "?? uv.lock\n")


def made(stack: Stack, folder: Path) -> Path:
    """Return a project with a stack, installed."""
    root = create(Request("my-app", folder, components=stack), Silent()).root
    run(root, "uv", "sync", "--quiet")
    return root
