"""Measure what an update costs, and what many projects of one template have in common. docs/scale.md has the figures.

    python scripts/scale.py [--projects 1000] [--aegis COMMAND]

Bytes are those of git's own packs, CPU is that of `aegis` and its children. The fleet is simulated: what it is made of
is at the top of this file.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

OLD, NEW = "v0.3.1", "v0.4.0"
# What a fleet is taken to be: how many projects ask for a component, and how many are how far behind.
ASKED = {
    "database": 0.7, "auth": 0.4, "redis": 0.3, "worker": 0.3, "scheduler": 0.3, "ai": 0.2, "postgres": 0.3,
}  # fmt: skip
BEHIND = {0: 0.5, 1: 0.3, 2: 0.15, 3: 0.05}
STACKS: tuple[list[str], ...] = ([], ["database", "scheduler"], ["database", "scheduler", "worker"])


def git(folder: Path, *words: str, stdin: bytes = b"") -> bytes:
    """Run git and return what it printed."""
    return subprocess.run(
        ["git", "-C", str(folder), *words], input=stdin, capture_output=True, check=True
    ).stdout


def packed(template: Path, wanted: Sequence[str], has: Sequence[str]) -> int:
    """Return how many bytes a fetch of commits brings to one who has others."""
    lines = "\n".join([*wanted, *(f"^{commit}" for commit in has), ""])
    return len(
        git(template, "pack-objects", "--thin", "--revs", "--stdout", "-q", stdin=lines.encode())
    )


def tags(template: Path, release: str) -> list[str]:
    """Return a release's tags on all branches."""
    names = git(template, "tag", "--list").decode().split()
    return [name for name in names if name == release or name.endswith(f"/{release}")]


def timed(command: Sequence[str], folder: Path) -> float:
    """Run a command and return the seconds of CPU that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def update(
    aegis: str, template: Path, place: Path, name: str, stack: Sequence[str]
) -> tuple[float, float]:
    """Make a project of the old release and update it; return CPU of an update and of a look at its state."""
    words = ["--components", ",".join(n for n in stack if n not in ("auth", "ai"))]
    words += ["--services", ",".join(n for n in stack if n in ("auth", "ai"))]
    start = [
        aegis,
        "init",
        name,
        "--template",
        str(template),
        "--ref",
        OLD,
        "-y",
        "--trust",
        "--no-lock",
    ]
    timed([*start, *words], place)
    took = timed([aegis, "update", "--no-sync", "-y", "--to", NEW], place / name)
    return took, timed([aegis, "status"], place / name)


def shared(one: Path, other: Path) -> tuple[int, int]:
    """Return how many files of a project another with other answers has alike, of how many."""
    trees = [
        {line.split()[2] for line in git(each, "ls-tree", "-r", "aegis/vendor").splitlines()}
        for each in (one, other)
    ]
    return len(trees[0] & trees[1]), len(trees[0])


def fleet(count: int) -> tuple[int, int]:
    """Draw projects; return how many different stacks they have, and how many pairs of stack and release."""
    rng = random.Random(1)  # noqa: S311  (no secret)
    stacks: Counter[frozenset[str]] = Counter()
    pairs: Counter[tuple[frozenset[str], int]] = Counter()
    for _ in range(count):
        stack = frozenset(name for name, share in ASKED.items() if rng.random() < share)
        behind = rng.choices(list(BEHIND), list(BEHIND.values()))[0]
        stacks[stack] += 1
        pairs[stack, behind] += 1
    return len(stacks), len(pairs)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="Measure what an update costs.")
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--aegis", default=shutil.which("aegis") or "aegis")
    options = parser.parse_args()
    here = Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ.update(AEGIS_CACHE_DIR=folder, XDG_CONFIG_HOME=folder)
        template = place / "template.git"
        derive = [sys.executable, str(here / "derive_template.py"), "--output", str(template)]
        print(f"deriving the template    {timed(derive, place):6.1f} s CPU")
        known = [tags(template, release) for release in (OLD, NEW)]
        print(f"first copy of it         {packed(template, known[1], []) / 1000:6.0f} kB")
        print(f"{OLD} to {NEW}         {packed(template, known[1], known[0]) / 1000:6.0f} kB")
        for number, stack in enumerate(STACKS):
            took, look = update(options.aegis, template, place, f"p{number}", stack)
            what = ", ".join(stack) or "the base"
            print(f"update, {what}: {took:.1f} s CPU; status {look:.1f} s")
        update(options.aegis, template, place, "other", STACKS[-1])
        print(
            "files alike with another name: {} of {}".format(*shared(place / "p2", place / "other"))
        )
        print(
            "{} projects: {} stacks, {} of stack and release".format(
                options.projects, *fleet(options.projects)
            )
        )


if __name__ == "__main__":
    main()
