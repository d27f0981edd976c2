"""The processes that this application consists of."""

import os

from app.core.component import Process
from app.core.this_process import PROCESS_VARIABLE
from app.stack import COMPONENTS


def serve_web(*options: str) -> None:
    """Be the web process, or one that has several of them. What is to be restarted is one."""
    from app.core.config import settings
    from app.core.this_process import this_number

    if settings.WEB_WORKERS > 1 and this_number() is None and "--reload" not in options:
        from app.entrypoints.web_processes import serve_several

        serve_several()
        return
    from app.entrypoints.webserver import main

    main(*options)


def web_stop_seconds() -> float:
    """First load balancers are told, then requests end; who has several of them ends after them."""
    from app.core.config import settings

    last = 2.0 if settings.WEB_WORKERS > 1 else 0.0
    return settings.WEB_DRAIN_SECONDS + settings.WEB_STOP_SECONDS + last


def processes() -> list[Process]:
    """All of them. A name such as `worker-system` belongs to the group `worker`."""
    return [
        Process("web", serve_web, stop_seconds=web_stop_seconds),
        *(process for component in COMPONENTS for process in component.processes()),
        # Your processes
    ]


def find_processes(words: list[str]) -> list[Process]:
    """Those that the words name: `web`, `worker-system`, `worker system` or all of `worker`."""
    known = processes()
    if not words:
        return known
    together = [p for p in known if p.name == "-".join(words)]
    if together:
        return together
    found: list[Process] = []
    for word in words:
        matching = [p for p in known if p.name == word]
        matching = matching or [p for p in known if p.name.startswith(f"{word}-")]
        if not matching:
            names = ", ".join(p.name for p in known)
            raise LookupError(f"There is no process called {word!r}. There are: {names}.")
        found.extend(p for p in matching if p not in found)
    return found


def run_process(process: Process, options: list[str]) -> None:
    """Be that process."""
    from app.core.supervisor import end_with_supervisor

    end_with_supervisor()
    os.environ[PROCESS_VARIABLE] = process.name
    process.target(*process.args, *options)
