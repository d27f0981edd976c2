"""Running one command, and what it cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of the processor for the command and its children."""

    wall: float
    cpu: float


class CommandError(Exception):
    """A measured command failed, or did not do what it is measured for."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Nothing of this machine but its programs, and a home and a git identity of our own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Bench",
        "GIT_AUTHOR_EMAIL": "bench@example.org",
        "GIT_COMMITTER_NAME": "Bench",
        "GIT_COMMITTER_EMAIL": "bench@example.org",
        **more,
    }


def make_home(home: Path, more: str = "") -> None:
    """A home with a git identity, for tools that read it from the file."""
    home.mkdir(parents=True)
    identity = "[user]\n\tname = Bench\n\temail = bench@example.org\n"
    settings = "[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n"
    (home / ".gitconfig").write_text(identity + settings + more)


def run(argv: Sequence[str], where: Path, variables: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end; what it says goes to the log."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            argv,
            cwd=where,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        last = " / ".join(line.strip() for line in said[-2:]) or "it said nothing"
        raise CommandError(f"{Path(argv[0]).name}: status {process.returncode}: {last[:200]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def median(costs: Sequence[Cost]) -> Cost:
    """The middle of each."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
    )
