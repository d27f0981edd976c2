"""Merges that people made by hand: what our rules make of the same three versions, beside what was committed.

    python scripts/bench/real_merges.py REPOSITORY... [--merges N] [--differ FOLDER]

REPOSITORY is a clone with merge commits. Each of its newest N merges of two parents is made anew, in memory. Of the
files that git leaves in conflict, it is told how many our rules settle as a whole, and how many of these people have
committed so; of the files that git merged and people committed so, how many become conflicts where we look them over.
With --differ, the five versions of each file that is settled otherwise than people did are laid out in a folder: look
at each, for what people made of a merge is not always the merge. Nothing is fetched, run, or written to a clone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aegis_cli.merging.formats import format_of
from aegis_cli.merging.layout import said
from aegis_cli.merging.line_endings import split
from aegis_cli.merging.resolve import look_over, resolve

COLUMNS = (
    "repository", "merges", "files in conflict", "settled", "equal", "but for whitespace", "but for order",
    "but for layout", "differ",
    "merged by git", "made a conflict",
)  # fmt: skip
_FILES = {"100644", "100755"}
_IN_MEMORY = ("--write-tree", "--no-messages", "--allow-unrelated-histories", "-z")


@dataclass(frozen=True)
class Merge:
    """A merge commit and what git makes of its parents: {path: {stage: id}} of what is left in conflict."""

    commit: str
    parents: tuple[str, str]
    tree: str
    conflicts: dict[str, dict[int, str]]


@dataclass
class Tally:
    """What one repository came to."""

    repository: str
    merges: int = 0
    counted: Counter[str] = field(default_factory=Counter)

    def cells(self) -> list[str]:
        """Return a row of the table."""
        found = self.counted
        settled, left = found["settled"], found["conflict"]
        return [
            self.repository, str(self.merges), str(left), _share(settled, left), _share(found["equal"], settled),
            *(str(found[name]) for name in ("white", "order", "layout", "differ", "looked at", "alarm")),
        ]  # fmt: skip


class Clone:
    """A clone, read with what a merge in memory makes kept apart from it."""

    def __init__(self, path: Path, scratch: Path) -> None:
        """Prepare; what is made goes to an empty folder."""
        self._path = path
        objects = self.text("rev-parse", "--path-format=absolute", "--git-path", "objects").strip()
        kept = {"GIT_OBJECT_DIRECTORY": str(scratch), "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects}
        self._environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", **kept}
        self._reader = self._start("cat-file", "--batch")

    def text(self, *words: str, given: str = "") -> str:
        """What git says."""
        variables = getattr(self, "_environment", None)
        argv = ["git", "-C", str(self._path), *words]
        ran = subprocess.run(argv, input=given.encode(), env=variables, capture_output=True)
        if ran.returncode not in (0, 1):
            raise RuntimeError(f"git {words[0]}: {ran.stderr.decode(errors='replace')}")
        return ran.stdout.decode("utf-8", "surrogateescape")

    def blob(self, name: str) -> bytes | None:
        """The content of a blob, by its id or `COMMIT:PATH`; None where there is none."""
        to, back = self._reader.stdin, self._reader.stdout
        if to is None or back is None or "\n" in name:
            return None
        to.write(name.encode("utf-8", "surrogateescape") + b"\n")
        to.flush()
        said = back.readline().rsplit(maxsplit=2)
        if len(said) < 3 or said[1] not in (b"blob", b"tree", b"commit"):
            return None
        content = back.read(int(said[2]) + 1)[:-1]
        return content if said[1] == b"blob" else None

    def merges(self, count: int) -> Iterator[Merge]:
        """The newest merges of two parents, made anew."""
        which = ("--min-parents=2", "--max-parents=2", f"--max-count={count}", "--parents", "HEAD")
        for line in self.text("rev-list", *which).splitlines():
            commit, first, second = line.split()
            said = self.text("merge-tree", *_IN_MEMORY, first, second)
            tree, *entries = said.split("\0")
            conflicts: dict[str, dict[int, str]] = {}
            for entry in filter(None, entries):
                told, path = entry.split("\t", 1)
                mode, blob, stage = told.split(" ")
                conflicts.setdefault(path, {})[int(stage)] = blob if mode in _FILES else ""
            yield Merge(commit, (first, second), tree, conflicts)

    def merged_by_git(self, merge: Merge) -> Iterator[tuple[str, list[bytes]]]:
        """The files that both sides changed and git merged as people did: (path, base, ours, theirs and merged)."""
        said = self.text("diff-tree", "-c", "-r", "--raw", "-z", "--no-commit-id", merge.commit)
        words = said.split("\0")
        paths = [words[at + 1] for at, word in enumerate(words[:-1]) if word.startswith("::")]
        paths = [path for path in paths if path not in merge.conflicts]
        bases = self.text("merge-base", "--all", *merge.parents).split() if paths else []
        if len(bases) != 1:  # what git started from then, nobody knows afterwards
            return
        for path in paths:
            places = (bases[0], *merge.parents, merge.tree, merge.commit)
            versions = [self.blob(f"{place}:{path}") for place in places]
            known = [version for version in versions if version is not None]
            if len(known) == len(places) and known[3] == known[4]:
                yield path, known[:4]

    def close(self) -> None:
        """End the reader."""
        self._reader.communicate()

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        argv = ["git", "-C", str(self._path), *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(argv, stdin=pipe, stdout=pipe, env=self._environment)


def tally(clone: Clone, name: str, count: int, differ: Path | None) -> Tally:
    """Make the merges of a repository anew, and count."""
    found = Tally(name)
    for merge in clone.merges(count):
        found.merges += 1
        for path, stages in merge.conflicts.items():
            if not (stages.get(2) and stages.get(3)) or stages.get(1) == "":
                continue  # one side deleted it, or it is a link
            base = clone.blob(stages[1]) if 1 in stages else None
            ours, theirs = (clone.blob(stages[side]) or b"" for side in (2, 3))
            if b"\0" in (base or b"") + ours + theirs or b"\n<<<<<<< " in (base or b""):
                continue  # no text, or a base that is a merge in conflict itself
            found.counted["conflict"] += 1
            made = resolve(path, base, ours, theirs)
            if made.conflicts:
                continue
            found.counted["settled"] += 1
            people = clone.blob(f"{merge.commit}:{path}")
            kind = compared(path, made.content, people)
            found.counted[kind] += 1
            if differ and kind == "differ":
                rules = ", ".join(f"{one.line} {one.rule}" for one in made.settled)
                versions = {"base": base, "ours": ours, "theirs": theirs, "people": people}
                place = differ / f"{name}-{merge.commit[:10]}-{path.replace('/', '_')}"
                _lay_out(place, {**versions, "settled": made.content, "rules": rules.encode()})
        for path, (was, mine, yours, merged) in clone.merged_by_git(merge):
            found.counted["looked at"] += 1
            looked = look_over(path, was, mine, yours, merged)
            if looked and looked.conflicts:
                found.counted["alarm"] += 1
                if differ:
                    place = differ / f"alarm-{name}-{merge.commit[:10]}-{path.replace('/', '_')}"
                    versions = {"base": was, "ours": mine, "theirs": yours, "people": merged}
                    _lay_out(place, {**versions, "settled": looked.content})
    return found


def compared(path: str, made: bytes, people: bytes | None) -> str:
    """How near a merged file is to what people committed: equal, equal but for something, or it differs."""
    if people is None:
        return "differ"
    if made == people:
        return "equal"
    if b"".join(made.split()) == b"".join(people.split()):
        return "white"
    ours, theirs = (Counter(filter(None, map(bytes.strip, x.splitlines()))) for x in (made, people))
    if ours == theirs:
        return "order"
    kind = format_of(path)
    if (says := said(kind, split(made))) and says == said(kind, split(people)):
        return "layout"  # a formatter ran over what people merged
    return "differ"


def _lay_out(folder: Path, versions: dict[str, bytes | None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in versions.items():
        if content is not None:
            (folder / name).write_bytes(content)


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:.0f} %)" if whole else "0"


def line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--merges", type=int, default=800, help="how many of each")
    parser.add_argument("--differ", type=Path, help="where to lay out what people made otherwise")
    options = parser.parse_args(arguments)
    print(line(COLUMNS))
    print(line(["---"] * len(COLUMNS)))
    total = Tally("all")
    for repository in options.repositories:
        folder = repository.parent if repository.name in (".git", "repo") else repository
        with tempfile.TemporaryDirectory() as scratch:
            clone = Clone(repository.resolve(), Path(scratch))
            found = tally(clone, folder.name.removesuffix(".git"), options.merges, options.differ)
            clone.close()
        print(line(found.cells()), flush=True)
        total.merges += found.merges
        total.counted += found.counted
    if len(options.repositories) > 1:
        print(line(total.cells()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
