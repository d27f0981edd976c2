"""The web process when it cannot start."""

import os
import socket
import subprocess
import sys

CODE = """
from app.core import resources
from app.core.errors import ConfigurationError
from app.entrypoints.webserver import main

def refuse():
    raise ConfigurationError(["QUEUE_URL: nobody answers there"])

resources.shared_resources = refuse
main()
"""


def test_what_is_missing_is_said_in_a_line_and_not_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {"HOST": "127.0.0.1", "PORT": port}
    command = [sys.executable, "-c", CODE]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    # The supervisor does not start again what ends with 2.
    assert found.returncode == 2
    assert "QUEUE_URL: nobody answers there" in found.stderr
    assert "Traceback" not in found.stderr
