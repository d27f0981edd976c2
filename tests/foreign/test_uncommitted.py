"""Uncommitted work of a template on this machine: left out unless asked for, and never touched."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.git import commit, git
from tests.support.project import Aegis
from tests.support.stock import state_at
from tests.support.template import TOP, TemplateRepo


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """A template with work in it that is not committed: a changed file, a new one, one that is gone, one ignored."""
    made = TemplateRepo(tmp_path / "template", {"name": "Ada"}, slots=False)
    made.main("Start", {"a.txt": "a\n", "b.txt": "b\n", "old.txt": "old\n"})
    commit(made.path, "Ignore", {".gitignore": "*.log\n"})
    place = made.path / TOP
    (place / "a.txt").write_text("{{ cookiecutter.name }} is at work\n")
    (place / "new.txt").write_text("new\n")
    (place / "x.log").write_text("log\n")
    (place / "old.txt").unlink()
    git(made.path, "add", f"{TOP}/new.txt")
    return made


def everything(repository: Path) -> dict[str, bytes]:
    """Return all that a repository consists of."""
    return {str(p): p.read_bytes() for p in sorted(repository.rglob("*")) if p.is_file()}


def start(aegis: Aegis, source: object, place: Path, *words: str) -> Path:
    """Start a project of the work as it stands."""
    code, _, err = aegis(
        "init", "app", "--template", str(source), "--ref", "worktree", "-o", place, "-y", *words
    )
    assert code == 0, err
    assert "left out" not in err
    return place / "app"


def test_it_is_taken_when_asked_for_and_the_state_says_what_it_is(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    before, head = everything(template.path), git(template.path, "rev-parse", "HEAD")
    project = start(aegis, template.path, tmp_path, "--trust")
    names = sorted(path.name for path in project.iterdir() if path.is_file())
    assert names == ["a.txt", "b.txt", "new.txt"]
    assert (project / "a.txt").read_text() == "Ada is at work\n"
    state = state_at(project, "HEAD")
    assert state.release == f"{head[:12]}+worktree"
    assert state.commit != head
    assert "+worktree" in aegis("status", "--project-path", project)[1]
    assert everything(template.path) == before


def test_an_update_follows_it_when_asked_to_and_else_goes_to_what_is_committed(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust")
    commit(project, "Mine", {"mine.txt": "mine\n"})
    words = ("update", "-y", "--no-sync", "--project-path", project)
    assert "Nothing to do" in aegis(*words, "--to", "worktree")[1]
    (template.path / TOP / "new.txt").write_text("newer\n")
    assert aegis(*words, "--to", "worktree")[0] == 0
    assert (project / "new.txt").read_text() == "newer\n"
    assert aegis("diff", "--project-path", project)[0] == 0

    code, _, err = aegis(*words)
    assert (code, "--to worktree" in err) == (0, True), err
    assert (project / "a.txt").read_text() == "a\n"
    assert not (project / "new.txt").exists()
    assert state_at(project, "HEAD").commit == git(template.path, "rev-parse", "HEAD")
    assert (project / "mine.txt").exists()


def test_work_that_was_committed_meanwhile_changes_nothing_but_the_state(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    project = start(aegis, template.path, tmp_path, "--trust")
    git(template.path, "add", "--all")
    git(template.path, "commit", "--quiet", "--message", "At work")
    out = aegis("update", "-y", "--json", "--no-sync", "--project-path", project)[1]
    found = json.loads(out)
    assert found["status"] == "done"
    assert [each["path"] for each in found["changes"]] == [".aegis/project.yml"]
    assert state_at(project, "HEAD").commit == git(template.path, "rev-parse", "HEAD")
    assert "up to date" in aegis("status", "--project-path", project)[1]


def test_an_update_brings_it_as_a_commit_of_its_own(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    words = ("init", "app", "--template", template.path, "-o", tmp_path, "-y", "--trust")
    assert "--ref worktree" in aegis(*words)[2]
    project = tmp_path / "app"
    out = aegis(
        "update", "--to", "worktree", "-y", "--json", "--no-sync", "--project-path", project
    )[1]
    assert [each["subject"] for each in json.loads(out)["upstream"]] == ["Uncommitted work"]
    assert (project / "new.txt").read_text() == "new\n"


def test_it_is_not_read_before_the_template_is_trusted(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    words = ("--template", template.path, "--ref", "worktree", "-o", tmp_path, "-y")
    code, _, err = aegis("init", "app", *words)
    assert (code, "not trusted" in err) == (1, True)


def test_what_has_no_work_tree_is_told(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(template.path), str(bare))
    for source in (bare, template.path.as_uri()):
        words = ("--template", source, "--ref", "worktree", "-o", tmp_path, "-y", "--trust")
        code, _, err = aegis("init", "app", *map(str, words))
        assert (code, "uncommitted work of a template in a folder" in err) == (2, True), err


def test_a_clean_work_tree_and_a_detached_one_are_commits_like_others(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    git(template.path, "reset", "--quiet", "--hard")
    (template.path / TOP / "x.log").unlink()
    git(template.path, "checkout", "--quiet", "--detach", "HEAD~1")
    project = start(aegis, template.path, tmp_path, "--trust")
    state = state_at(project, "HEAD")
    assert state.commit == git(template.path, "rev-parse", "HEAD")
    assert state.release == state.commit[:12]


@pytest.mark.parametrize("branch", ["trunk", "detached"])
def test_nothing_is_told_of_a_clean_work_tree(
    branch: str, template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Whatever its branch is called, or where it is on none."""
    git(template.path, "reset", "--quiet", "--hard")
    git(template.path, "branch", "--move", "trunk")
    if branch == "detached":
        git(template.path, "checkout", "--quiet", "--detach")
    words = ("--template", template.path, "--ref", "trunk", "-o", tmp_path, "-y", "--trust")
    assert aegis("init", "app", *words)[::2] == (0, "")
    if branch == "detached":
        git(template.path, "branch", "other")
        code, _, err = aegis("init", "second", *words)
        assert (code, "on none of its branches" in err, "  other\n  trunk" in err) == (
            1,
            True,
            True,
        )


