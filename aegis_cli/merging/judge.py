"""Whether a merged document says what both sides' changes come to: in its values, and in its comments."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from aegis_cli.merging.formats import Format
from aegis_cli.merging.tally import most
from aegis_cli.merging.values import NoAnswer, Said, Value, merge, normal, read, said

Remark = tuple[str, str]  # a comment, and what it speaks of

_REMARK = re.compile(r"(?:^|\s)(?:#|//)\s*(.*)$")
_KEY = re.compile(r"[^=:]*")


@dataclass(frozen=True)
class Judge:
    """Knows what a merge has to say: the one document that holds both sides' changes.

    Attributes:
        kind: What kind of document it is.
        values: What it has to say.
        remarks: The comments of the three versions, each with what it speaks of.
        dated: Comments that a side wrote behind a value that it left as it was, and the line that they speak of.
    """

    kind: Format
    values: Value
    remarks: tuple[Counter[Remark], Counter[Remark], Counter[Remark]]
    dated: frozenset[tuple[Remark, str]]

    @classmethod
    def of(cls, kind: Format, base: bytes, ours: bytes, theirs: bytes) -> Judge | None:
        """Judge merges of three versions; None where these have no common answer, or none that is known."""
        try:
            was, mine, yours = (read(kind, content) for content in (base, ours, theirs))
            if was is None or mine is None or yours is None:
                return None
            merged = merge(was, mine, yours)
            values = normal(merged)
            if _brings_back(*(Counter(said(value)) for value in (was, mine, yours, merged))):
                return None
        except (NoAnswer, RecursionError):
            return None
        dated = _dated(base, ours) | _dated(base, theirs)
        return cls(kind, values, (remarks(base), remarks(ours), remarks(theirs)), dated)

    def allows(self, content: bytes) -> bool:
        """Whether a merged document says just that."""
        try:
            values = read(self.kind, content)
            if values is None or normal(values) != self.values:
                return False
        except RecursionError:
            return False
        if not self.dated <= _behind_values(content):
            return False
        base, ours, theirs = self.remarks
        found = remarks(content)
        return all(
            found[remark] == most(base[remark], ours[remark], theirs[remark])
            for remark in {*found, *base, *ours, *theirs}
        )


def _brings_back(
    base: Counter[Said], ours: Counter[Said], theirs: Counter[Said], merged: Counter[Said]
) -> bool:
    """Whether something is there that one side took away, because the other had put it elsewhere."""
    return any(
        merged[one] > most(count, ours[one], theirs[one])
        for one, count in base.items()
        if min(ours[one], theirs[one]) < count
    )


def remarks(content: bytes) -> Counter[Remark]:
    """The comments of a document, each with what it speaks of."""
    found: Counter[Remark] = Counter()
    waiting: list[str] = []
    for line in content.decode().splitlines():
        text, remark = _parts(line)
        if remark is not None:
            waiting.append(remark)
        if text:
            found.update((remark, _key(text)) for remark in waiting)
            waiting = []
    found.update((remark, "") for remark in waiting)
    return found


def _dated(base: bytes, side: bytes) -> frozenset[tuple[Remark, str]]:
    """The comments that a side wrote behind values that it did not change: the values that they speak of."""
    was = _behind_values(base)
    texts = {_parts(line)[0] for line in base.decode().splitlines()}
    return frozenset(one for one in _behind_values(side) - was if one[1] in texts)


def _behind_values(content: bytes) -> frozenset[tuple[Remark, str]]:
    lines = map(_parts, content.decode().splitlines())
    return frozenset(((remark, _key(text)), text) for text, remark in lines if text and remark)


def _parts(line: str) -> tuple[str, str | None]:
    """What a line says, and its comment if it has one."""
    found = _REMARK.search(line)
    return (line[: found.start()].strip(), found[1]) if found else (line.strip(), None)


def _key(text: str) -> str:
    found = _KEY.match(text)
    return found[0].strip(' "') if found else ""
