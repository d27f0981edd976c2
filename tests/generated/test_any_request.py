"""A generated API answers whatever its schema allows, to strangers, users and administrators.

It takes minutes: `tox -e fuzz-api`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.application import run
from tests.support.reporter import Silent

INSIDE = Path(__file__).with_name("any_request.py")
EXAMPLES = os.environ.get("AEGIS_FUZZ_API")

pytestmark = pytest.mark.skipif(EXAMPLES is None, reason="tox -e fuzz-api")


def test_no_request_makes_the_application_fail(tmp_path: Path) -> None:
    """Schemathesis makes the requests, from the application's own schema."""
    stack = ("database", "scheduler", "worker", "auth", "ai")
    root = create(Request("my-app", tmp_path, components=stack), Silent()).root
    run(root, "uv", "sync", "--quiet")
    run(root, "uv", "pip", "install", "--quiet", "schemathesis>=4.32,<5")
    place = root / "tests/auth/test_any_request.py"
    shutil.copyfile(INSIDE, place)
    # Warnings of Schemathesis are not the project's.
    command = (".venv/bin/pytest", "-q", "-rP", "-W", "default", str(place))
    print(run(root, *command, EXAMPLES=str(EXAMPLES)))  # noqa: T201
