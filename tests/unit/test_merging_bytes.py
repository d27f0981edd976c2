"""Bytes that are easily overlooked: marks at the top, endings of lines, empty files, files that no parser reads."""

from __future__ import annotations

import pytest

from tests.support.merging import both_ways, updated

BOM = b"\xef\xbb\xbf"
Versions = tuple[bytes, bytes, bytes]


CONFLICTS: dict[str, tuple[str, Versions]] = {
    "a mark of UTF-8, and a line in front of it": (
        ".env",
        (b"A=1\nB=1\n", BOM + b"A=1\nB=1\n", b"C=1\nA=1\nB=1\n"),
    ),
    "a file that was empty, and filled by both": (
        "LICENSE",
        (b"", b"Mine.\n", b"Yours.\n"),
    ),
    "targets in a file that was empty": (
        "Makefile",
        (b"\n", b"all:\n\tx\n", b"test:\n\ty\n"),
    ),
    "a key twice, in a document with remarks that no parser reads": (
        "settings.json",
        (
            b'{\n  // x\n  "a": 1,\n  "z": 1,\n}\n',
            b'{\n  // x\n  "a": 1,\n  "b": 2,\n  "z": 1,\n}\n',
            b'{\n  // x\n  "a": 1,\n  "z": 1,\n  "b": 3,\n}\n',
        ),
    ),
    "one number of a list in a plain text": (
        "NOTES.txt",
        (b"1. a\n2. b\n", b"1. a\n2. b\n3. c\n", b"1. a\n2. b\n3. d\n"),
    ),
    "one setting of npm, apart": (
        ".npmrc",
        (b"a=1\n", b"a=1\nregistry=x\n", b"registry=y\na=1\n"),
    ),
    "one tool in two versions, apart": (
        ".tool-versions",
        (b"python 3\nnode 2\n", b"python 3\nuv 1\nnode 2\n", b"python 3\nnode 2\nuv 2\n"),
    ),
}


@pytest.mark.parametrize(("path", "versions"), CONFLICTS.values(), ids=CONFLICTS)
def test_what_cannot_both_be_meant_is_a_conflict(path: str, versions: Versions) -> None:
    for resolution in both_ways(path, *versions, updated):
        assert resolution.conflicts, resolution.content


def test_endings_of_the_template_and_new_lines_with_others_are_a_conflict() -> None:
    base, other, longer = b"A=1\nB=1\n", b"A=1\r\nB=1\r\n", b"A=1\nB=1\nC=1\n"
    assert updated(".env", base, longer, other).conflicts
    here = updated(".env", base, other, longer)
    assert (here.conflicts, here.content) == (0, b"A=1\r\nB=1\r\nC=1\r\n")
