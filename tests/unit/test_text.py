"""Text from outside, made fit to be shown."""

from __future__ import annotations

import pytest

from aegis_cli.text import is_plain, one_line, shown, without_credentials


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("plain \u00fc \u65e5 \U0001f600", "plain \u00fc \u65e5 \U0001f600"),
        ("\x1b[2Kx\r", "\\x1b[2Kx\\x0d"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2028b\x85", "a\\u2028b\\x85"),
        ("a\udcffb", "a\\xffb"),
        ("a\U000e0041", "a\\U000e0041"),
        ("a\tb", "a b"),
        ("a\nb", "a\nb"),
    ],
)
def test_what_is_shown(given: str, expected: str) -> None:
    assert shown(given) == expected
    assert is_plain(given) == (given == expected and "\n" not in given)


def test_one_line() -> None:
    assert one_line("a\nError: b") == "a\\nError: b"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("fatal: https://u:p@h/x failed", "fatal: https://h/x failed"),
        ("https://token@h/x", "https://h/x"),
        ("ssh://git@h/x", "ssh://git@h/x"),
        ("proxy socks5://u:p@h failed", "proxy socks5://h failed"),
        ("ssh://git:p@h/x and redis://:p@h", "ssh://h/x and redis://h"),
        ("ada@example.org, https://h/@ada", "ada@example.org, https://h/@ada"),
    ],
)
def test_credentials_are_left_out(given: str, expected: str) -> None:
    assert without_credentials(given) == expected
