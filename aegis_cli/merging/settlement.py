"""The answer to one hunk, and the names of the rules that give it."""

from __future__ import annotations

from dataclasses import dataclass

from aegis_cli.merging.diff3 import Lines
from aegis_cli.merging.line import Line

BOTH_INSERTED = "both inserted"
TOUCHING_EDITS = "touching edits"
CONTAINED = "contained"
SAME_CHANGE = "same change"
IMPORTS = "imports"
LAYOUT = "layout"
HIGHER = "higher requirement"
BY_VALUE = "by value"
LINE_ENDINGS = "line endings"

RULES = (
    BOTH_INSERTED, TOUCHING_EDITS, CONTAINED, SAME_CHANGE, IMPORTS, BY_VALUE, LAYOUT, LINE_ENDINGS, HIGHER,
)  # fmt: skip
# Rules that are a policy: they answer only for those who ask for it.
ON_DEMAND = frozenset({HIGHER})


@dataclass(frozen=True, slots=True)
class Settlement:
    """The answer to one hunk: its lines, and each rule used, with the index of its line."""

    lines: Lines
    rules: tuple[tuple[int, str], ...]


def answered(lines: list[Line], rule: str, at: int = 0) -> Settlement:
    """Return an answer by one rule."""
    return Settlement(tuple(line.text for line in lines), ((at, rule),))
