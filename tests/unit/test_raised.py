"""One requirement that both sides raised: the higher version, where somebody asked for that, and nowhere else."""

from __future__ import annotations

from functools import partial

import pytest

from aegis_cli.merging.resolve import Resolution, resolve
from aegis_cli.merging.settlement import HIGHER
from tests.support.merging import both_ways

TOML = '[project]\ndependencies = [\n    "a",\n    "b>=1.2",\n]\n'


def merge(path: str, *versions: str) -> list[Resolution]:
    """Merge for one who asked for the rule, and with the sides exchanged."""
    return both_ways(path, *map(str.encode, versions), how=partial(resolve, without=()))


@pytest.mark.parametrize(
    ("path", "versions", "expected"),
    [
        (
            "requirements.txt",
            ("a==1\nb==1.2\n", "a==1\nb==1.9\n", "a==1\nb==1.10\n"),
            "a==1\nb==1.10\n",
        ),
        (
            "pyproject.toml",
            (TOML, TOML.replace("1.2", "1.3"), TOML.replace("1.2", "2")),
            TOML.replace("1.2", "2"),
        ),
        # the one beside it was raised by one side only
        (
            "requirements.txt",
            ("a==1\nb[x]>=1\nc==1\n", "a==2\nb[x]>=3\nc==1\n", "a==1\nb[x]>=2\nc==1\n"),
            "a==2\nb[x]>=3\nc==1\n",
        ),
    ],
)
def test_the_higher_version_is_taken_and_the_lower_is_told(
    path: str, versions: tuple[str, str, str], expected: str
) -> None:
    for merged in merge(path, *versions):
        assert merged.conflicts == 0
        assert merged.content.decode() == expected
        assert HIGHER in [one.rule for one in merged.settled]
        (dropped,) = {line for one in merged.settled for line in one.review.dropped}
        assert dropped.decode() not in expected


@pytest.mark.parametrize(
    "versions",
    [
        ("a==2\n", "a==3\n", "a==1\n"),  # one lowered it
        ("a==1\n", "a==2\n", "a>=3\n"),
        ("a==1\n", "a==2\n", "a[x]==3\n"),
        ("a==1\n", "a==2\n", "a==3; python_version < '3.12'\n"),
        ("a==1\n", "a==2.0\n", "a==2\n"),  # which of two spellings
        ("a>=1\n", "a>=2,<3\n", "a>=4,<5\n"),
        ("a==1\n", "a==2rc1\n", "a==3\n"),
        ("a==1\nb==1\n", "a==2\nb==2\n", "a==3\n"),  # the one beside it deleted and raised
    ],
)
def test_what_is_more_than_two_versions_stays_a_conflict(versions: tuple[str, str, str]) -> None:
    for merged in merge("requirements.txt", *versions):
        assert merged.conflicts


def test_it_answers_nobody_who_did_not_ask() -> None:
    merged = resolve("requirements.txt", b"a==1\n", b"a==2\n", b"a==3\n")
    assert merged.conflicts == 1
