"""What a killed run left: the user's deletions since stay, and notes that cannot be read are no dead end."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.hazards.killing import prepare, run_and_kill
from tests.hazards.support import LINES, Project, aegis, assert_whole, edited, plain_template
from tests.support.template import TemplateRepo

NAMES = [f"docs/{n}.txt" for n in range(6)]


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path / "t", {name: f"{name}\n{LINES}" for name in NAMES})


@pytest.fixture
def killed(template: TemplateRepo, tmp_path: Path) -> Project:
    """Return a project whose update was killed before git wrote the fourth of six files."""
    project = Project.start(template)
    project.commit("Mine", {"own.txt": "own\n"})
    template.main("Change", {name: edited(f"{name}\n{LINES}", 9) for name in NAMES})
    prepare(project.root, "filter")
    words = ("update", "--no-sync", "--project-path", project.root)
    assert run_and_kill("filter", 7, project.root, tmp_path / "log", *words) != 0
    assert _journal(project).exists()
    written = [name for name in NAMES if "changed" in _text(project, name)]
    assert 0 < len(written) < len(NAMES)
    return project


def _journal(project: Project) -> Path:
    return project.root / ".git/aegis/journal.json"


def _text(project: Project, name: str) -> str:
    return project.read(name) if project.exists(name) else ""


@pytest.mark.parametrize("name", [NAMES[0], NAMES[-1]])
def test_what_the_user_deletes_after_a_kill_does_not_come_back(killed: Project, name: str) -> None:
    """The rest is undone; the deletion is one that is not committed, as any other. Committed, the update comes."""
    (killed.root / name).unlink()

    ran = killed.update("--no-sync", expect=1)

    assert name in ran.err
    assert "not committed" in ran.err
    assert not killed.exists(name)
    assert killed.git("status", "--porcelain").split() == ["D", name]
    killed.commit("Gone")
    assert "you deleted it" in killed.update("--no-sync").out
    assert not killed.exists(name)


@pytest.mark.parametrize("name", [NAMES[0], NAMES[-1]])
def test_what_the_user_empties_after_a_kill_stays_empty(killed: Project, name: str) -> None:
    """An empty file is a change as any other."""
    (killed.root / name).write_bytes(b"")

    ran = killed.update("--no-sync", expect=1)

    assert name in ran.err
    assert killed.read(name) == ""
    assert killed.git("status", "--porcelain").split() == ["M", name]


def test_what_git_was_at_is_put_back_and_told(killed: Project) -> None:
    """Only the file that git was writing can be missing through git; that it is back is said."""
    missing = [name for name in NAMES if not killed.exists(name)]
    assert len(missing) == 1

    ran = killed.update("--no-sync")

    assert f"has been put back; if that was you, do it again:\n  {missing[0]}" in ran.err
    assert all("changed" in killed.read(name) for name in NAMES)


def test_an_undo_that_does_not_come_to_its_end_can_come_again(killed: Project) -> None:
    """What git was at is still known: it is put back, and not taken for a deletion of the user's."""
    assert [name for name in NAMES if not killed.exists(name)] != [NAMES[0]]
    (killed.root / ".git/info/attributes").write_text(f"{NAMES[0]} filter=broken\n")
    killed.git("config", "filter.broken.smudge", "exit 1")
    killed.git("config", "filter.broken.required", "true")

    ran = killed.update("--no-sync", expect=1)

    assert "left half done, and git cannot undo it yet" in ran.err
    assert "Next:" in ran.err
    assert _journal(killed).exists()
    (killed.root / ".git/info/attributes").write_text("")
    killed.update("--no-sync")
    assert all("changed" in killed.read(name) for name in NAMES)
    assert killed.is_clean()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'{"head": 1}', b"\xff\xfe", b'{"head": "x", "theirs": "y"}',
        b'{"head": "%040d", "theirs": "%040d", "refs": [], "before": {}, "after": {}}' % (0, 0),
        b'{"head": "%040d", "theirs": "%040d", "refs": [], "before": {"../x": null}, "after": {}}' % (1, 2),
        b'{"head": "%040d", "theirs": "%040d", "refs": ["../../x"], "before": {}, "after": {}}' % (1, 2),
        b'{"head": "%040d", "theirs": "%040d", "refs": [], "before": {"x": "y"}, "after": {"x": 3}}' % (1, 2),
        b"[" * 100_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_notes_that_cannot_be_read_are_put_aside(template: TemplateRepo, content: bytes) -> None:
    """Cut, empty, or odd: said once, and the command goes on with a tree that is as HEAD has it."""
    project = Project.start(template)
    template.main("Change", {NAMES[0]: edited(f"{NAMES[0]}\n{LINES}", 9)})
    (project.root / ".git/aegis").mkdir(exist_ok=True)
    _journal(project).write_bytes(content)

    assert aegis("update", "--dry-run", "--project-path", project.root).code == 0
    ran = project.update("--no-sync")

    assert "cannot be read" in ran.err
    assert project.is_clean()
    assert not _journal(project).exists()
    assert "cannot be read" not in project.run("status").err


