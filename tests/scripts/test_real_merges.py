"""What is counted of merges that people made: a small history in which each count is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench import real_merges

from tests.support.git import commit, git, write


def merged(
    folder: Path, base: str, ours: str, theirs: str, people: str, path: str = "requirements.txt"
) -> None:
    """Make a merge of two sides of a file, which somebody committed as they liked."""
    commit(folder, "Base", {path: base})
    git(folder, "switch", "--quiet", "--create", "side")
    commit(folder, "Theirs", {path: theirs})
    git(folder, "switch", "--quiet", "-")
    commit(folder, "Ours", {path: ours})
    git(folder, "merge", "--no-commit", "--no-ff", "side", check=False)
    write(folder, {path: people})
    commit(folder, "Merged")
    git(folder, "branch", "--quiet", "-D", "side")


def test_what_is_settled_is_compared_with_what_people_committed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "Ada")
    git(folder, "config", "user.email", "ada@example.org")
    inserted = ("a==1\n", "a==1\nmine==1\n", "a==1\nyours==1\n")
    merged(folder, *inserted, "a==1\nmine==1\nyours==1\n")
    merged(folder, *inserted, "a==1\nyours==1\nmine==1\n")
    merged(folder, *inserted, "a==1\nyours==1\n")
    sides = ("f('1')\n", 'f(\n    "1"\n)\n', "f('2')\n")
    merged(folder, *sides, 'f("2")\n', path="f.py")
    merged(folder, "a==1\n", "a==2\n", "a==3\n", "a==3\n")
    apart = "".join(f"{letter}==1\n" for letter in "abcdefgh")
    merged(folder, apart, f"x==1\n{apart}", f"{apart}y==1\n", f"x==1\n{apart}y==1\n")
    merged(folder, apart, f"x==1\n{apart}", f"{apart}x==2\n", f"x==1\n{apart}x==2\n")
    before = git(folder, "count-objects", "-v")

    differ = tmp_path / "differ"
    assert real_merges.main([str(folder), "--differ", str(differ)]) == 0
    header, _, row = (x.strip("| ").split(" | ") for x in capsys.readouterr().out.splitlines())
    found = dict(zip(header, row, strict=True))
    assert found == {
        "repository": "project", "merges": "7", "files in conflict": "5", "settled": "4 (80 %)", "equal": "1 (25 %)",
        "but for whitespace": "0", "but for order": "1", "but for layout": "1", "differ": "1", "merged by git": "2",
        "made a conflict": "1",
    }  # fmt: skip
    kinds = {folder.name.partition("-")[0]: folder for folder in differ.iterdir()}
    assert kinds.keys() == {"project", "alarm"}
    assert (kinds["project"] / "settled").read_text() == "a==1\nmine==1\nyours==1\n"
    assert (kinds["project"] / "people").read_text() == "a==1\nyours==1\n"
    assert git(folder, "count-objects", "-v") == before, "something was written to the clone"
