"""Whether a merged document says what both sides' changes come to: in its values, and in its comments."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from aegis_cli.merging.formats import Format
from aegis_cli.merging.tally import most
from aegis_cli.merging.values import NoAnswer, Said, Value, merge, normal, read, said

Remark = tuple[str, str]  # a comment, and what it speaks of

_REMARK = re.compile(r"(?:^|\s)#\s*(.*)$")
_KEY = re.compile(r"[^=:]*")


@dataclass(frozen=True)
class Judge:
    """Knows what a merge has to say: the one document that holds both sides' changes.

    Attributes:
        kind: What kind of document it is.
        values: What it has to say.
        remarks: The comments of the three versions, each with what it speaks of.
    """

    kind: Format
    values: Value
    remarks: tuple[Counter[Remark], Counter[Remark], Counter[Remark]]

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
        return cls(kind, values, (_remarks(base), _remarks(ours), _remarks(theirs)))

    def allows(self, content: bytes) -> bool:
        """Whether a merged document says just that."""
        try:
            values = read(self.kind, content)
            if values is None or normal(values) != self.values:
                return False
        except RecursionError:
            return False
        base, ours, theirs = self.remarks
        found = _remarks(content)
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


def _remarks(content: bytes) -> Counter[Remark]:
    found: Counter[Remark] = Counter()
    waiting: list[str] = []
    for line in content.decode().splitlines():
        said = _REMARK.search(line)
        text = line[: said.start()] if said else line
        if said:
            waiting.append(said[1])
        key = _KEY.match(text.strip())
        if text.strip() and key:
            found.update((remark, key[0].strip(' "')) for remark in waiting)
            waiting = []
    found.update((remark, "") for remark in waiting)
    return found