def test_a_folder_that_is_not_committed_at_all_is_told(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    folder = template.path / "more"
    (folder / TOP).mkdir(parents=True)
    (folder / "cookiecutter.json").write_text('{"project_slug": "demo"}')
    (folder / TOP / "more.txt").write_text("more\n")
    words = ("init", "app", "--template", folder, "-o", tmp_path, "-y", "--trust")
    code, _, err = aegis(*words)
    assert (code, "which is not committed" in err, "--ref worktree" in err) == (1, True, True), err
    assert aegis(*words, "--ref", "worktree")[0] == 0
    assert (tmp_path / "app/more.txt").read_text() == "more\n"


def test_a_project_of_it_grows_again_once_it_is_at_a_commit(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Nobody has the work that it was made from; that is told, with the way on."""
    project = start(aegis, template.path, tmp_path, "--trust")
    code, _, err = aegis("remove", "x", "--project-path", project)
    assert (code, "aegis update --to worktree" in err) == (1, True), err
    git(project, "checkout", "--quiet", "--orphan", "squashed")
    commit(project, "All in one", {"mine.txt": "mine\n"})
    git(project, "branch", "-D", "aegis/vendor")
    code, _, err = aegis("update", "-y", "--no-sync", "--project-path", project)
    assert (code, "no longer has the commit" in err) == (1, True), err
    state = project / ".aegis/project.yml"
    made_from = state_at(project, "HEAD").commit
    near = git(template.path, "rev-parse", "HEAD")
    state.write_text(state.read_text().replace(made_from, near))
    git(project, "commit", "--quiet", "--all", "--message", "Nearest")
    assert aegis("update", "-y", "--no-sync", "--project-path", project)[0] == 0
    assert (project / "mine.txt").exists()


def test_a_repository_within_that_has_no_commit_is_told(
    template: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """Git cannot take it; that is said in words, with a command that leaves it out."""
    nested = template.path / "drafts/it's new"
    nested.mkdir(parents=True)
    git(nested, "init", "--quiet")
    words = ("init", "app", "--template", template.path, "-o", tmp_path, "-y", "--trust")
    code, out, err = aegis(*words, "--ref", "worktree")
    assert (code, out) == (1, "")
    assert f"'{nested}' is a git repository of its own and has no commit yet" in err
    assert "failed" not in err
    assert not (tmp_path / "app").exists()
    command = err.partition("or leave it out: ")[2].strip()
    subprocess.run(["sh", "-c", command], check=True)
    assert aegis(*words, "--ref", "worktree")[0] == 0
