"""`aegis new-component` gives a repository that works as it stands, or nothing at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.operations.check import check_component
from tests.support.git import git, tree
from tests.support.project import Aegis, ProjectRepo
from tests.support.reporter import Silent

LONGEST = "a-very-long-name-of-24-c"


@pytest.mark.parametrize(
    ("name", "kind"), [("notes", "component"), ("x", "service"), (LONGEST, "component")]
)
def test_a_new_component_is_sound_and_committed(
    tmp_path: Path, aegis: Aegis, name: str, kind: str
) -> None:
    code, out, err = aegis("new-component", name, "--kind", kind, "-o", tmp_path)
    assert (code, err) == (0, "")
    assert f"Created {name}: a {kind}, " in out
    root = tmp_path / name
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "log", "--format=%an %D %s") == f"User HEAD -> main {name}: start"
    assert not [path for path in tree(root) if "cookiecutter.name" in path or "package" in path]
    checked = check_component(root, Silent(), tests=False)
    assert [(c.name, c.findings) for c in checked.checks if c.findings] == []
    assert (checked.name, checked.kind) == (name, kind)


def test_it_can_be_added_at_once(
    tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its README says: from its own folder, by the path `.`."""
    aegis("new-component", "notes", "-o", tmp_path)
    monkeypatch.chdir(tmp_path / "notes")
    code, _, err = aegis("init", "demo", "-y", "--trust", "-c", ".", "-o", tmp_path)
    assert code == 0, err
    demo = ProjectRepo(tmp_path / "demo")
    assert "from app.stack.notes import notes\n" in demo.read("app/stack/__init__.py")
    assert 'notes = Component(name="notes", checks=checks)' in demo.read("app/stack/notes.py")
    assert f"source: {tmp_path / 'notes'}\n" in demo.read(".aegis/components/notes.yml")


@pytest.mark.parametrize(
    "name", ["", "Notes", "1st", "a_b", "a--b", "-a", "a/b", "..", f"{LONGEST}x", "a+b", "ä"]
)
def test_names_that_will_not_do(tmp_path: Path, aegis: Aegis, name: str) -> None:
    code, _, err = aegis("new-component", "-o", tmp_path, "--", name)
    assert (code, "will not do as the name of a component" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("redis", "the template has a component 'redis' of its own"),
        ("system", "app/services/system/__init__.py: the base template has this file"),
        ("cache", "app/services/cache/__init__.py: the component 'redis' brings this file"),
    ],
)
def test_names_that_are_taken(tmp_path: Path, aegis: Aegis, name: str, words: str) -> None:
    code, _, err = aegis("new-component", name, "-o", tmp_path)
    assert (code, words in err, "Choose another name" in err) == (2, True, True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, aegis: Aegis) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine\n")
    code, _, err = aegis("new-component", "notes", "-o", tmp_path)
    assert (code, "is there already" in err) == (1, True)
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["mine.txt"]


def test_json_lists_the_files(tmp_path: Path, aegis: Aegis) -> None:
    code, out, _ = aegis("new-component", "notes", "-o", tmp_path, "--json")
    made = json.loads(out)
    assert (code, made["commit"]) == (0, git(tmp_path / "notes", "rev-parse", "HEAD"))
    assert set(made["files"]) == set(tree(tmp_path / "notes"))
    own = [path for path in made["files"] if "project_slug" in path]
    parts = [path for path in made["files"] if "/parts/" in path]
    assert (len(own), len(parts)) == (3, 2), "a component is small to begin with"
