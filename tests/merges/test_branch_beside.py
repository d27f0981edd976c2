"""`aegis update --branch`: the merge is made beside the user's checkout, which is never touched."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.hazards.killing import PLACES, counted, prepare, run_and_kill
from tests.support.git import git
from tests.support.project import VENDOR, Aegis, ProjectRepo, Refused
from tests.support.template import TemplateRepo

MINE = {"docs/guide.md": None, "notes.txt": "mine\n", "app/health.py": "IN_THE_WAY = True\n"}


def checkout(project: ProjectRepo) -> dict[str, bytes]:
    """What is the user's own: files, index, HEAD, settings, branches but the new one and the vendor branch."""
    others = (".git/aegis", ".git/worktrees", ".git/refs/", ".git/packed-refs", ".git/logs/")
    return {
        path: content for path, content in project.snapshot().items() if not path.startswith(others)
    } | {"main": project.git("rev-parse", "refs/heads/main").encode()}


def worktrees(project: ProjectRepo) -> list[str]:
    return project.git("worktree", "list", "--porcelain").split("worktree ")[1:]


def conflicting(project: ProjectRepo) -> None:
    """Edit what the template edits."""
    guide = project.read("docs/guide.md").replace("Line 5\n", "Line five\n")
    project.commit("Mine", {"docs/guide.md": guide})


def test_a_dirty_checkout_stays_as_it_is(project: ProjectRepo, aegis: Aegis) -> None:
    """Edits, deletions, staged files and untracked ones where the template brings some: none is in the way."""
    project.write(MINE)
    project.git("add", "notes.txt")
    before = checkout(project)

    code, said, err = aegis("update", "--branch", "next", "--project-path", project.path)

    assert code == 0, err
    assert "git branch -D next" in said
    assert checkout(project) == before
    assert len(worktrees(project)) == 1
    assert project.git("rev-parse", "next^1") == project.head()
    assert project.git("rev-parse", "next^2") == project.git("rev-parse", VENDOR)
    assert project.git("show", "next:app/health.py") == "HEALTHY = True"


def test_it_gives_what_a_plain_update_gives(project: ProjectRepo, tmp_path: Path) -> None:
    """The same tree and the same vendor commits."""
    other = ProjectRepo.copy(project, tmp_path / "other")

    assert project.update(branch="next").status == "done"
    other.update()

    assert project.tree("next") == other.tree()
    assert project.git("rev-parse", "next^2") == other.git("rev-parse", "HEAD^2")


@pytest.mark.parametrize("place", [".gitattributes", "docs/.gitattributes"])
@pytest.mark.parametrize("value", ["aegis=keep", "binary", "merge=union"])
def test_looking_ahead_goes_by_committed_attributes(
    project: ProjectRepo, place: str, value: str
) -> None:
    """As the branch does: what the checkout, or its index, says of files is in no way."""
    conflicting(project)
    name = "guide.md" if "/" in place else "docs/guide.md"
    project.commit("Attributes", {place: f"{name} {value}\n"})
    project.write({place: None if value == "binary" else f"{name} -text\n", "other": "x\n"})
    project.git("add", "--all")
    before = project.snapshot(objects=True)

    planned = project.update(branch="next", dry_run=True)

    assert project.snapshot(objects=True) == before
    done = project.update(branch="next")
    assert [c.path for c in planned.conflicts] == [c.path for c in done.conflicts]
    assert (planned.kept, planned.changes) == (done.kept, done.changes)
    assert bool(planned.conflicts) == (value == "binary")


def test_a_branch_that_is_never_merged_changes_nothing_that_follows(project: ProjectRepo) -> None:
    """The vendor branch is a cache: what HEAD holds says where an update begins."""
    assert project.update("v0.2.0", branch="one").status == "done"
    assert project.update(branch="two").status == "done"
    project.git("branch", "-D", "two")
    assert project.status().state.release == "v0.1.0"

    assert project.update().status == "done"

    assert project.read("app/health.py") == "HEALTHY = True\n"
    project.git("merge", "--quiet", "--no-edit", "one", check=False)
    project.git("checkout", "--ours", ".aegis")  # as `aegis resolve` says
    project.git("commit", "--quiet", "--all", "--no-edit")
    assert project.update().status == "nothing"


