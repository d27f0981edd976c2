"""How much alike lines are."""

from __future__ import annotations

from aegis_cli.merging.likeness import LONGEST, SAME, likeness, reads_alike


def test_of_a_line_without_end_the_ends_are_compared() -> None:
    """What a tool has put into one line is compared in no time; the middle of it counts for nothing."""
    end, middle = b"x" * LONGEST, b"a: " * 20_000
    assert likeness(end + middle + end, end + middle[::-1] * 2 + end) == 1
    assert likeness(end + middle, middle + end) < SAME
    assert reads_alike(middle, middle + b" b")