@pytest.mark.parametrize("content", [b"", b'{"head": "'])
def test_a_half_written_merge_without_its_notes_is_told_by_git(
    killed: Project, content: bytes
) -> None:
    """Nothing is undone by guessing: refused, and what to do is said, until nothing is in the way."""
    _journal(killed).write_bytes(content)
    files = {name: _text(killed, name) for name in NAMES}

    ran = killed.update("--no-sync", expect=1)

    assert "Next:" in ran.err
    assert {name: _text(killed, name) for name in NAMES} == files
    (killed.root / ".git/index.lock").unlink(missing_ok=True)
    killed.git("reset", "--hard", "--quiet")
    killed.update("--no-sync")
    assert all("changed" in killed.read(name) for name in NAMES)
    assert_whole(killed.root)


def test_the_lock_of_a_git_that_waits_for_its_editor_stays(killed: Project) -> None:
    """`git commit --all` holds the index, written whole, while its message is written. Then all goes on."""
    lock = killed.root / ".git/index.lock"
    shutil.copyfile(killed.root / ".git/index", lock)

    said = killed.refuses("update", "--no-sync").err

    assert "another git" in said
    assert killed.update("--dry-run", expect=1).err == said
    lock.unlink()
    killed.update("--no-sync")
    assert all("changed" in killed.read(name) for name in NAMES)


def test_the_lock_of_a_git_that_is_still_at_work_stays(killed: Project) -> None:
    """It has not written its index yet; that it works in the project is seen."""
    lock = killed.root / ".git/index.lock"
    lock.unlink(missing_ok=True)
    words = ["git", "update-index", "--stdin"]
    with subprocess.Popen(words, cwd=killed.root, stdin=subprocess.PIPE) as other:
        while not lock.exists():
            assert other.poll() is None
        assert "another git" in killed.refuses("update", "--no-sync").err
        assert lock.exists()
        other.communicate()
    killed.update("--no-sync")
    assert not lock.exists()


def test_the_index_of_a_stash_that_was_cut_goes(killed: Project) -> None:
    """`git merge` makes a stash first, whose index bears its process's number; an older one is not of that run."""
    git_dir = killed.root / ".git"
    of_run, older = git_dir / "index.stash.25755.lock", git_dir / "index.stash.1.lock"
    for left in (of_run, older):
        left.touch()
    os.utime(older, (1, 1))

    killed.update("--no-sync")

    assert (of_run.exists(), older.exists()) == (False, True)


def test_a_dry_run_looks_at_what_the_run_will_find(killed: Project) -> None:
    """It says yes where the run, having undone the rest first, says yes, and no where it says no; it writes nothing."""
    half = {name: _text(killed, name) for name in NAMES}

    assert "the run undoes it first" in killed.update("--dry-run").err
    assert {name: _text(killed, name) for name in NAMES} == half
    (killed.root / NAMES[0]).write_text("mine meanwhile\n")
    said = killed.update("--dry-run", expect=1).err

    assert killed.update("--no-sync", expect=1).err == said
