"""Where HEAD is, and how many work trees a repository has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git import git
from tests.support.project import VENDOR, Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo


def test_a_detached_head_takes_an_update(project: ProjectRepo) -> None:
    """HEAD moves on, detached as it was, and no branch moves with it."""
    main = project.head()
    project.git("checkout", "--quiet", "--detach")

    assert project.update("v0.2.0").status == "done"

    assert project.git("symbolic-ref", "--quiet", "HEAD", check=False) == ""
    assert project.git("rev-parse", "refs/heads/main") == main
    assert project.git("rev-parse", "HEAD^1") == main


def test_a_detached_head_is_anchored(project: ProjectRepo) -> None:
    """Also where history has lost the template."""
    project.git("commit", "--quiet", "--amend", "-m", "Mine")
    main = project.head()
    project.git("checkout", "--quiet", "--detach")

    assert project.update("v0.2.0").status == "done"

    assert project.git("rev-parse", "refs/heads/main") == main
    assert project.git("rev-parse", "HEAD~2") == main


@pytest.fixture
def linked(project: ProjectRepo) -> ProjectRepo:
    """A linked work tree of `project`, on a branch of its own."""
    project.git("worktree", "add", "--quiet", "-b", "other", "../linked")
    return ProjectRepo(project.path.with_name("linked"))


def test_a_linked_work_tree_takes_an_update(project: ProjectRepo, linked: ProjectRepo) -> None:
    """The update lands on its branch; the main work tree stays as it is."""
    main, before = project.head(), project.tree()

    assert linked.update("v0.2.0").status == "done"

    assert "app/health.py" in linked.tree()
    assert (project.head(), project.tree(), project.dirty()) == (main, before, [])
    assert project.update("v0.2.0").status == "done"
    assert project.tree() == linked.tree()


def test_a_merge_that_waits_in_another_work_tree_does_not_hinder(
    project: ProjectRepo, linked: ProjectRepo
) -> None:
    """Each work tree has a merge state of its own."""
    guide = linked.read("docs/guide.md")
    linked.commit("Mine", {"docs/guide.md": guide.replace("Line 5\n", "Line five\n")})
    assert linked.update("v0.2.0").status == "conflicts"

    assert project.update("v0.2.0").status == "done"

    assert linked.git("diff", "--name-only", "--diff-filter=U") == "docs/guide.md"


def test_a_dry_run_in_a_linked_work_tree(project: ProjectRepo, linked: ProjectRepo) -> None:
    """It changes nothing there either."""
    before = project.snapshot(objects=True), linked.snapshot()

    assert linked.update(dry_run=True).status == "planned"

    assert (project.snapshot(objects=True), linked.snapshot()) == before


def test_a_work_tree_of_a_bare_repository(project: ProjectRepo, tmp_path: Path) -> None:
    """Many keep a bare repository with work trees beside it; each is a repository like any other."""
    git(tmp_path, "clone", "--quiet", "--bare", str(project.path), "bare.git")
    git(tmp_path / "bare.git", "worktree", "add", "--quiet", "../work", "main")
    work = ProjectRepo(tmp_path / "work")

    assert work.update("v0.2.0").status == "done"
    assert work.dirty() == []


def test_a_submodule(project: ProjectRepo, tmp_path: Path) -> None:
    """A project that is a submodule of another repository is a repository of its own."""
    outer = ProjectRepo(tmp_path / "outer")
    outer.path.mkdir()
    outer.git("init", "--quiet")
    outer.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project.path), "sub"
    )
    outer.commit("Start")
    inner = ProjectRepo(outer.path / "sub")

    assert inner.update("v0.2.0").status == "done"

    assert inner.dirty() == []
    assert outer.dirty() == [" M sub"]


def test_the_vendor_branch_in_another_work_tree(project: ProjectRepo, tmp_path: Path) -> None:
    """Where somebody looks at aegis/vendor, the branch stays under their feet, and the update works."""
    project.git("worktree", "add", "--quiet", "../vendor", "aegis/vendor")
    vendor = ProjectRepo(tmp_path / "vendor")
    before = vendor.head()

    assert project.update("v0.2.0").status == "done"

    assert (vendor.head(), vendor.dirty()) == (before, [])
    assert project.update().status == "done"
    assert project.dirty() == []


def test_the_vendor_branch_checked_out_here(project: ProjectRepo) -> None:
    """The user is on aegis/vendor itself: it is a branch like any other then."""
    project.git("checkout", "--quiet", "aegis/vendor")

    assert project.update("v0.2.0").status == "done"
    assert project.dirty() == []
    project.git("checkout", "--quiet", "main")
    assert project.update().status == "done"
    assert "Line 5, best\n" in project.read("docs/guide.md")


def test_an_unborn_branch_is_refused(project: ProjectRepo, refused: Refused) -> None:
    """`git checkout --orphan`: there is nothing to merge into yet."""
    project.git("checkout", "--quiet", "--orphan", "new")
    project.git("reset", "--quiet")

    assert "git commit" in refused(project, "update")


def test_init_in_a_repository_without_commits(
    story: TemplateRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """The project is its first commit, in a folder of its own."""
    git(tmp_path, "init", "--quiet", "outer")
    outer = ProjectRepo(tmp_path / "outer")
    words = ("init", "part", "-o", outer.path, "--template", story.path, "--trust", "-y")

    assert aegis(*words)[0] == 0
    assert not outer.git("status", "--porcelain")
    assert "part/.aegis/project.yml" in outer.tree()


def test_init_from_a_template_without_commits(tmp_path: Path, aegis: Aegis) -> None:
    """A template repository that is empty is told so, and nothing is written."""
    git(tmp_path, "init", "--quiet", "empty")

    code, out, err = aegis(
        "init", "app", "-o", tmp_path, "--template", tmp_path / "empty", "--trust", "-y"
    )

    assert (code, out) == (1, "")
    assert "has no commits" in err
    assert not (tmp_path / "app").exists()


def test_a_bare_repository_is_no_project(
    project: ProjectRepo, tmp_path: Path, aegis: Aegis
) -> None:
    """There are no files in it to merge into; it is told, not tried."""
    git(tmp_path, "clone", "--quiet", "--bare", str(project.path), "bare.git")

    code, out, err = aegis("update", "--project-path", tmp_path / "bare.git")

    assert (code, out) == (1, "")
    assert "no project" in err
    assert "Next:" in err


@pytest.mark.parametrize("place", ["bare.git", "app/.git"])
def test_init_inside_a_git_directory_is_refused(
    story: TemplateRepo, project: ProjectRepo, tmp_path: Path, aegis: Aegis, place: str
) -> None:
    """Nobody wants a project between git's own files."""
    git(tmp_path, "clone", "--quiet", "--bare", str(project.path), "bare.git")

    code, out, err = aegis(
        "init", "part", "-o", tmp_path / place, "--template", story.path, "-y", "--trust"
    )

    assert (code, out) == (1, "")
    assert "is a git directory" in err
    assert "--output-dir" in err
    assert not (tmp_path / place / "part").exists()


