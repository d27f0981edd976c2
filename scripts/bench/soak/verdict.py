"""What came of it: each promise with its figure, and whether it was kept."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .load import Ledger
from .stack import PROCESSES, Measured, Stack

EXPECTED = {
    "health": {200},
    "row": {201, 503},
    "job": {202, 503},
    "me": {200, 401, 503},
    "login": {200, 503},
    "ready": {200, 503},
    "missing": {404},
    "metrics": {200},
}
"""How each kind of request may be answered while servers are away. 401 is before the first login."""
WARM = 0.35
"""The part of the time after which memory is to stay as it is."""
MOST_GROWTH_MB = 6.0
"""How much it may differ between the beginning and the end of the rest."""


class Check(NamedTuple):
    """A promise, what was found, and whether it was kept."""

    promise: str
    found: str
    kept: bool


class Notes(NamedTuple):
    """What was done, by the notes that processes left."""

    jobs: Counter[int]
    planned: Counter[str]
    ticks: Counter[str]

    @classmethod
    def read(cls, file: Path) -> Notes:
        """Read them all."""
        found = cls(Counter(), Counter(), Counter())
        for line in file.read_text().splitlines():
            kind, what = line.split(" ", 1)
            if kind == "job":
                found.jobs[int(what)] += 1
            elif kind == "planned":
                found.planned[what] += 1
            else:
                found.ticks[what] += 1
        return found


def judge(stack: Stack, ledger: Ledger, rows: set[int], ready: int) -> Iterator[Check]:
    """Look at each promise."""
    notes = Notes.read(stack.notes)
    wrong = {
        f"{kind} {status or 'cut'}": count
        for kind, statuses in ledger.answers.items()
        for status, count in statuses.items()
        if status not in EXPECTED[kind]
    }
    yield Check(
        "while servers are away, 503 is the answer, and nothing else", show(wrong), not wrong
    )
    lost_rows = ledger.rows - rows
    yield Check(
        "no row is lost that was accepted", f"{len(lost_rows)} of {len(ledger.rows)}", not lost_rows
    )
    lost = {number for number in ledger.jobs if not notes.jobs[number]}
    yield Check("no job is lost that was accepted", f"{len(lost)} of {len(ledger.jobs)}", not lost)
    for name, counted in notes._asdict().items():
        twice = [what for what, times in counted.items() if times > 1]
        yield Check(f"nothing is done twice: {name}", f"{len(twice)} of {len(counted)}", not twice)
    yield Check("all is well at the end", f"ready {ready}", ready == 200)
    ended = stack.ended() + [str(line["process"]) for line in lines(stack) if is_end(line)]
    yield Check("no process ended", show(Counter(ended)), not ended)
    broken = sum(1 for line in lines(stack) if "not_json" in line)
    yield Check("each line of the logs is JSON", f"{broken} are not", not broken)
    for name, measured in sorted(stack.memory.items()):
        first, last, slope = growth(measured)
        yield Check(
            f"the memory of {name} stays", f"{first:.0f} to {last:.0f} MB, {slope:+.1f} MB an hour",
            last - first <= MOST_GROWTH_MB,
        )  # fmt: skip


def show(counted: Mapping[str, int]) -> str:
    """Counts in a line."""
    return ", ".join(f"{name}: {count}" for name, count in sorted(counted.items())) or "none"


def is_end(line: Mapping[str, object]) -> bool:
    """Whether the line tells of a web process that has been replaced."""
    return line.get("event") == "web_process"


def lines(stack: Stack) -> Iterator[dict[str, object]]:
    """What all have logged."""
    for name in PROCESSES:
        for text in stack.log(name).read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                line = {"not_json": text}
            yield line if isinstance(line, dict) else {"not_json": text}


def growth(measured: Sequence[Measured]) -> tuple[float, float, float]:
    """Memory at the beginning and at the end of the time that counts, and how it grows in an hour."""
    rest = measured[int(len(measured) * WARM) :]
    part = max(1, len(rest) // 8)
    first = statistics.median(one.megabytes for one in rest[:part])
    last = statistics.median(one.megabytes for one in rest[-part:])
    hours = (rest[-1].at - rest[0].at) / 3600 if len(rest) > 1 else 1.0
    return first, last, (last - first) / hours


def show_answers(ledger: Ledger) -> Iterator[str]:
    """A line for each kind of request."""
    for kind, statuses in sorted(ledger.answers.items()):
        counted = show({str(status or "cut"): count for status, count in statuses.items()})
        yield f"{kind:10}{sum(statuses.values()):8}  {counted:42} slowest {ledger.slowest[kind]:.1f} s"


def show_log(stack: Stack) -> Iterator[str]:
    """What was logged most of all as warning or error."""
    counted: Counter[str] = Counter()
    for line in lines(stack):
        if line.get("level") in {"warning", "error", "critical"} or "not_json" in line:
            counted[
                f"{line.get('level', 'not JSON')} {line.get('event', line.get('not_json'))}"
            ] += 1
    for text, count in counted.most_common(15):
        yield f"{count:8}  {text[:100]}"


def print_all(checks: Iterable[Check]) -> bool:
    """Print a table; whether all was kept."""
    is_kept = True
    for check in checks:
        print(f"{'kept  ' if check.kept else 'BROKEN'}  {check.promise:62} {check.found}")
        is_kept = is_kept and check.kept
    return is_kept
