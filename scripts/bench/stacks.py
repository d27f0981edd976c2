"""Times `aegis` on every stack of components: generating it, and merging its last component into the rest.

python -m scripts.bench.stacks --aegis .venv/bin/aegis [--rounds 3]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.stacks import Stack, catalog_of_checkout, every_stack, name_of, removable


class Cost(NamedTuple):
    """Seconds of one command."""

    wall: float
    cpu: float


def timed(command: Sequence[str], folder: Path) -> Cost:
    """Run a command as a whole process."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def init(aegis: str, stack: Stack, folder: Path) -> Cost:
    """Generate a project."""
    asked = ["--components", ",".join(stack)] if stack else []
    return timed([aegis, "init", "my-app", "--yes", "--quiet", "--no-lock", *asked], folder)


def measure(aegis: str, stack: Stack, last: str | None) -> tuple[Cost, Cost | None]:
    """Generate a stack, and bring its last component to a project with the others."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        generated = init(aegis, stack, Path(one))
        if last is None:
            return generated, None
        init(aegis, tuple(name for name in stack if name != last), Path(other))
        command = [aegis, "add", last, "--quiet", "--no-sync"]
        return generated, timed(command, Path(other, "my-app"))


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of both figures."""
    walls, cpus = zip(*costs, strict=True)
    return Cost(statistics.median(walls), statistics.median(cpus))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--aegis", default="aegis")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    catalog = catalog_of_checkout()
    print(
        f"median of {given.rounds}, seconds: wall (CPU)\n{'stack':44}{'init':>16}{'add the last':>16}"
    )
    totals = [0.0, 0.0]
    for stack in every_stack(catalog):
        last = next(reversed(removable(stack, catalog)), None)
        runs = [measure(given.aegis, stack, last) for _ in range(given.rounds)]
        columns = [median([generated for generated, _ in runs])]
        merged = [cost for _, cost in runs if cost]
        columns += [median(merged)] if merged else []
        totals = [
            total + cost.wall for total, cost in zip(totals, [*columns, Cost(0, 0)], strict=False)
        ]
        print(
            f"{name_of(stack):44}"
            + "".join(f"{f'{c.wall:.2f} ({c.cpu:.2f})':>16}" for c in columns)
        )
    print(f"{'all':44}{totals[0]:16.1f}{totals[1]:16.1f}")


if __name__ == "__main__":
    main()
