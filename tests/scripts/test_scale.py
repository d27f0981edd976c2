"""What is measured of many projects is measured right."""

from __future__ import annotations

from pathlib import Path

from conftest import git
from scale import fleet, packed


def test_a_fetch_brings_what_is_missing(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    for name in ("one", "two"):
        (tmp_path / name).write_text("".join(f"{name} {n} {n * n}\n" for n in range(1000)))
        git(tmp_path, "add", "--all")
        person = ("-c", "user.name=User", "-c", "user.email=user@example.org")
        git(tmp_path, *person, "commit", "--quiet", "-m", name)
    whole = packed(tmp_path, ["HEAD"], [])
    assert packed(tmp_path, ["HEAD"], ["HEAD~1"]) < 0.7 * whole
    assert packed(tmp_path, ["HEAD"], ["HEAD"]) < 100


def test_a_fleet_is_the_same_each_time() -> None:
    stacks, pairs = fleet(200)
    assert (stacks, pairs) == fleet(200)
    assert stacks <= pairs <= 200
