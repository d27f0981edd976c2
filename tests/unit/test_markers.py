"""Reading conflicts back from a file, and following lines back through a change."""

from __future__ import annotations

import pytest

from aegis_cli.merging.diff import diff
from aegis_cli.merging.line_endings import split
from aegis_cli.merging.markers import Markers, read
from aegis_cli.merging.spans import before, touches

MERGED = b"a\n<<<<<<< HEAD\nours\n=======\ntheirs\nmore\n>>>>>>> aegis/vendor\nb\n"
DIFF3 = (
    b"a\n<<<<<<< HEAD\nours\n||||||| base\nold\n=======\ntheirs\nmore\n>>>>>>> aegis/vendor\nb\n"
)


@pytest.mark.parametrize(
    "text",
    [MERGED, DIFF3, MERGED.replace(b"\n", b"\r\n"), DIFF3.replace(b"\n", b"\r\n")],
)  # fmt: skip
def test_a_conflict_is_read(text: bytes) -> None:
    """In both of git's styles, with any line ending: where it stands, and what each side has."""
    sides = read(split(text))

    (marked,) = sides.marked
    assert (marked.start, marked.end) == (1, text.count(b"\n") - 1)
    assert [line.rstrip() for line in sides.ours[slice(*marked.ours)]] == [b"ours"]
    assert [line.rstrip() for line in sides.theirs[slice(*marked.theirs)]] == [b"theirs", b"more"]
    assert [line.rstrip() for line in sides.ours] == [b"a", b"ours", b"b"]


def test_wide_markers_are_read() -> None:
    """As wide as git's attributes make them: narrower ones inside are text."""
    wide = b"<<<<<<<<<< HEAD\n=======\n==========\nx\n>>>>>>> no\n>>>>>>>>>> them\n"
    sides = read(split(wide))

    assert sides.ours == (b"=======\n",)
    assert sides.theirs == (b"x\n", b">>>>>>> no\n")


@pytest.mark.parametrize(
    "text", [b"<<<<<<< HEAD\nours\n", b"=======\n>>>>>>> x\n", b"<<<<<<< a\n<<<<<<< b\n=======\n", b"<<<<<<<x\n"]
)  # fmt: skip
def test_what_is_no_conflict_is_text(text: bytes) -> None:
    """Markers without their counterparts, as in a document about git."""
    sides = read(split(text))

    assert sides.marked == ()
    assert sides.ours == sides.theirs == split(text)


def test_what_is_written_is_read() -> None:
    """The conflicts that aegis writes are the ones that it reads."""
    ours, theirs = split(b"1\n2\n3\n4\n5\n6\n7\n"), split(b"1\ntwo\n3\n4\n5\n6\n7\nmore\n")
    lines, count = Markers("HEAD", "them", 7, b"\n").show(ours, theirs)

    sides = read(lines)

    assert (len(sides.marked), sides.ours, sides.theirs) == (count, ours, theirs)


@pytest.mark.parametrize(
    ("old", "new", "span", "touched", "was"),
    [
        ("abcd", "abXd", (2, 3), True, (2, 3)),
        ("abcd", "abXd", (0, 2), False, (0, 2)),
        ("abcd", "abXd", (3, 4), False, (3, 4)),
        ("abcd", "XYabcd", (2, 4), False, (0, 2)),
        ("abcd", "XYabcd", (0, 2), True, (0, 0)),
        ("abcd", "ad", (1, 1), True, (1, 3)),
        ("abcd", "ad", (0, 2), True, (0, 4)),
        ("abcdef", "abXYZf", (3, 4), True, (2, 5)),
    ],
)
def test_lines_are_followed_back(
    old: str, new: str, span: tuple[int, int], touched: bool, was: tuple[int, int]
) -> None:
    """Through changes before, in and behind them, and through lines that went where they stand."""
    edits = diff(old, new)

    assert (touches(edits, span), before(edits, span)) == (touched, was)
