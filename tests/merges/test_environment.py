"""The environment: git hooks and aliases set variables that would lead astray."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from aegis_cli.operations.create import Request, create
from tests.support.git import git
from tests.support.project import CHECKOUT, Aegis, ProjectRepo, run_process
from tests.support.reporter import Silent
from tests.support.template import TemplateRepo

SCRIPT = f"""#!/bin/sh
unset PYTHONHOME
PYTHONPATH='{CHECKOUT}' '{sys.executable}' -m aegis_cli {{words}} >>"$OUT" 2>&1
exit 0
"""


def test_variables_of_another_repository_are_dropped(
    project: ProjectRepo, aegis: Aegis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR and its kin name the repository of a hook that is running, not the project's."""
    git(tmp_path, "init", "--quiet", "other")
    other = ProjectRepo(tmp_path / "other")
    other.commit("Other", {"x.txt": "x\n"})
    before = other.snapshot(objects=True)
    for name, value in {
        "GIT_DIR": other.path / ".git", "GIT_WORK_TREE": other.path, "GIT_PREFIX": "sub/",
        "GIT_INDEX_FILE": other.path / ".git/index", "GIT_OBJECT_DIRECTORY": other.path / ".git/objects",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))

    code, _, err = aegis("update", "--no-sync", "--project-path", project.path)

    assert (code, err) == (0, "")
    assert not {"GIT_DIR", "GIT_INDEX_FILE"} & os.environ.keys()
    assert "Line 5, best\n" in project.read("docs/guide.md")
    assert project.dirty() == []
    assert other.snapshot(objects=True) == before


def _hook(project: ProjectRepo, name: str, words: str) -> None:
    place = project.path / ".git/hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(SCRIPT.format(words=words))
    place.chmod(0o755)


def test_from_a_git_hook_that_may_merge(project: ProjectRepo, tmp_path: Path) -> None:
    """A post-commit hook keeps a branch up to date: aegis works in it as anywhere."""
    _hook(project, "post-commit", "update --no-sync")
    project.write({"mine.txt": "mine\n"})
    project.git("add", "mine.txt")

    project.git("commit", "--quiet", "-m", "Mine", OUT=str(tmp_path / "out"))

    assert "Line 5, best\n" in project.git("show", "HEAD:docs/guide.md")
    assert project.dirty() == []


def test_from_a_git_hook_in_the_midst_of_a_commit(project: ProjectRepo, tmp_path: Path) -> None:
    """In a pre-commit hook git holds its index: aegis refuses, and the commit goes its way."""
    _hook(project, "pre-commit", "update --no-sync")
    out = tmp_path / "out"
    project.write({"mine.txt": "mine\n"})
    project.git("add", "mine.txt")

    project.git("commit", "--quiet", "-m", "Mine", OUT=str(out), check=False)

    assert out.read_text().startswith("Error: ")
    assert "Traceback" not in out.read_text()
    assert project.update().status in ("done", "nothing")


def test_from_a_git_alias(project: ProjectRepo, tmp_path: Path) -> None:
    """`git update-template` as an alias, from a folder of the project."""
    (tmp_path / "run.sh").write_text(SCRIPT.format(words="update --no-sync"))
    project.git("config", "alias.update-template", f"!sh {tmp_path / 'run.sh'}")

    git(project.path / "docs", "update-template", OUT=str(tmp_path / "out"))

    assert "Line 5, best\n" in project.read("docs/guide.md")


@pytest.mark.parametrize("guessed", [True, False], ids=["none", "useConfigOnly"])
def test_no_git_identity(
    story: TemplateRepo, sealed: Path, tmp_path: Path, aegis: Aegis, monkeypatch: pytest.MonkeyPatch,
    guessed: bool,
) -> None:  # fmt: skip
    """Init, update, an anchor and a pick work on a machine where git knows nobody, and say so."""
    (sealed / ".gitconfig").write_text("" if guessed else "[user]\n\tuseConfigOnly = true\n")
    for name in ("EMAIL", "USER", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.delenv(name, raising=False)
    project = ProjectRepo.init(story, tmp_path, "scheduler", ref="v0.1.0")

    assert project.update("v0.2.0").status == "done"
    tree = project.git("rev-parse", "HEAD^{tree}")
    known = {
        "GIT_AUTHOR_NAME": "x",
        "GIT_AUTHOR_EMAIL": "x@y",
        "GIT_COMMITTER_NAME": "x",
        "GIT_COMMITTER_EMAIL": "x@y",
    }
    project.git(
        "reset", "--quiet", "--hard", project.git("commit-tree", tree, "-m", "Lost", **known)
    )
    commit = project.git("-C", str(story.path), "rev-parse", "v0.3.0")
    code, _, err = aegis("pick", commit, "--project-path", project.path)
    assert (code, err) == (0, "")
    code, _, err = aegis("update", "--no-sync", "--project-path", project.path)

    assert code == 0
    assert project.dirty() == []
    if not guessed:
        assert "user.name" in err


def test_a_locale_without_unicode(project: ProjectRepo) -> None:
    """Names and messages survive a machine that speaks ASCII only."""
    main = project.read("app/main.py")
    project.commit("Mine", {"app/m\u00fc.py": "x\n", "app/main.py": f"{main}MINE = '\u00fc'\n"})

    ran = run_process(
        "update", "--no-sync", cwd=project.path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "MINE = '\u00fc'\n" in project.read("app/main.py")
    assert "app/m\u00fc.py" in project.tree()


@pytest.mark.parametrize("form", ["sha256", "sha1"])
def test_repositories_of_either_hash(
    story: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """With SHA-256 ids all that aegis does works alike, from a template with SHA-1."""
    monkeypatch.setenv("GIT_DEFAULT_HASH", form)
    project = ProjectRepo.init(story, tmp_path, "scheduler", ref="v0.1.0")
    assert project.git("rev-parse", "--show-object-format") == form
    guide = project.read("docs/guide.md")
    project.commit("Mine", {"app/main.py": project.read("app/main.py") + "MINE = 1\n"})
    commit = project.git("-C", str(story.path), "log", "-1", "--format=%H", "--grep=health", "main")

    done = [
        project.pick(commit),
        project.update("v0.2.0"),
        project.add("database"),
        project.remove("scheduler"),
    ]
    project.git("reset", "--quiet", "--soft", project.git("rev-list", "--max-parents=0", "HEAD"))
    project.git("commit", "--quiet", "--amend", "-m", "One commit")
    anchored = project.update()

    assert {outcome.status for outcome in (*done, anchored)} == {"done"}
    assert project.read("docs/guide.md") != guide
    assert "MINE = 1\n" in project.read("app/main.py")
    assert project.dirty() == []
    assert project.git("fsck", "--strict", "--no-dangling") == ""


def test_a_path_with_a_colon(story: TemplateRepo, tmp_path: Path) -> None:
    """Looking ahead keeps objects in a second store, named in a list that colons divide."""
    place = tmp_path / 'a:b "c"'
    place.mkdir()
    project = ProjectRepo.init(story, place, "scheduler", ref="v0.1.0")

    assert project.update(dry_run=True).status == "planned"
    assert project.status().tracked
    assert project.update().status == "done"


def test_init_does_not_depend_on_the_folder_it_runs_in(
    story: TemplateRepo, project: ProjectRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run from within a project, a new one elsewhere is no part of it."""
    monkeypatch.chdir(project.path)
    before = project.snapshot()

    create(Request(name="new", parent=tmp_path, source=str(story.path), trusted=True), Silent())

    assert (tmp_path / "new/.git").is_dir()
    assert project.snapshot() == before
