"""The web process: how it starts, and when it cannot."""

import os
import socket
import subprocess
import sys

import pytest

REFUSE = """
import sys
from app.core import errors, resources
from app.entrypoints.webserver import main

def refuse():
    raise getattr(errors, sys.argv[1])(["QUEUE_URL: nobody answers there"])

resources.shared_resources = refuse
main()
"""
START = """
import gc, os, signal
from contextlib import asynccontextmanager
from app.core import resources
from app.entrypoints import webserver

@asynccontextmanager
async def tell():
    print(gc.isenabled())
    yield
    print(gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects()))

resources.shared_resources = lambda: [tell()]
webserver.announce = lambda: os.kill(os.getpid(), signal.SIGINT)
webserver.main()
"""


def start(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Start a web process, and wait for its end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": port}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("error", "code"), [("ConfigurationError", 2), ("UnavailableError", 1)])
def test_what_is_missing_is_said_in_a_line_and_a_bad_setting_not_tried_again(
    error: str, code: int
) -> None:
    found = start(REFUSE, error)
    # The supervisor does not start again what ends with 2.
    assert found.returncode == code
    assert "QUEUE_URL: nobody answers there" in found.stderr
    assert "Traceback" not in found.stderr


def test_what_is_loaded_at_the_start_is_not_looked_through_for_garbage() -> None:
    found = start(START)
    assert (found.returncode, found.stdout.split()) == (0, ["False", "True", "True"]), found.stderr
