"""Which of the application's processes this one is."""

import os

PROCESS_VARIABLE = "SERVED_PROCESS"
"""In the environment: a reloader starts the web process anew, in a process of its own."""


def this_process() -> str | None:
    """Its name, such as `web` or `worker-system`; None: a command, or a test."""
    return os.environ.get(PROCESS_VARIABLE)
