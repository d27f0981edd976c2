"""Which git commands a command runs, and how long they take: `python scripts/git_times.py aegis update`.

Git itself writes the log (GIT_TRACE2_EVENT, see git's api-trace2); this adds it up. A git that answers many questions
(`cat-file --batch`) counts from its start to its end.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Run:
    """One run of git.

    Attributes:
        argv: Its command line.
        ms: How long it ran.
        code: How it ended; None: it was killed.
    """

    argv: list[str] = field(default_factory=list)
    ms: float = 0.0
    code: int | None = None


def runs(events: Iterable[str]) -> list[Run]:
    """Return the runs that a log of git's tells of, in the order of their starts."""
    found: dict[str, Run] = {}
    for line in events:
        event: dict[str, Any] = json.loads(line)
        run = found.setdefault(event["sid"], Run())
        if event["event"] == "start":
            run.argv = event["argv"]
        elif event["event"] == "atexit":
            run.ms, run.code = event["t_abs"] * 1000, event["code"]
    return list(found.values())


def shown(argv: Sequence[str]) -> str:
    """Return a command line without the settings that all of them are given."""
    words = list(argv)
    while "-c" in words:
        start = words.index("-c")
        del words[start : start + 2]
    return " ".join(words)[:160]


def table(all_runs: Sequence[Run]) -> str:
    """Return each run, and what all of them come to."""
    lines = [f"{'ms':>8}  {'rc':>3}  command"]
    for run in all_runs:
        code = "?" if run.code is None else str(run.code)
        lines.append(f"{run.ms:8.1f}  {code:>3}  {shown(run.argv)}")
    lines.append(f"{sum(run.ms for run in all_runs):8.1f}       in {len(all_runs)} runs of git")
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Run a command and show the git commands that it ran; return its exit status."""
    if not argv:
        sys.exit(f"usage: {Path(__file__).name} COMMAND...")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "events"
        log.touch()
        try:
            done = subprocess.run(
                argv, env={**os.environ, "GIT_TRACE2_EVENT": str(log)}, check=False
            )
        except OSError as error:
            sys.exit(f"{argv[0]}: {error.strerror}")
        # Not `splitlines`: a line of git's can hold what Python takes for a line's end as well.
        lines = log.read_text("utf-8", "replace").split("\n")
        print(table(runs(filter(None, lines))), file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
