"""Files as they stand in real projects, changed by two people: what they mean together, or a conflict.

A file of `real_files/` has a document and what is tried on it: what ours changes, what theirs changes, and whether that
is a `conflict`, is `told` in the report, or `merged` to what both mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aegis_cli.merging.resolve import Resolution
from tests.support.merging import both_ways, updated

FILES = sorted((Path(__file__).parent / "real_files").glob("*.txt"))


@dataclass
class Case:
    """Two changes of one document.

    Attributes:
        path: What the file is called.
        base: The document.
        outcome: `conflict`, `told` or `merged`.
        edits: The changes of `ours` and `theirs`, and what `both` come to: lines of a diff.
    """

    path: str
    base: str
    outcome: str
    edits: dict[str, list[list[str]]] = field(default_factory=dict)

    def version(self, side: str) -> bytes:
        """The document as one side has it."""
        text = self.base
        for rows in self.edits[side]:
            old, new = ("".join(f"{x[1:]}\n" for x in rows if x[:1] != sign) for sign in "+-")
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        return text.encode()

    def merged(self) -> list[Resolution]:
        """What comes of it, with our side and theirs, and the other way round."""
        versions = self.base.encode(), self.version("ours"), self.version("theirs")
        return both_ways(self.path, *versions, updated)


def _read(file: Path) -> dict[str, Case]:
    head, _, tried = file.read_text().partition("=====\n")
    path, _, base = head.removeprefix("path: ").partition("\n")
    found: dict[str, Case] = {}
    for block in f"\n{tried}".split("\n= ")[1:]:
        title, *rows = block.rstrip().split("\n")
        name, _, outcome = title.rpartition(": ")
        case = found[f"{file.stem}: {name}"] = Case(path, base, outcome)
        for row in rows:
            if row.startswith("@ "):
                case.edits.setdefault(row[2:], []).append([])
            else:
                list(case.edits.values())[-1][-1].append(row)
    return found


CASES = {name: case for file in FILES for name, case in _read(file).items()}
OUTCOMES = {
    outcome: {name: case for name, case in CASES.items() if case.outcome == outcome}
    for outcome in ("conflict", "told", "merged")
}


def test_every_case_has_an_outcome() -> None:
    assert sum(map(len, OUTCOMES.values())) == len(CASES) > 100


@pytest.mark.parametrize("name", OUTCOMES["conflict"])
def test_what_cannot_both_be_meant_is_a_conflict(name: str) -> None:
    for resolution in CASES[name].merged():
        assert resolution.conflicts, resolution.content.decode()


@pytest.mark.parametrize("name", OUTCOMES["told"])
def test_what_may_be_meant_once_is_told(name: str) -> None:
    for resolution in CASES[name].merged():
        assert resolution.doubts
        assert not resolution.conflicts


@pytest.mark.parametrize("name", OUTCOMES["merged"])
def test_what_both_mean_is_merged(name: str) -> None:
    here, there = CASES[name].merged()
    assert here.content == CASES[name].version("both")
    assert (here.conflicts, here.doubts) == (there.conflicts, there.doubts) == (0, ())
