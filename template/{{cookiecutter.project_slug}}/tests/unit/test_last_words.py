"""In production each line is JSON, also those that Python itself would write."""

import json
import os
import subprocess
import sys

from app.core.constants import ROOT

PROGRAM = """
import threading, warnings
from app.core.config import settings
from app.core.logging import configure_logging

class Careless:
    def __del__(self):
        raise ValueError("in del")

configure_logging(settings)
warnings.warn("token=hunter2 is old", stacklevel=1)
threading.Thread(target=lambda: 1 / 0, name="counter").start()
careless = Careless()
del careless
raise RuntimeError("two\\nlines")
"""


def test_warnings_and_what_nobody_catches_are_json() -> None:
    # `test`: neither `.env` nor secrets of this machine are read.
    environment = {**os.environ, "APP_ENV": "test", "LOG_FORMAT": "json", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    lines = {line["event"]: line for line in map(json.loads, done.stderr.splitlines())}
    assert set(lines) == {"python_warning", "thread_failed", "exception_ignored", "process_failed"}
    assert lines["python_warning"]["message"] == "token=*** is old"
    assert lines["thread_failed"]["thread"] == "counter"
    assert "ZeroDivisionError" in lines["thread_failed"]["exception"]
    assert "Careless.__del__" in lines["exception_ignored"]["where"]
    assert "RuntimeError: two" in lines["process_failed"]["exception"]
