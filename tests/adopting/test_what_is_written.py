"""One commit, in which only the state is new; a dry run writes nothing; a kill at any point leaves things whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.adopting.conftest import cruft_file
from tests.hazards.killing import counted, run_and_kill
from tests.hazards.support import assert_whole
from tests.support.git import commit, git, graph
from tests.support.project import VENDOR, Aegis, ProjectRepo
from tests.support.template import TemplateRepo, standard


def test_one_commit_joins_the_template(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    before, ignored = project.head(), project.path / "x.log"
    project.write({"untracked.txt": "mine\n", "x.log": "mine\n"})
    words = ("adopt", "--template", template.path, "--project-path", project.path)
    code, out, err = aegis(*words)
    assert code == 0, err
    assert graph(project.path) == (
        "*   Adopt template " + git(template.path, "rev-parse", "main^")[:12] + "\n|\\\n"
        "| * Template " + git(template.path, "rev-parse", "main^")[:12] + "\n* Work\n* Start"
    )
    parents = project.git("rev-list", "--parents", "-1", "HEAD").split()[1:]
    assert parents == [before, project.git("rev-parse", VENDOR)]
    assert project.git("diff", "--name-only", before, "HEAD") == ".aegis/project.yml"
    assert project.dirty() == ["?? untracked.txt"]
    assert ignored.read_text() == "mine\n"
    assert f"Undo:      git reset --keep {before[:10]}" in out
    project.git("reset", "--keep", before)
    assert not (project.path / ".aegis").exists()


def test_it_is_a_project_like_any_other(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis, tmp_path: Path
) -> None:
    """What the user has changed is known; the template's next commits come; in a fresh clone, too."""
    assert aegis("adopt", "--template", template.path, "--project-path", project.path)[0] == 0
    code, diff, _ = aegis("diff", "--project-path", project.path)
    assert code == 0
    assert "+and more" in diff
    assert "own.py" not in diff
    clone = project.clone(tmp_path / "clone")
    for each in (project, clone):
        assert [c.subject for c in each.status().waiting] == ["Three"]
        assert each.update().status == "done"
        assert each.read("c.txt") == "c\n"
        assert each.read("b.txt") == "b\nand more\n"
        assert each.update().status == "nothing"
    assert clone.head() == project.head()


def test_a_dry_run_says_the_same_and_writes_nothing(
    project: ProjectRepo, template: TemplateRepo, aegis: Aegis
) -> None:
    words = ("adopt", "--template", template.path, "--project-path", project.path)
    before = project.snapshot(objects=True)
    code, out, err = aegis(*words, "--dry-run")
    assert code == 0, err
    assert "Would adopt: app" in out
    assert "1 of 2 files are equal, 1 changed" in out
    assert "Nothing was changed." in out
    assert project.snapshot(objects=True) == before
    planned = json.loads(aegis(*words, "--dry-run", "--json")[1])
    done = json.loads(aegis(*words, "--json")[1])
    assert planned["commit"] is None
    assert done["commit"] == project.head()
    same = ("state", "nearness", "second", "known", "points", "subject")
    assert {key: planned[key] for key in same} == {key: done[key] for key in same}
    assert done["second"]["subject"] == "Three"


def test_a_project_in_a_folder_of_a_repository(
    tmp_path: Path, template: TemplateRepo, aegis: Aegis
) -> None:
    root = tmp_path / "mono"
    root.mkdir()
    git(root, "init", "--quiet")
    commit(root, "Start", {"other.txt": "o\n", "apps/one/b.txt": "b\n"})
    commit(root, "More", {"apps/one/a.txt": "For Grace\n\nTwo\n"})
    project = ProjectRepo(root / "apps" / "one")
    assert aegis("adopt", "--template", template.path, "--project-path", project.path)[0] == 0
    assert (project.path / ".aegis" / "project.yml").is_file()
    assert git(root, "rev-parse", "--verify", "refs/heads/aegis/apps/one/vendor")
    assert project.update().status == "done"
    assert project.read("c.txt") == "c\n"
    assert (root / "other.txt").read_text() == "o\n"


def test_components_are_found_by_their_files(tmp_path: Path, aegis: Aegis) -> None:
    """A project of a template with components, whose state was lost."""
    template = standard(tmp_path / "template")
    made = ProjectRepo.init(template, tmp_path, "scheduler", "database", ref="v0.1.0")
    before = made.status().state
    shutil.rmtree(made.path / ".git")
    shutil.rmtree(made.path / ".aegis")
    git(made.path, "init", "--quiet")
    made.commit("Start", {"app/main.py": made.read("app/main.py") + "MINE = 1\n"})
    words = ("adopt", "--template", template.path, "--project-path", made.path)
    code, _, err = aegis(*words)
    assert code == 0, err
    found = made.status()
    assert (found.state.commit, found.state.snapshot) == (before.commit, before.snapshot)
    assert found.changed == ("app/main.py",)
    assert found.deleted == ()
    assert made.add("redis").status == "done"


def test_how_far_a_project_is_from_a_template_of_another_kind(
    project: ProjectRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """`--onto` only tells, whatever other tools have noted."""
    template = standard(tmp_path / "other")
    project.commit("Noted", {".cruft.json": cruft_file(template, "main")})
    before = project.snapshot(objects=True)
    words = ("adopt", "--onto", template.path, "--trust", "--project-path", project.path)
    code, out, err = aegis(*words, "--dry-run")
    assert code == 0, err
    assert "Far away: app" in out
    assert "v0.1.0" in out
    assert "0 of 5 files are equal, 5 missing" in out
    assert "Missing    app 2, docs 1, README.md, pyproject.toml" in out
    assert project.snapshot(objects=True) == before
    before = project.snapshot()
    code, _, err = aegis(*words)
    assert code == 2
    assert "Add --dry-run" in err
    assert project.snapshot() == before


@pytest.mark.parametrize("number", [0, 2, 4, 6])
def test_a_kill_leaves_things_whole_and_the_next_run_ends_as_an_undisturbed_one(
    number: int, project: ProjectRepo, template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Killed at one of the last things that it does: where files are written and refs move."""
    words = ("adopt", "--template", template.path, "--project-path")
    other, log = tmp_path / "other" / "app", tmp_path / "log"
    shutil.copytree(project.path, other)
    assert run_and_kill("process", 0, other / ".git", log, *words, other) == 0
    at = counted(log) - number
    project.write({"untracked.txt": "mine\n"})
    assert run_and_kill("process", at, project.path / ".git", log, *words, project.path) != 0
    assert_whole(project.path)
    code, _, err = aegis(*words, project.path)
    assert code == 0 or "has its template already" in err
    assert project.head() == ProjectRepo(other).head()
    assert project.dirty() == ["?? untracked.txt"]
    assert not (project.path / ".git" / "aegis" / "journal.json").exists()
