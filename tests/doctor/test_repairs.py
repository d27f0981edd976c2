"""`aegis doctor --fix`: what is safe is repaired and named; nothing of the user's is touched."""

from __future__ import annotations

from pathlib import Path

from tests.doctor.conftest import Doctor
from tests.hazards.killing import prepare, run_and_kill
from tests.support.project import VENDOR, Aegis, ProjectRepo, run_process

NEXT = "aegis doctor --fix"


def killed(project: ProjectRepo, tmp_path: Path) -> ProjectRepo:
    """Kill an update of a project between two files."""
    prepare(project.path, "filter")
    words = ("update", "--no-sync", "--project-path", project.path)
    assert run_and_kill("filter", 3, project.path, tmp_path / "log", *words) != 0
    assert (project.path / ".git/aegis/journal.json").exists()
    return project


def test_a_merge_that_was_stopped_is_undone(
    project: ProjectRepo, tmp_path: Path, doctor: Doctor
) -> None:
    """Without `--fix` it is only told; with it, the files are as before, and what the user has is there."""
    project.commit("Mine", {"own.txt": "own\n"})
    project.write({"own.txt": "more\n", "note.txt": "note\n"})
    killed(project, tmp_path)
    before = project.snapshot(objects=True)

    told = doctor(project.path)
    assert told.levels["problem"] == ["project Left over"]
    assert told.about("project", "Left over")["next"] == NEXT
    assert project.snapshot(objects=True) == before

    told = doctor(project.path, "--fix")
    assert told.code == 0
    assert told.repairs[0].startswith("undo it")
    assert told.levels == {}, "the branch that the killed run had moved is put back, too"
    assert project.dirty() == [" M own.txt", "?? note.txt"]
    assert project.read("own.txt") == "more\n"


def test_what_the_user_did_since_is_not_undone(
    project: ProjectRepo, tmp_path: Path, doctor: Doctor
) -> None:
    """Then it is theirs to decide, and no repair is offered."""
    killed(project, tmp_path)
    project.write({"app/main.py": "mine\n"})
    before = project.snapshot()

    told = doctor(project.path, "--fix")

    assert told.levels["problem"] == ["project Left over"]
    assert "app/main.py" in told.about("project", "Left over")["text"]
    assert told.data["repairs"] == []
    assert project.snapshot() == before


def test_files_and_folders_of_killed_runs_go(
    project: ProjectRepo, aegis: Aegis, doctor: Doctor
) -> None:
    """Those that certainly are ours; one without our lock file is somebody's."""
    ours, theirs = (project.path.parent / name for name in (".aegis-new-dead", ".aegis-new-x"))
    for place in (ours, theirs):
        (place / "new").mkdir(parents=True)
    ours.with_name(f"{ours.name}.lock").touch()
    note = project.path / ".git/aegis/journal.unreadable"
    note.parent.mkdir(exist_ok=True)
    note.write_text("{")

    text = doctor(project.path).about("project", "Left over")["text"]
    assert (str(ours) in text, str(note) in text, str(theirs) in text) == (True, True, False)
    assert ours.exists()
    said = aegis("doctor", "--project-path", project.path)[1]
    assert f"{NEXT}  (to remove journal.unreadable, .aegis-new-dead)" in said

    told = doctor(project.path, "--fix")
    assert told.levels == {}
    assert (ours.exists(), note.exists(), theirs.exists()) == (False, False, True)


_KILLED = """
import os
from pathlib import Path
from aegis_cli.git.repository import Repository
from aegis_cli.project import beside
from aegis_cli.project.lock import locked
repository = Repository(Path.cwd())
with locked(repository.common_dir) as lock:
    with beside.linked(repository, "refs/heads/update", repository.head(), lock):
        os._exit(9)
"""


def test_a_branch_beside_that_was_being_made(project: ProjectRepo, doctor: Doctor) -> None:
    """Its work tree goes, and the branch that nothing came to."""
    assert run_process(cwd=project.path, code=_KILLED).returncode == 9
    assert len(project.git("worktree", "list").splitlines()) == 2

    assert doctor(project.path).levels == {"warning": ["project Left over"]}
    assert len(project.git("worktree", "list").splitlines()) == 2

    assert doctor(project.path, "--fix").levels == {}
    assert len(project.git("worktree", "list").splitlines()) == 1
    assert project.git("for-each-ref", "refs/heads/update") == ""


def test_the_vendor_branch_is_made_again(project: ProjectRepo, doctor: Doctor) -> None:
    """A clone has none, which is no fault."""
    where = project.git("rev-parse", VENDOR)
    project.git("update-ref", "-d", VENDOR)

    assert doctor(project.path).levels == {}
    assert project.git("for-each-ref", VENDOR) == ""

    assert doctor(project.path, "--fix").repairs == [f"put aegis/vendor at {where[:10]}"]
    assert project.git("rev-parse", VENDOR) == where


def test_the_vendor_branch_comes_back_to_where_head_was_built_from(
    project: ProjectRepo, doctor: Doctor
) -> None:
    """After an update that was taken back it is ahead."""
    where, head = project.git("rev-parse", VENDOR), project.head()
    assert project.update().status == "done"
    project.git("reset", "--keep", head)

    told = doctor(project.path)
    assert told.levels == {"warning": ["project Branch"]}
    assert told.about("project", "Branch")["next"] == NEXT

    assert doctor(project.path, "--fix").levels == {}
    assert project.git("rev-parse", VENDOR) == where


def test_a_repair_that_cannot_be_done_is_told(project: ProjectRepo, aegis: Aegis) -> None:
    """A branch called `aegis` leaves no room for one below it."""
    project.git("update-ref", "-d", VENDOR)
    project.git("branch", "aegis")

    code, out, _ = aegis("doctor", "--fix", "--project-path", project.path)

    assert code == 0
    assert "Not done   put aegis/vendor at" in out
    assert project.git("for-each-ref", "--format=%(refname:short)", "refs/heads/aegis") == "aegis"
