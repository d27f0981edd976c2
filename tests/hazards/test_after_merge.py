"""After a merge nothing touches the user's work; of what `uv sync` does, the lock file alone goes into the merge.

`uv` is a script here: what it does to a lock file, and when, is the test's.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.support import LINES, Project, edited, plain_template
from tests.support.git import git
from tests.support.template import TemplateRepo

MAKEFILE = "fix:\n\ttouch fixed; printf formatted > own.py\n"
PYPROJECT = '[project]\nname = "app"\nversion = "1"\n'


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    """Return a template of a project that is installed with uv."""
    files = {"pyproject.toml": PYPROJECT, "Makefile": MAKEFILE, "f.txt": LINES}
    return plain_template(tmp_path / "t", files)


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    """Return a project with a lock file and work that is not committed, before an update."""
    project = Project.start(template)
    project.commit("Lock", {"uv.lock": "1\n", "own.py": "own=1\n", "committed.py": "import  os\n"})
    project.write({"own.py": "import os  # about to use it\n", "untracked.py": "import sys\n"})
    project.write({".git/info/exclude": ".venv\n", ".venv/pyvenv.cfg": "home = /usr/bin\n"})
    template.main("Change", {"f.txt": edited(LINES, 3)})
    return project


def _uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "uv").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_a_branch_beside_the_checkout_gets_its_lock_without_installing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the project runs there; the checkout's own lock and environment stay."""
    _uv(tmp_path, monkeypatch, "[ $1 = lock ] && echo 2 > uv.lock")

    ran = project.update("--branch", "next")

    assert "uv lock" in ran.out
    assert project.git("show", "next:uv.lock") == "2"
    assert project.read("uv.lock") == "1\n"
    assert project.git("log", "-1", "--format=%s", "next").startswith("Update the template")


def _changed(project: Project) -> list[str]:
    return project.git("show", "--name-only", "--format=", "-m", "--first-parent").split()


def test_the_users_files_are_left_alone_and_the_lock_is_in_the_merge(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No `make fix`; the merge commit holds the new lock, once, and its own message and parents."""
    _uv(tmp_path, monkeypatch, "[ $1 = sync ] && echo 2 > uv.lock")

    ran = project.update()

    assert "uv sync" in ran.out
    assert project.read("own.py") == "import os  # about to use it\n"
    assert project.read("untracked.py") == "import sys\n"
    assert project.read("committed.py") == "import  os\n"
    assert not project.exists("fixed")
    assert project.git("status", "--porcelain") == " M own.py\n?? untracked.py"
    assert set(_changed(project)) == {".aegis/project.yml", "f.txt", "uv.lock"}
    assert project.git("show", "HEAD:uv.lock") == "2"
    assert project.git("log", "-1", "--format=%P").split()[1] == project.git(
        "rev-parse", "aegis/vendor"
    )
    assert project.git("log", "-1", "--format=%s").startswith("Update the template")


def test_a_lock_file_that_is_not_tracked_is_the_users(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refreshed, and stays out of every commit."""
    project.git("rm", "-q", "--cached", "uv.lock")
    project.git("commit", "-q", "-m", "Not mine to track")
    _uv(tmp_path, monkeypatch, "echo 2 > uv.lock")

    project.update()

    assert project.read("uv.lock") == "2\n"
    assert set(_changed(project)) == {".aegis/project.yml", "f.txt"}


def test_without_a_lock_file_nothing_is_installed_and_the_tree_stays_clean(
    template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project that was never installed is not begun to be; the next command is named."""
    template.main("uv", {"pyproject.toml": f"{PYPROJECT}\n[tool.uv]\npackage = false\n"})
    project = Project.start(template)
    template.main("Change", {"f.txt": edited(LINES, 3)})
    _uv(tmp_path, monkeypatch, "echo 2 > uv.lock")

    ran = project.update()

    assert "Next:      uv sync" in ran.out
    assert project.is_clean()


@pytest.mark.parametrize("path", ["uv.lock", "pyproject.toml"])
def test_a_lock_that_would_hold_uncommitted_work_is_not_made(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A dependency, or a lock, that the user has not committed stays out of the merge, and is not overwritten."""
    text = project.read(path) + "# mine\n"
    project.write({path: text})
    _uv(tmp_path, monkeypatch, "echo 2 > uv.lock")

    ran = project.update()

    assert "Not done   uv sync" in ran.out
    assert path in ran.out
    assert project.read(path) == text
    assert "uv.lock" not in _changed(project)


def test_uv_is_missing(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said once, with the next command; the merge stands. Also with -q."""
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("git", "sh", "make"):
        (bare / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(bare))

    ran = project.update("-q")

    assert ran.out == ""
    assert ran.err.count("uv was not found") == 1
    assert "uv sync" in ran.err
    assert project.git("log", "-1", "--format=%s").startswith("Update the template")


def test_uv_fails(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own last words are shown once, with the next command, and the status is 0: the merge stands."""
    _uv(tmp_path, monkeypatch, "echo 'no network' >&2; exit 2")

    ran = project.update()

    assert ran.out.count("no network") == 1
    assert "Next:      The merge stands. Put that right, then: uv sync" in ran.out


MEANWHILE = {
    "commit": "git commit -q --allow-empty -m Meanwhile",
    "switch": "git switch -q -c elsewhere",
    "stage": "git add untracked.py",
}


@pytest.mark.parametrize("act", MEANWHILE)
def test_whoever_goes_on_while_uv_runs_keeps_their_commit(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """No commit of theirs is amended, and nothing of the index goes along; the way to commit the lock is told."""
    _uv(tmp_path, monkeypatch, f"echo 2 > uv.lock; {MEANWHILE[act]}")

    ran = project.update()

    assert "git add uv.lock" in ran.out
    assert project.read("uv.lock") == "2\n"
    assert project.git("show", "HEAD:uv.lock") == "1"
    assert "untracked.py" not in project.git("ls-tree", "-r", "--name-only", "HEAD")
    if act == "commit":
        assert project.git("log", "-1", "--format=%s") == "Meanwhile"
        assert project.git("log", "-2", "--format=%P").count(" ") == 1


def test_a_hook_that_forbids_moving_the_branch_forbids_the_amend_too(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock file then waits in the work tree, and the index is as HEAD."""
    hook = project.root / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    script = f"echo 2 > uv.lock; printf '#!/bin/sh\\nexit 1\\n' > '{hook}'; chmod +x '{hook}'"
    _uv(tmp_path, monkeypatch, script)

    ran = project.update()

    assert "git would not amend" in ran.out
    assert git(project.root, "diff", "--cached", "--name-only") == ""
    assert project.read("uv.lock") == "2\n"


@pytest.mark.parametrize("environment", ["none", "tracked"])
def test_a_project_that_nobody_has_installed_here_is_not_installed(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    """A clone of somebody's project runs nothing of its own, and a Python that came with it counts as theirs."""
    _uv(tmp_path, monkeypatch, "touch ran")
    if environment == "none":
        (project.root / ".venv/pyvenv.cfg").unlink()
        (project.root / ".venv").rmdir()
    else:
        project.git("add", "--force", ".venv")
        project.git("commit", "--quiet", "-m", "Theirs", "--", ".venv")

    ran = project.update()

    assert ran.code == 0
    assert "uv sync" in ran.out
    assert not (project.root / "ran").exists()