def test_it_is_merged_in_another_clone(project: ProjectRepo, tmp_path: Path) -> None:
    """Only the branch travels, and the next update there begins where it ended."""
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    project.git("tag", "--annotate", "-m", "Mine", "mine")
    project.git("config", "push.followTags", "true")
    before = set(
        git(tmp_path / "remote.git", "for-each-ref", "--format=%(refname) %(objectname)").split(
            "\n"
        )
    )
    assert project.update("v0.2.0", branch="next", push=True).pushed is True

    refs = "for-each-ref", "--format=%(refname) %(objectname)"
    moved = set(git(tmp_path / "remote.git", *refs).split("\n")) - before
    assert moved == {f"refs/heads/next {project.git('rev-parse', 'next')}"}
    clone = ProjectRepo(tmp_path / "remote.git").clone(tmp_path / "clone")
    clone.git("merge", "--quiet", "--no-edit", "origin/next")

    assert clone.update().release_before == "v0.2.0"
    assert "Line 20, better" in clone.read("docs/guide.md")


def test_nothing_to_do_leaves_no_branch(project: ProjectRepo) -> None:
    """Nor a work tree."""
    project.update()
    assert project.update(branch="next").status == "nothing"
    assert project.git("branch", "--list", "next") == ""
    assert len(worktrees(project)) == 1


def test_a_dry_run_writes_nothing_and_looks_past_the_checkout(
    project: ProjectRepo, aegis: Aegis
) -> None:
    """What is not committed is in no way here."""
    project.write(MINE)
    before = project.snapshot(objects=True)
    words = ("update", "--branch", "next", "--dry-run", "--project-path", project.path)
    assert aegis(*words)[0] == 0
    assert project.snapshot(objects=True) == before


def test_conflicts_wait_in_a_work_tree_of_their_own(project: ProjectRepo, aegis: Aegis) -> None:
    """The commands that are shown lead on; the work tree is the user's until they remove it."""
    conflicting(project)
    before = checkout(project)

    code, said, _ = aegis("update", "--branch", "a/b", "--project-path", project.path)

    assert code == 3
    assert checkout(project) == before
    waiting = ProjectRepo(project.path / ".git/aegis/branches/a-b")
    place = waiting.path
    assert f"cd {place}, resolve" in said
    assert f"git worktree remove {place}" in said
    assert aegis("update", "--continue", "--project-path", place)[0] == 2
    # Another run leaves it alone.
    assert project.update(branch="c", dry_run=True).conflicts
    waiting.git("checkout", "--theirs", "docs/guide.md")
    waiting.git("add", "docs/guide.md")
    waiting.git("merge", "--continue", GIT_EDITOR="true")
    project.git("worktree", "remove", str(place))
    assert project.git("rev-parse", "a/b^1") == project.head()
    assert "Line 5, best" in project.git("show", "a/b:docs/guide.md")


def test_a_hook_that_refuses_leaves_the_merge_there(project: ProjectRepo) -> None:
    """As in a plain update, but in the work tree of the branch."""
    hook = project.path / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no; exit 1\n")
    hook.chmod(0o755)

    outcome = project.update(branch="next")

    assert outcome.status == "refused"
    assert git(Path(outcome.worktree), "rev-parse", "MERGE_HEAD")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("main", "in use in"),
        ("taken", "a branch 'taken' already"),
        ("aegis/vendor", "the template's own"),
        ("a..b", "cannot be the name"),
        ("-x", "cannot be the name"),
        ("refs/heads/x", "cannot be the name"),
        ("taken/below", "could not make the branch"),
    ],
)
def test_a_name_that_cannot_be(
    project: ProjectRepo, refused: Refused, name: str, words: str
) -> None:
    """One sentence, and nothing is changed."""
    project.git("branch", "taken")
    code = 2 if "cannot be the name" in words else 1
    assert words in refused(project, "update", f"--branch={name}", code=code)


