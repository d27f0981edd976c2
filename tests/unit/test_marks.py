"""What authors mark their commits as, by trailers."""

from __future__ import annotations

import pytest

from aegis_cli.template.marks import Marks, body, marks, misspelt


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Subject\n\nSecurity: CVE-2026-1\n", Marks(("CVE-2026-1",))),
        ("Subject\n\nWords.\n\nBreaking: set DEBUG\nSigned-off-by: Ada <a@e.org>\n", Marks((), ("set DEBUG",))),
        ("Subject\n\nsecurity: a\nSecurity: b\nBreaking: c\n", Marks(("a", "b"), ("c",))),
        ("Subject\n\nBreaking: a long\n  text goes on\n\tand on\n", Marks((), ("a long text goes on and on",))),
        ("feat!: x\n\nBREAKING CHANGE: y\n", Marks((), ("y",))),
        ("feat!: x\n\nBREAKING-CHANGE: y\n", Marks((), ("y",))),
        ("Subject\r\n\r\nSecurity: CVE\r\n", Marks(("CVE",))),
        ("Security: the subject is no trailer\n", Marks()),
        ("Subject\n\nSecurity: no trailer\nbut a sentence of the text\n", Marks()),
        ("Subject\n\nSecurity: not in the last paragraph\n\nMore words.\n", Marks()),
        ("Subject\n\nSecurity:\n", Marks()),
        ("", Marks()),
    ],
)  # fmt: skip
def test_marks_are_trailers(message: str, expected: Marks) -> None:
    """In the last paragraph of a message, as git has trailers; anywhere else they are words."""
    assert marks([message]) == expected


def test_commits_that_come_together_are_marked_together() -> None:
    """What one of them mends is mended by all."""
    assert marks(["A\n\nSecurity: one\n", "B\n\nSecurity: two\n"]) == Marks(("one", "two"))


@pytest.mark.parametrize(
    ("key", "meant"),
    [("Securty", "Security"), ("Secuirty", "Security"), ("Braking", "Breaking"), ("Breaking-Changes", "Breaking")],
)  # fmt: skip
def test_slips_of_the_pen_are_found(key: str, meant: str) -> None:
    """Nobody would see such a mark."""
    assert misspelt(f"Subject\n\n{key}: text\n") == [(key, meant)]


@pytest.mark.parametrize("key", ["Security", "breaking", "Reviewed-by", "Fixes", "See-also"])
def test_other_trailers_are_none(key: str) -> None:
    """Nor are those that are right."""
    assert misspelt(f"Subject\n\n{key}: text\n") == []


def test_the_body_is_what_is_left() -> None:
    """Without subject and trailers."""
    assert body("Subject\n\nOne.\n\nTwo.\n\nSecurity: x\n") == "One.\n\nTwo."
    assert body("Subject\n\nSecurity: x\n") == ""
    assert body("Subject\n\nOne.\n") == "One."
    assert body("Subject\n") == ""