@pytest.mark.parametrize("name", ["aegis", "aegis/vendor/more"])
def test_a_branch_that_takes_the_vendor_branchs_place(project: ProjectRepo, name: str) -> None:
    """The vendor branch is a cache: without a place for it, all goes well without it."""
    project.git("update-ref", "-d", VENDOR)
    project.git("branch", name)

    assert project.update("v0.2.0").status == "done"
    assert project.update().status == "done"

    assert project.git("rev-parse", "--verify", "--quiet", VENDOR, check=False) == ""
    assert project.dirty() == []


@pytest.mark.parametrize("name", ["aegis", "aegis/vendor"])
def test_init_where_the_default_branch_is_called_like_ours(
    story: TemplateRepo, tmp_path: Path, sealed: Path, name: str
) -> None:
    """Whatever init.defaultBranch says, there is a project afterwards."""
    git(tmp_path, "config", "--global", "init.defaultBranch", name)

    project = ProjectRepo.init(story, tmp_path, ref="v0.1.0")

    assert project.git("symbolic-ref", "--short", "HEAD") == name
    assert project.update().status == "done"
    assert project.dirty() == []


def test_files_called_like_branches_and_revisions(project: ProjectRepo) -> None:
    """`main`, `HEAD` and `aegis/vendor` can be folders and files, too: we only use full names."""
    project.commit(
        "Mine",
        {"main": "x\n", "HEAD": "x\n", "aegis/vendor": "x\n", "refs/heads/aegis/vendor": "x\n"},
    )

    assert project.update("v0.2.0").status == "done"
    project.git("revert", "--no-edit", "-m1", "HEAD")
    assert project.update("v0.2.0").status == "done"
    assert project.status().tracked
    assert project.dirty() == []


def test_a_tag_called_like_the_vendor_branch(project: ProjectRepo) -> None:
    """A tag `aegis/vendor` makes the short name ambiguous, and changes nothing."""
    project.git("tag", "aegis/vendor")

    assert project.update().status == "done"
    assert "Line 5, best\n" in project.read("docs/guide.md")


def test_a_sparse_work_tree_stays_sparse(project: ProjectRepo) -> None:
    """Files that the user does not want on disk are updated in the history only."""
    project.git("sparse-checkout", "set", "--no-cone", "/app/", "/.aegis/")
    assert not (project.path / "docs").exists()

    assert project.update("v0.2.0").status == "done"

    assert not (project.path / "docs").exists()
    assert (project.path / "app/health.py").exists()
    assert "Line 5, better" in project.git("show", "HEAD:docs/guide.md")
    assert project.dirty() == []
