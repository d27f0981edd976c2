"""Projects of real tools, made at commits that nobody tells: each is connected to its own, and then updates."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.template.trusted import trust
from tests.adopting.template import ANSWERS, TOOLS, long_history, worked_on
from tests.support.git import git
from tests.support.history import History
from tests.support.project import Aegis
from tests.support.stock import stock_tree

NUMBERS = (1, 4, 7, 13, 18, 20, 25, 28, 33, 39)
"""Commits of the template's history, by their numbers."""
# Nothing but the plain tool leaves all of it to be found out; the others are processes of some seconds.
CASES = [(tool, n) for tool in TOOLS for n in (NUMBERS if tool == "cookiecutter" else (7, 28))]
NAMED = {"cookiecutter": "the nearest of", "battenberg": "the nearest of"}


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, History]:
    """The template; with the file that Battenberg needs, and without."""
    place = tmp_path_factory.mktemp("histories")
    return {
        own: long_history(place / f"template-{own}.git", context_file=own) for own in (True, False)
    }


@pytest.mark.parametrize(("tool", "number"), CASES)
def test_a_project_is_connected_to_the_commit_that_it_was_made_from(
    tool: str, number: int, histories: dict[bool, History], tmp_path: Path, aegis: Aegis
) -> None:
    history = histories[tool == "battenberg"]
    chain = git(history.path, "rev-list", "--reverse", "main").split()
    project = TOOLS[tool](history, chain[number], tmp_path)
    worked_on(project)
    before = project.tree()
    trust(str(history.path))
    trust(history.path.as_uri())
    named = ["--template", history.path] if tool == "cookiecutter" else []

    code, out, err = aegis("adopt", *named, "--project-path", project.path)
    assert code == 0, err
    assert NAMED.get(tool, f"by {tool}, in ") in out
    found = project.status().state
    assert found.commit == chain[number] or _same(history, chain[number], found.commit)
    assert {name: found.answers[name] for name in ANSWERS} == ANSWERS
    # Nothing but the state is new, and what is the user's is known to be.
    assert {p: e for p, e in project.tree().items() if not p.startswith(".aegis/")} == before
    assert project.dirty() == []
    status = project.status()
    assert status.tracked
    assert {".gitignore", "README.md", "Makefile"} <= set(status.changed)
    assert status.deleted == ("tests/test_main.py",)
    assert len(status.waiting) == len(chain) - 1 - chain.index(found.commit)

    outcome = project.update()
    assert outcome.status in ("done", "nothing")
    assert project.status().state.commit == chain[-1]
    assert "Our own words." in project.read("README.md")
    assert "STEP_6 = 'ours'" in project.read("src/bird_watch/main.py")
    assert project.read("docs/help.md") == "# Help\n\nAsk.\n"
    assert not (project.path / "tests" / "test_main.py").exists()


def _same(history: History, one: str, other: str) -> bool:
    first, second = (stock_tree(history.path, oid, {}, ANSWERS) for oid in (one, other))
    return first == second