def test_push_wants_a_branch_and_a_remote(project: ProjectRepo, refused: Refused) -> None:
    """Both are looked at before anything is done."""
    assert "--branch NAME --push" in refused(project, "update", "--push", code=2)
    assert "no remote" in refused(project, "update", "--branch", "next", "--push")


def test_the_push_that_is_told_is_one_that_works(project: ProjectRepo, aegis: Aegis) -> None:
    """To the remote that git would push to; without any, none is told. Names are quoted for a shell."""
    words = ("update", "--no-sync", "--project-path", project.path, "--branch")
    assert "git push" not in aegis(*words, "one")[1]
    project.git("remote", "add", "fork", "/nowhere")
    assert "git push --set-upstream fork two" in aegis(*words, "two")[1]
    failed = aegis(*words, "it's", "--push")[1]
    assert "git push --set-upstream fork " + shlex.quote("it's") in failed


def test_a_push_that_is_refused(project: ProjectRepo, aegis: Aegis, tmp_path: Path) -> None:
    """The branch stands here, what the remote has stays, and the status says so."""
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    project.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    other = ProjectRepo(tmp_path / "remote.git").clone(tmp_path / "other")
    theirs = other.commit("Theirs", {"theirs.txt": "theirs\n"})
    other.git("push", "--quiet", "origin", "HEAD:refs/heads/next")

    words = ("update", "--branch", "next", "--push", "--json", "--project-path", project.path)
    code, said, _ = aegis(*words)

    assert code == 1
    assert json.loads(said)["pushed"] is False
    assert project.git("rev-parse", "next^1") == project.head()
    assert git(tmp_path / "remote.git", "rev-parse", "next") == theirs


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_run_is_tidied_by_the_next(
    project: ProjectRepo, tmp_path: Path, place: str
) -> None:
    """Wherever it was: the checkout is as it was, and the same command again makes the branch."""
    prepare(project.path, place)
    project.git("commit", "--quiet", "--allow-empty", "-m", "Mine")
    log = tmp_path / "log"
    copy = ProjectRepo.copy(project, tmp_path / "copy")
    words = ("update", "--branch", "next", "--no-sync", "--project-path")
    assert run_and_kill(place, 0, copy.path, log, *words, copy.path) == 0
    last = counted(log)
    for at in sorted({last // 3, 2 * last // 3, last} - {0}):
        one = ProjectRepo.copy(project, tmp_path / f"at-{at}")
        before = checkout(one)
        assert run_and_kill(place, at, one.path, log, *words, one.path) != 0, at
        assert checkout(one) == before, at
        if one.git("branch", "--list", "next") and len(worktrees(one)) == 1:
            continue  # it stood already

        outcome = one.update(branch="later")

        assert outcome.status == "done", at
        assert checkout(one) == before, at
        assert len(worktrees(one)) == 1, at
        assert one.tree("later") == copy.tree("next"), at


def test_the_template_moves_on_while_a_branch_waits(
    project: ProjectRepo, story: TemplateRepo
) -> None:
    """A second branch begins at HEAD again, and both have what they share from the same commits."""
    assert story
    one, two = (project.update(to, branch=to).upstream for to in ("v0.2.0", "v0.3.0"))
    assert [c.commit for c in two][: len(one)] == [c.commit for c in one]


def test_what_was_pushed_is_taken_back_where_it_was_pushed(
    project: ProjectRepo, aegis: Aegis, tmp_path: Path
) -> None:
    """The commands that take it back name the remote and the branch; they work as they are."""
    project.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    project.git("remote", "add", "--", "ours", str(tmp_path / "remote.git"))
    project.git("config", "remote.pushDefault", "ours")

    words = ("--branch", "next", "--push", "--no-sync", "--project-path", project.path)
    code, said, err = aegis("update", *words)

    assert code == 0, err
    assert "git push ours --delete next" in said
    project.git("push", "--quiet", "ours", "--delete", "next")
    assert git(tmp_path / "remote.git", "branch", "--list", "next") == ""
