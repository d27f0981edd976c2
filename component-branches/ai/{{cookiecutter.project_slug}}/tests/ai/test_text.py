"""Texts of strangers."""

import pytest

from app.services.ai.text import finished_blocks, printable, title_of


@pytest.mark.parametrize(
    ("text", "finished", "rest"),
    [
        ("one", "", "one"),
        ("one\n\ntwo", "one\n\n", "two"),
        ("```\na\n\nb", "", "```\na\n\nb"),
        ("```\na\n\nb\n```\n\nc", "```\na\n\nb\n```\n\n", "c"),
        ("~~~\n```\n\n", "", "~~~\n```\n\n"),
        ("one\n\n", "one\n\n", ""),
        ("one\n ", "", "one\n "),
    ],
)
def test_blocks_end_at_blank_lines_outside_of_code(text: str, finished: str, rest: str) -> None:
    assert finished_blocks(text) == (finished, rest)


def test_control_characters_go_and_letters_stay() -> None:
    assert printable("a\x00b\x1b[31mc\r\nd\u202ee\tü 😀") == "ab[31mc\nde\tü 😀"


def test_halves_of_characters_go() -> None:
    """A provider that cuts its pieces within one sends the rest with the next."""
    assert printable("a\ud83db") + printable("\ude00c") == "abc"


def test_a_title_is_one_short_line() -> None:
    assert title_of("  Explain\n webhooks ") == "Explain webhooks"
    assert len(title_of("word " * 100)) <= 60
