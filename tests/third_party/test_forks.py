"""A third party's branch may be one of a fork of the template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aegis_cli.template.trusted import trust
from tests.support.git import commit, git
from tests.support.project import ProjectRepo, Refused
from tests.support.template import TOP, TemplateRepo, own_files, own_parts
from tests.support.third_party import ThirdPartyRepo, started


@pytest.fixture
def fork(template: TemplateRepo, tmp_path: Path) -> Path:
    """A clone of the template with a branch of its own, like those of the template."""
    fork = tmp_path / "fork"
    git(tmp_path, "clone", "--quiet", str(template.path), str(fork))
    git(fork, "checkout", "--quiet", "-b", "component/notes")
    facts = {"name": "notes", "kind": "component", "summary": "Notes."}
    files = {f"{TOP}/{path}": text for path, text in own_files("notes").items()}
    files |= {f"components/notes/parts/{p}": text for p, text in own_parts("notes").items()}
    files["components/notes/component.yml"] = json.dumps(facts)
    files["README.md"] = "My fork\n"
    commit(fork, "notes: start", files)
    trust(str(fork))
    return fork


def test_a_fork_adds_what_differs_from_the_template(
    app: ProjectRepo, fork: Path, notes: ThirdPartyRepo, template: TemplateRepo, tmp_path: Path
) -> None:
    """It gives the same as a branch that stands alone."""
    app.add(f"{fork}#component/notes")
    alone = started(template, tmp_path / "alone", "scheduler", notes.reference)
    differing = {p for p, entry in app.tree().items() if alone.tree().get(p) != entry}
    assert differing == {".aegis/components/notes.yml"}


def test_a_fork_that_merges_the_template_is_updated(
    app: ProjectRepo, fork: Path, template: TemplateRepo
) -> None:
    app.add(f"{fork}#component/notes")
    guide = app.read("docs/guide.md")
    template.main("guide: better", {"docs/guide.md": guide.replace("Line 3\n", "Line 3!\n")})
    template.release("v0.2.0")
    git(fork, "pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
    changed = str(own_files("notes")["app/notes.py"]).replace("notes_1 = 1\n", "notes_1 = 100\n")
    commit(fork, "notes: better", {f"{TOP}/app/notes.py": changed})
    outcome = app.update()
    assert [c.subject for c in outcome.upstream] == ["guide: better", "notes: better"]
    assert "Line 3!" in app.read("docs/guide.md")
    assert "notes_1 = 100" in app.read("app/notes.py")


def test_a_fork_that_changes_the_template_is_refused(
    app: ProjectRepo, fork: Path, refused: Refused
) -> None:
    commit(fork, "Worse", {f"{TOP}/app/main.py": "mine\n"})
    said = refused(app, "add", f"{fork}#component/notes")
    assert f"changes '{TOP}/app/main.py' of the base template" in said
