"""What became of a user's edits and of a template's changes, by what a project holds after its update."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .edits import Edited, Texts

_STATE = (".aegis/", ".cruft.json", ".cookiecutter.json", ".git/")
_WORD = re.compile(r"\w")


@dataclass
class Project:
    """A project after an update.

    Attributes:
        settled: {path: its lines outside conflicts}, each line with how often it stands there.
        contested: {path: lines of its conflicts, and of what was rejected}.
        conflicts: The files that are left to the user.
        hunks: The places that are left in them; a file that one side deleted is one.
    """

    settled: dict[str, Counter[str]] = field(default_factory=dict)
    contested: dict[str, Counter[str]] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    hunks: int = 0


def read(folder: Path, unmerged: str) -> Project:
    """Read a project; `unmerged` is what `git ls-files --unmerged -z` says of it."""
    project = Project()
    left = {entry.partition("\t")[2] for entry in unmerged.split("\0") if entry}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if path.startswith(_STATE) or not file.is_file() or file.is_symlink():
            continue
        text = file.read_bytes().decode("utf-8", "replace")
        if path.endswith((".rej", ".orig")):
            continue
        settled, contested, hunks = _apart(text)
        rejected = file.with_name(f"{file.name}.rej")
        if rejected.exists():
            refused = rejected.read_text("utf-8", "replace").splitlines()
            contested += [each[1:] for each in refused if each[:1] in "+-"]
            hunks += sum(each.startswith("@@") for each in refused)
            settled = list((Counter(settled) - Counter(x[1:] for x in refused if x[:1] == "-")).elements())  # fmt: skip
        project.settled[path], project.contested[path] = _counted(settled), _counted(contested)
        project.hunks += hunks
        if hunks:
            project.conflicts.add(path)
    whole = left - project.conflicts
    project.hunks += len(whole)
    project.conflicts |= left
    for rejected in folder.rglob("*.rej"):  # of files that are not there
        if not rejected.with_suffix("").exists():
            project.conflicts.add(rejected.relative_to(folder).with_suffix("").as_posix())
            project.hunks += 1
    return project


def lost(
    before: Texts, edited: Edited, after: Texts, renames: Mapping[str, str], project: Project
) -> tuple[list[str], list[str]]:
    """Return which edits of the user's are not there, and which changes of the template's."""
    edits: list[str] = []
    changes: list[str] = []
    come = set(renames.values())
    for path in sorted({*before, *after} - come):
        now, mine = renames.get(path, path), edited.moved.get(path, path)
        if path in edited.deleted:
            if path in project.settled and path not in project.conflicts:
                edits.append(f"{path}: deleted, and there again")
            continue
        places = {now, mine, path} - ({path} if path in edited.moved else set())
        if project.conflicts & places and path not in after and now == path:
            continue  # the template deleted it: the whole is a conflict
        was = _counted(before.get(path, "").splitlines())
        ours = _counted(edited.files.get(mine, "").splitlines())
        theirs = _counted(after.get(now, "").splitlines())
        settled, contested = (
            sum((found.get(place, Counter()) for place in places), Counter[str]())
            for found in (project.settled, project.contested)
        )
        edits += _missing(mine, was, ours, theirs, settled, contested)
        changes += _missing(now, was, theirs, ours, settled, contested)
    return edits, changes


def _missing(
    path: str, was: Counter[str], side: Counter[str], other: Counter[str], settled: Counter[str],
    contested: Counter[str],
) -> Iterator[str]:  # fmt: skip
    """The lines that a side brought and that are missing, and those that it took away and that are there.

    What both changed may have come to any number in between, and a line that both edited to one with the words of both.
    """
    for text in sorted(side.keys() | was.keys()):
        grown, others = side[text] - was[text], other[text] - was[text]
        if grown > 0 and settled[text] + contested[text] < side[text] + min(others, 0):
            brought = _words(text) - _words(_nearest(text, was - side))
            if not any(brought and not brought - _words(line) for line in settled - was):
                yield f"{path}: + {text}"
        if grown < 0 and settled[text] > side[text] + max(others, 0):
            yield f"{path}: - {text}"


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w[\w.]*", text))


def _nearest(text: str, lines: Counter[str]) -> str:
    """The line that another was most likely edited from; empty where there is none."""
    return next(iter(difflib.get_close_matches(text, [*lines], 1)), "")


def _apart(text: str) -> tuple[list[str], list[str], int]:
    """Lines outside conflicts, lines in them, and how many conflicts there are."""
    outside: list[str] = []
    inside: list[str] = []
    hunks = 0
    into = outside
    for each in text.splitlines():
        if each.startswith("<<<<<<<"):
            into, hunks = inside, hunks + 1
        elif each.startswith(">>>>>>>") and into is inside:
            into = outside
        else:
            into.append(each)
    return outside, inside, hunks


def _counted(lines: list[str]) -> Counter[str]:
    """Lines that say something, by how often they stand there."""
    return Counter(each.strip() for each in lines if _WORD.search(each))
