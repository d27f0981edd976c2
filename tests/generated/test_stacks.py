"""Every stack gives a project that lints, type-checks, passes its own tests and boots (promise 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import get, run, served
from tests.support.reporter import Silent

STACKS = [
    (),
    ("database",),
    ("redis",),
    ("scheduler",),
    ("scheduler", "database"),
    ("database", "redis", "scheduler"),
]


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: "+".join(stack) or "base")
def test_a_stack_passes_its_own_checks_and_boots(stack: tuple[str, ...], tmp_path: Path) -> None:
    """Lint, format, types and the project's own tests have no findings, and `/health` answers."""
    root = create(Request("my-app", tmp_path, components=stack), Silent()).root
    run(root, "uv", "sync", "--quiet")
    run(root, "make", "check")
    with served(root) as address:
        assert get(f"{address}/health")["healthy"] is True
    assert run(root, "git", "status", "--porcelain") in ("", "?? uv.lock\n")
