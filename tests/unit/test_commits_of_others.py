"""Commits as somebody else wrote them: whatever they say that their words are written in, those are text."""

from __future__ import annotations

import time

import pytest

from aegis_cli.git.objects import parse_commit

ID = "0123456789abcdef0123456789abcdef01234567"


def raw(encoding: str, name: str, message: str) -> bytes:
    who = f"{name} <a@b> 1700000000 +0100"
    return (
        f"tree {ID}\nauthor {who}\ncommitter {who}\nencoding {encoding}\n\n{message}\n"
    ).encode()


@pytest.mark.parametrize(
    "encoding",
    ["utf-7", "unicode_escape", "raw_unicode_escape", "Unicode-Escape", "punycode", "idna", "hex", "x\0", "undefined"],
)  # fmt: skip
def test_half_characters_and_line_breaks_that_are_spelt_out(encoding: str) -> None:
    """No name has a line break in it, and all can be written again."""
    found = parse_commit(ID, raw(encoding, r"A\ud800\n+2AA-+AAo-+AAA-", r"Fix \ud800 +2AA-"))

    assert not set("\n\0") & set(f"{found.author}{found.committer}")
    f"{found.author}{found.message}".encode()


def test_what_git_itself_knows() -> None:
    """Latin-1, say, is read as what it is."""
    content = raw("ISO-8859-1", "Zo\u00eb", "Caf\u00e9").decode().encode("latin-1")

    found = parse_commit(ID, content)

    assert (found.author, found.message) == ("Zo\u00eb <a@b>", "Caf\u00e9\n")


def test_an_encoding_that_takes_long_is_none() -> None:
    """Python's `punycode` takes time by the square of a text's length."""
    began = time.process_time()

    parse_commit(ID, raw("punycode", "A", f"{'a' * 100_000}-{'b' * 100_000}"))

    assert time.process_time() - began < 1
