"""The figures as a table for people, and as data."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from dataclasses import dataclass, field
from typing import Any

from .timing import Cost, median

AEGIS = "aegis"
_STOCK = "cookiecutter"  # creates only; a yardstick rather than a peer


@dataclass
class Row:
    """One case: the costs of each round by tool, and what kept a tool from it."""

    title: str
    by_cpu: bool
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def best_peer(self) -> str | None:
        """The fastest of the others; stock Cookiecutter counts only where nobody else is."""
        others = [name for name, costs in self.costs.items() if costs and name != AEGIS]
        peers = [name for name in others if name != _STOCK or self.by_cpu] or others
        return min(peers, key=lambda name: self._figure(median(self.costs[name])), default=None)

    def ratio(self, other: str | None) -> float | None:
        """How many times the cost of another one ours is: the median over the rounds."""
        ours, theirs = self.costs.get(AEGIS), self.costs.get(other or "")
        if not ours or not theirs:
            return None
        return statistics.median(
            self._figure(mine) / self._figure(its) for mine, its in zip(ours, theirs, strict=False)
        )

    def _figure(self, cost: Cost) -> float:
        return cost.cpu if self.by_cpu else cost.wall


def table(rows: list[Row], tools: list[str]) -> str:
    """Aligned text: seconds by the clock, and of the processor in parentheses."""
    lines = [["work", *tools, "best peer", "aegis / best", "aegis / cookiecutter"]]
    notes: list[str] = []
    for row in rows:
        best = row.best_peer()
        cells = [_cell(row, tool, notes) for tool in tools]
        against_stock = row.ratio(_STOCK) if _STOCK in row.costs else None
        ratios = [_ratio(row.ratio(best)), _ratio(against_stock)]
        lines.append([row.title, *cells, best or "-", *ratios])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = [_aligned(line, widths) for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*text, "", "seconds: wall (CPU)", *notes])


def summary(row: Row) -> str:
    """One row as a line, for those who wait for the table."""
    costs = {name: median(costs) for name, costs in row.costs.items() if costs}
    cells = [f"{name} {cost.wall:.2f} ({cost.cpu:.2f})" for name, cost in costs.items()]
    return f"{row.title}: {', '.join([*cells, *(f'{name} failed' for name in row.failures)])}"


def as_data(rows: list[Row], rounds: int) -> dict[str, Any]:
    """Every single figure, and where it was taken."""
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True)
    return {
        "rounds": rounds,
        "python": platform.python_version(),
        "git": git.stdout.strip(),
        "cores": os.cpu_count(),
        "rows": [
            {
                "work": row.title,
                "measure": "cpu" if row.by_cpu else "wall",
                "best_peer": row.best_peer(),
                "ratio": row.ratio(row.best_peer()),
                "costs": {
                    name: [cost._asdict() for cost in costs] for name, costs in row.costs.items()
                },
                "failures": row.failures,
            }
            for row in rows
        ],
    }


def _cell(row: Row, tool: str, notes: list[str]) -> str:
    if tool in row.failures:
        notes.append(f"[{len(notes) + 1}] {tool}, {row.title}: {row.failures[tool]}")
        return f"failed [{len(notes)}]"
    if not row.costs.get(tool):
        return "-"
    cost = median(row.costs[tool])
    return f"{cost.wall:.2f} ({cost.cpu:.2f})"


def _ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def _aligned(line: list[str], widths: list[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
