"""The user's commit hooks run on our merges as on theirs, and may refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.project import Aegis, ProjectRepo, Refused

LOUD = "#!/bin/sh\necho 'the linter says no' >&2\nexit 1\n"
SILENT = "#!/bin/sh\nexit 1\n"


def _hook(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    place = folder / name
    place.write_text(text)
    place.chmod(0o755)


@pytest.mark.parametrize("name", ["pre-merge-commit", "commit-msg", "prepare-commit-msg"])
@pytest.mark.parametrize("text", [LOUD, SILENT], ids=["loud", "silent"])
def test_a_hook_that_refuses_leaves_the_merge_waiting(
    project: ProjectRepo, aegis: Aegis, name: str, text: str
) -> None:
    """The merge is whole in index and work tree, the status is 1, and git commit finishes it."""
    _hook(project.path / ".git/hooks", name, text)

    code, out, err = aegis("update", "--no-sync", "--project-path", project.path)

    assert code == 1
    assert "git commit" in out
    assert ("the linter says no" in out) == (text is LOUD)
    assert (project.path / ".git/MERGE_HEAD").exists()
    assert project.git("diff", "--name-only") == ""
    assert "Traceback" not in out + err
    (project.path / ".git/hooks" / name).unlink()
    project.git("commit", "--quiet", "--no-edit")
    assert project.git("log", "-1", "--format=%s") == "Update the template to v0.3.0"
    assert project.dirty() == []
    assert project.update().status == "nothing"


@pytest.mark.parametrize("text", [LOUD, SILENT], ids=["loud", "silent"])
def test_a_hook_refuses_a_merge_with_settled_hunks_too(
    project: ProjectRepo, aegis: Aegis, text: str
) -> None:
    """A merge that we committed after settling a conflict passes the same hooks."""
    project.commit("Mine", {"app/main.py": project.read("app/main.py") + "MINE = 1\n"})
    _hook(project.path / ".git/hooks", "commit-msg", text)

    code, out, _ = aegis("update", "--no-sync", "--project-path", project.path)

    assert code == 1
    assert ("the linter says no" if text is LOUD else "a hook refused") in out
    assert project.git("diff", "--name-only") == ""
    assert "MINE = 1\n" in project.git("show", ":app/main.py")
    project.git("commit", "--quiet", "--no-edit", "--no-verify")
    assert project.update().status == "nothing"


def test_a_merge_that_a_hook_refused_can_be_aborted(project: ProjectRepo) -> None:
    """git merge --abort leads back, and the update can come again."""
    _hook(project.path / ".git/hooks", "commit-msg", SILENT)
    head, files = project.head(), project.tree()
    assert project.update().status == "refused"

    project.git("merge", "--abort")

    assert (project.head(), project.tree(), project.dirty()) == (head, files, [])
    (project.path / ".git/hooks/commit-msg").unlink()
    assert project.update().status == "done"


def test_hooks_of_core_hooks_path_hold(project: ProjectRepo, tmp_path: Path) -> None:
    """Hooks that the user keeps elsewhere are their hooks."""
    _hook(tmp_path / "hooks", "commit-msg", LOUD)
    project.git("config", "core.hooksPath", str(tmp_path / "hooks"))

    assert project.update().status == "refused"


def test_a_hook_that_writes_the_message_is_heard(project: ProjectRepo) -> None:
    """A ticket number that prepare-commit-msg puts in front stays there."""
    _hook(
        project.path / ".git/hooks", "prepare-commit-msg", '#!/bin/sh\nsed -i "1s/^/T-1 /" "$1"\n'
    )

    assert project.update().status == "done"

    assert project.git("log", "-1", "--format=%s") == "T-1 Update the template to v0.3.0"


def test_a_failing_post_merge_hook_changes_nothing(project: ProjectRepo) -> None:
    """What runs after the merge cannot undo it."""
    _hook(project.path / ".git/hooks", "post-merge", LOUD)

    assert project.update().status == "done"
    assert project.dirty() == []


GUARD = """#!/bin/sh
[ "$1" = prepared ] && grep -q refs/heads/main && echo guarded >&2 && exit 1
exit 0
"""


def test_a_hook_that_guards_the_branch_is_heard(project: ProjectRepo) -> None:
    """Where a reference-transaction hook forbids the merge commit, the merge waits like with any other hook."""
    _hook(project.path / ".git/hooks", "reference-transaction", GUARD)

    assert project.update().status == "refused"

    (project.path / ".git/hooks/reference-transaction").unlink()
    project.git("commit", "--quiet", "--no-edit")
    assert project.update().status == "nothing"


def test_a_hook_that_guards_the_branch_stops_an_anchor(
    project: ProjectRepo, refused: Refused
) -> None:
    """Where history has to be anchored first and the hook forbids it, everything is as it was."""
    project.git("commit", "--quiet", "--amend", "-m", "Mine")
    _hook(project.path / ".git/hooks", "reference-transaction", GUARD)

    assert "guarded" in refused(project, "update", "--no-sync")

    (project.path / ".git/hooks/reference-transaction").unlink()
    assert not project.status().interrupted
    assert project.update().status == "done"


LOCKER = """#!/bin/sh
# Another git takes the index, just after the vendor branch has moved.
[ "$1" = committed ] && grep -q refs/heads/aegis/vendor && : >.git/index.lock
exit 0
"""


@pytest.mark.parametrize("lost", [False, True], ids=["tracked", "anchored"])
def test_a_merge_that_git_cannot_begin_moves_no_ref(
    project: ProjectRepo, aegis: Aegis, lost: bool
) -> None:
    """What git refuses at the last moment leaves branches, index and files as they were, and no journal."""
    if lost:
        project.git("commit", "--quiet", "--amend", "-m", "Mine")
    before = project.git("show-ref", "--head"), project.tree()
    _hook(project.path / ".git/hooks", "reference-transaction", LOCKER)

    code, out, err = aegis("update", "--no-sync", "--project-path", project.path)

    assert (code, out) == (1, "")
    assert "Unable to write index" in err
    assert "Next:" in err
    (project.path / ".git/hooks/reference-transaction").unlink()
    (project.path / ".git/index.lock").unlink()
    assert (project.git("show-ref", "--head"), project.tree()) == before
    assert project.dirty() == []
    assert not project.status().interrupted
    assert project.update().status == "done"
