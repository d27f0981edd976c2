"""Files that git merges by itself, and that both sides changed: what is wrong then is no `Done`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hazards.support import Project, plain_template

BASE = """\
[project]
name = "app"

[tool.a]
one = 1
two = 2

[tool.b]
three = 3
four = 4
"""
MINE = BASE + "\n[tool.ruff]\nline-length = 120\n"
THEIRS = BASE.replace("[tool.a]", "[tool.ruff]\nline-length = 88\n\n[tool.a]")


def diverged(tmp_path: Path, base: str, mine: str, theirs: str, name: str) -> Project:
    template = plain_template(tmp_path, {name: base, "other.txt": "a\n"})
    project = Project.start(template)
    project.commit("Mine", {name: mine})
    template.main("Theirs", {name: theirs, "other.txt": "b\n"})
    return project


def test_a_table_that_both_brought_is_a_conflict_of_gits(tmp_path: Path) -> None:
    """Stages in the index, markers in the file, and a merge that waits: all ordinary tools work on it."""
    project = diverged(tmp_path, BASE, MINE, THEIRS, "pyproject.toml")
    planned = project.update("--dry-run")
    assert "Conflict   pyproject.toml" in planned.text
    ran = project.update(expect=3)
    assert "Conflict   pyproject.toml" in ran.text
    assert project.unmerged() == {"pyproject.toml"}
    stages = [project.git("show", f":{stage}:pyproject.toml") for stage in (1, 2, 3)]
    assert [text.strip() for text in stages] == [text.strip() for text in (BASE, MINE, THEIRS)]
    text = project.read("pyproject.toml")
    assert text.count("<<<<<<<") == 2
    assert "line-length = 120" in text
    assert "line-length = 88" in text
    assert project.read("other.txt") == "b\n"


def test_it_can_be_ended_and_the_next_update_has_nothing_to_do(tmp_path: Path) -> None:
    project = diverged(tmp_path, BASE, MINE, THEIRS, "pyproject.toml")
    project.update(expect=3)
    project.write({"pyproject.toml": MINE})
    project.git("add", "pyproject.toml")
    project.git("commit", "--no-edit", "--quiet")
    assert project.is_clean()
    assert "Nothing to do" in project.update().out


def test_it_can_be_called_off(tmp_path: Path) -> None:
    project = diverged(tmp_path, BASE, MINE, THEIRS, "pyproject.toml")
    project.update(expect=3)
    project.git("merge", "--abort")
    assert project.is_clean()
    assert project.read("pyproject.toml") == MINE


def test_the_same_setting_with_two_values_is_a_conflict(tmp_path: Path) -> None:
    base = "A=1\nB=2\nC=3\n"
    project = diverged(
        tmp_path, base, base + "LEVEL=debug\n", "LEVEL=info\n" + base, ".env.example"
    )
    project.update(expect=3)
    assert project.unmerged() == {".env.example"}


def test_the_same_line_at_two_places_is_told_and_merged(tmp_path: Path) -> None:
    """Both may mean it: the merge stands, and the report asks."""
    base = "A=1\nB=2\nC=3\n"
    project = diverged(tmp_path, base, base + "LEVEL=info\n", "LEVEL=info\n" + base, ".env.example")
    ran = project.update()
    assert ".env.example:5: both sides brought 'LEVEL=info', at two places" in ran.text
    assert project.is_clean()


def test_json_has_the_doubts_too(tmp_path: Path) -> None:
    base = "A=1\nB=2\nC=3\n"
    project = diverged(tmp_path, base, base + "LEVEL=info\n", "LEVEL=info\n" + base, ".env.example")
    doubts = json.loads(project.update("--json").out)["doubts"]
    assert doubts == [{"path": ".env.example", "line": 5, "text": "LEVEL=info"}]


def test_what_the_user_moved_does_not_come_back_twice(tmp_path: Path) -> None:
    base = "one thing\ntwo\nthree\nfour\n"
    mine = "two\none thing\nthree\nfour\n"
    project = diverged(tmp_path, base, mine, "two\nthree\nfour\none thing\n", "notes.txt")
    project.update(expect=3)
    assert project.unmerged() == {"notes.txt"}


def test_changes_of_both_that_have_nothing_in_common_are_merged_in_silence(tmp_path: Path) -> None:
    theirs = BASE.replace("four = 4", "four = 5")
    mine = BASE.replace('name = "app"', 'name = "mine"')
    project = diverged(tmp_path, BASE, mine, theirs, "pyproject.toml")
    ran = project.update()
    assert "Conflict" not in ran.text
    assert "at two places" not in ran.text
    assert project.is_clean()


def test_what_was_picked_does_not_come_twice(tmp_path: Path) -> None:
    """A picked function stands behind the user's line; git sees two insertions, blank lines apart."""
    body = "\n\ndef late():\n    a = 1\n    b = 2\n    c = 3\n"
    new = "\n\ndef image():\n    if debug:\n        return 4447\n"
    template = plain_template(tmp_path, {"app.py": f"DEBUG = 8\n{body}"})
    project = Project.start(template)
    project.commit("Mine", {"app.py": f"DEBUG = 8\nIMAGE = 6779\n{body}"})
    late = body.replace("c = 3", "c = 4")
    template.main("First", {"app.py": f"DEBUG = 8\n{late}"})
    second = template.main("Second", {"app.py": f"DEBUG = 8\n{new}{late}"})
    project.run("pick", second)
    project.update()
    assert project.read("app.py") == f"DEBUG = 8\nIMAGE = 6779\n{new}{late}"
