"""The web process when it cannot start."""

import os
import socket
import subprocess
import sys

import pytest

CODE = """
import sys
from app.core import errors, resources
from app.entrypoints.webserver import main

def refuse():
    raise getattr(errors, sys.argv[1])(["QUEUE_URL: nobody answers there"])

resources.shared_resources = refuse
main()
"""


@pytest.mark.parametrize(("error", "code"), [("ConfigurationError", 2), ("UnavailableError", 1)])
def test_what_is_missing_is_said_in_a_line_and_a_bad_setting_not_tried_again(
    error: str, code: int
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": port}
    command = [sys.executable, "-c", CODE, error]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    # The supervisor does not start again what ends with 2.
    assert found.returncode == code
    assert "QUEUE_URL: nobody answers there" in found.stderr
    assert "Traceback" not in found.stderr
