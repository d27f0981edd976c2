"""Which of the application's processes this one is."""

import os
from datetime import UTC, datetime
from pathlib import Path

PROCESS_VARIABLE = "SERVED_PROCESS"
"""In the environment: a reloader starts the web process anew, in a process of its own."""
NUMBER_VARIABLE = "SERVED_NUMBER"
"""Likewise: which one of `WEB_WORKERS` it is."""
SINCE_VARIABLE = "SERVED_SINCE"
"""Likewise: when they were started, all together."""
FOLDER_VARIABLE = "SERVED_FOLDER"
"""Likewise: a folder of theirs, which goes when they do."""


def this_process() -> str | None:
    """Its name, such as `web` or `worker-system`; None: a command, or a test."""
    return os.environ.get(PROCESS_VARIABLE)


def this_number() -> int | None:
    """Its number, from 1 on, where `WEB_WORKERS` are several; None: there is but one of its name."""
    number = os.environ.get(NUMBER_VARIABLE, "")
    return int(number) if number.isdecimal() else None


def this_folder() -> Path | None:
    """What it has in common with the others, where `WEB_WORKERS` are several."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder) if folder else None


def this_name() -> str:
    """Its name with its number, such as `web-2`: there is no other one on this machine."""
    name, number = this_process() or "web", this_number()
    return name if number is None else f"{name}-{number}"


def started_at() -> datetime:
    """When it was started: of several, when the first one was. One that replaces another is not new."""
    since = os.environ.get(SINCE_VARIABLE)
    return datetime.fromisoformat(since) if since else datetime.now(UTC)
