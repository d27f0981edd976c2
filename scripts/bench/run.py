"""Measure `aegis` and its peers.

    python scripts/bench/run.py (--aegis PATH | --no-aegis) [--quick] [--json FILE]

Rounds are interleaved: in each round every tool does a case once, in turning order, so a busy
moment of the machine hits all alike. Ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_SCRIPTS = Path(__file__).resolve().parents[1]
if str(_SCRIPTS) not in sys.path:
    sys.path.insert(0, str(_SCRIPTS))

from bench.cases import Create, Help, Update, Workspace  # noqa: E402
from bench.embedded import MOVED, TITLES, Embedded  # noqa: E402
from bench.report import AEGIS, Row, as_data, summary, table  # noqa: E402
from bench.timing import CommandError, Cost  # noqa: E402
from bench.tools import (  # noqa: E402
    PEERS,
    Aegis,
    AegisStack,
    Battenberg,
    Cookiecutter,
    Copier,
    Cruft,
    Tool,
    install,
)

OLD = "aegis-stack 0.16.1"
_CLASSES: dict[str, Callable[[str, Path], Tool]] = {
    "cookiecutter": Cookiecutter,
    "copier": Copier,
    "cruft": Cruft,
    "battenberg": Battenberg,
    OLD: AegisStack,
}


class Case(Protocol):
    """Something that any tool can be measured at."""

    title: str
    by_cpu: bool

    def measure(self, tool: Tool) -> Cost | None:
        """What it cost, or nothing for a tool that cannot do it."""


def main(arguments: list[str] | None = None) -> int:
    """Run as a command."""
    options = _options(arguments)
    workspace = Workspace(options.workspace.resolve())
    workspace.clear()
    missing: dict[str, str] = {}
    tools = _tools(options, workspace, missing)
    rows = _measure(_cases(options, workspace), tools, options.rounds)
    if not options.no_embedded:
        rows += _measure_embedded(workspace, tools, options.rounds)
    for row in rows:
        row.failures |= {name: why for name, why in missing.items() if name not in row.costs}
    names = [AEGIS, *PEERS] if options.aegis else [*PEERS]
    print(table(rows, names))
    if options.json:
        options.json.write_text(json.dumps(as_data(rows, options.rounds), indent=1) + "\n")
    return 1 if any(AEGIS in row.failures for row in rows) else 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure aegis and its peers.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--aegis", type=_program, metavar="PATH", help="the program to measure")
    which.add_argument("--no-aegis", action="store_true", help="measure the peers only")
    parser.add_argument("--quick", action="store_true", help="one round of the small cases")
    parser.add_argument("--rounds", type=int, help="how often each case is measured (default: 5)")
    parser.add_argument("--files", type=_numbers, help="sizes of the templates (150,2000)")
    parser.add_argument("--commits", type=_numbers, help="commits to update across (1,10,100,500)")
    parser.add_argument("--no-embedded", action="store_true", help="foreign templates only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument(
        "--workspace",
        type=Path,
        metavar="DIR",
        default=_SCRIPTS.parent / "build" / "bench",
        help="keeps the installed peers and the templates (default: build/bench)",
    )
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.files = options.files or ([150] if options.quick else [150, 2000])
    options.commits = options.commits or ([1, 100] if options.quick else [1, 10, 100, 500])
    return options


def _tools(
    options: argparse.Namespace, workspace: Workspace, missing: dict[str, str]
) -> list[Tool]:
    tools: list[Tool] = [Aegis(AEGIS, options.aegis)] if options.aegis else []
    for name, make in _CLASSES.items():
        try:
            tools.append(make(name, install(name, workspace.root / "venvs")))
        except CommandError as error:
            missing[name] = str(error)
    return tools


def _cases(options: argparse.Namespace, workspace: Workspace) -> list[Case]:
    cases: list[Case] = [Help(workspace)]
    cases += [Create(workspace, files) for files in options.files]
    cases += [
        Update(workspace, files, commits) for files in options.files for commits in options.commits
    ]
    return cases


def _measure(cases: list[Case], tools: list[Tool], rounds: int) -> list[Row]:
    rows = []
    for case in cases:
        row = Row(case.title, case.by_cpu)
        for number in range(rounds):
            turn = number % len(tools)
            for tool in [*tools[turn:], *tools[:turn]]:
                _try(row, tool.name, lambda tool=tool, case=case: case.measure(tool))  # type: ignore[misc]
        print(summary(row), file=sys.stderr)  # a long run that is broken off has told this much
        rows.append(row)
    return rows


def _measure_embedded(workspace: Workspace, tools: list[Tool], rounds: int) -> list[Row]:
    programs = {tool.name: tool.program for tool in tools if tool.name in (AEGIS, OLD)}
    rows = []
    for title in (*TITLES, MOVED):
        row, step = Row(title, by_cpu=True), Embedded(workspace, title)
        for _ in range(rounds):
            for name, program in programs.items():
                if (name, title) != (AEGIS, MOVED):  # our own template has one release so far
                    _try(row, name, lambda p=program, o=name == OLD, s=step: s.measure(p, old=o))  # type: ignore[misc]
        print(summary(row), file=sys.stderr)  # a long run that is broken off has told this much
        rows.append(row)
    return rows


def _try(row: Row, name: str, measure: Callable[[], Cost | None]) -> None:
    if name in row.failures:
        return
    try:
        cost = measure()
    except (CommandError, OSError) as error:
        row.failures[name] = str(error)
        row.costs.pop(name, None)
        return
    if cost is not None:
        row.costs.setdefault(name, []).append(cost)


def _program(text: str) -> Path:
    return Path(text).resolve(strict=True)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
