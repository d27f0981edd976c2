"""A folder that cannot be written, and a disk that is full."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hazards.killing import CHECKOUT
from tests.hazards.support import (
    LINES,
    Project,
    Ran,
    aegis,
    aegis_command,
    assert_whole,
    edited,
    everything,
    files_of,
    plain_template,
)
from tests.support.project import unmeasured

_DROP_FROM_BOUNDING_SET = 24  # prctl's PR_CAPBSET_DROP
_RIGHTS = (1, 2)  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


def _as_mere_owner() -> None:
    """Take from root what lets it write where the mode says no. Runs between fork and exec."""
    if os.geteuid() == 0:
        for right in _RIGHTS:
            ctypes.CDLL(None).prctl(_DROP_FROM_BOUNDING_SET, right, 0, 0, 0)


def _small_files(size: int) -> Callable[[], None]:
    """Return what forbids files beyond a size, as a full disk does. Runs between fork and exec."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def restricted(limit: Callable[[], None], *argv: object) -> Ran:
    """Run `aegis` in a process of its own, under a restriction."""
    ran = subprocess.run(
        aegis_command(*argv), preexec_fn=limit, env={**unmeasured(), "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    """Make folders and all below them read-only for a while."""
    modes = {}
    for folder in folders:
        for place in (folder, *folder.rglob("*")):
            if not place.is_symlink():
                modes[place] = place.stat().st_mode
    try:
        for place, mode in modes.items():
            place.chmod(mode & ~0o222)
        yield
    finally:
        for place, mode in modes.items():
            place.chmod(mode)


@pytest.fixture(scope="module", autouse=True)
def modes_bind(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where not even a process without root's rights is held by a file's mode."""
    place = tmp_path_factory.mktemp("modes")
    place.chmod(0o555)
    tried = subprocess.run(
        ["touch", str(place / "x")], preexec_fn=_as_mere_owner, capture_output=True, check=False
    )
    if tried.returncode == 0:
        pytest.skip("modes bind nobody here")


def waiting(tmp_path: Path) -> Project:
    """Return a project that waits for an update of files in two folders."""
    files = {"a/1.txt": LINES, "b/1.txt": LINES, "b/2.txt": LINES}
    template = plain_template(tmp_path, files)
    project = Project.start(template)
    template.main("Change", {path: edited(LINES, 3) for path in files} | {"b/new.txt": "new\n"})
    return project


READ_ONLY = {
    "all": ["."],
    "git": [".git"],
    "objects": [".git/objects"],
    "a folder of the project": ["b"],
    "all but git": ["a", "b"],
}


@pytest.mark.parametrize("folders", READ_ONLY.values(), ids=READ_ONLY)
def test_what_cannot_be_written_is_told_and_nothing_changes(
    tmp_path: Path, folders: list[str]
) -> None:
    """Status 1, no half update; when it can be written, the same command does it."""
    project = waiting(tmp_path)
    before = everything(project.root)
    with read_only(*(project.root / folder for folder in folders)):
        ran = restricted(_as_mere_owner, "update", "--project-path", project.root)
    assert ran.code == 1, ran.text
    assert everything(project.root) == before
    assert_whole(project.root)
    project.update()
    assert project.read("b/1.txt") == edited(LINES, 3)
    assert project.is_clean()


def test_a_branch_that_cannot_move_leaves_a_merge_that_waits(tmp_path: Path) -> None:
    """Only the last step, the commit, cannot be: the words say so, and `git commit` ends it later."""
    project = waiting(tmp_path)
    with read_only(project.root / ".git" / "refs"):
        ran = restricted(_as_mere_owner, "update", "--project-path", project.root)
    assert ran.code == 1, ran.text
    assert "git commit" in ran.out
    project.git("commit", "--quiet", "--no-edit")
    assert project.read("b/1.txt") == edited(LINES, 3)
    assert project.is_clean()
    assert "Nothing to do" in project.update().out


def test_looking_needs_no_right_to_write(tmp_path: Path) -> None:
    """status, diff and a dry run work on a read-only project."""
    project = waiting(tmp_path)
    with read_only(project.root):
        for words in (
            ["status"],
            ["diff"],
            ["diff", "--upstream"],
            ["update", "--dry-run"],
            ["log"],
        ):
            ran = restricted(_as_mere_owner, *words, "--project-path", project.root)
            assert ran.code == 0, f"{words}: {ran.text}"
        ran = restricted(_as_mere_owner, "doctor", "--project-path", project.root)
        assert "nothing can be written" in ran.out, "that is all that is wrong"
        assert ran.code == 0


def test_a_place_that_cannot_be_written_gets_no_project(tmp_path: Path) -> None:
    """init says so, and leaves nothing."""
    template = plain_template(tmp_path, {"x.txt": LINES})
    place = tmp_path / "place"
    place.mkdir()
    with read_only(place):
        ran = restricted(
            _as_mere_owner, "init", "app", "-y", "--trust", "--template", template.path,
            "--output-dir", place,
        )  # fmt: skip
    assert ran.code == 1, ran.text
    assert not list(place.iterdir())


def big(*, compressible: bool) -> str:
    """Return a text of some 300 kB."""
    if compressible:
        return "all the same\n" * 25_000
    numbers = random.Random(1)  # noqa: S311
    return "".join(f"{numbers.getrandbits(200):x}\n" for _ in range(6_000))


@pytest.mark.parametrize("compressible", [True, False])
def test_a_file_that_finds_no_room_leaves_no_half_update(
    tmp_path: Path, *, compressible: bool
) -> None:
    """Whether git's objects or the files of the work tree do not fit: status 1, and all is as before."""
    project = waiting(tmp_path)
    project.template.main("Big", {"b/big.txt": big(compressible=compressible)})  # type: ignore[union-attr]
    before = everything(project.root)
    ran = restricted(_small_files(60_000), "update", "--project-path", project.root)
    assert ran.code == 1, ran.text
    assert "hook" not in ran.err
    assert everything(project.root) == before
    assert_whole(project.root)
    project.update()
    assert project.read("b/big.txt") == big(compressible=compressible)
    assert project.is_clean()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("nothing can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_no_room_for_a_copy_of_the_template_is_no_matter_of_the_network(
    tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next step is to make room."""
    template = plain_template(tmp_path, {"big.txt": big(compressible=False)})
    monkeypatch.setenv("AEGIS_CACHE_DIR", str(disk))
    state = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (state.f_bavail * state.f_frsize - 100_000))

    ran = aegis(
        "init", "app", "-y", "--trust", "--template", f"file://{template.path}", "-o", tmp_path
    )

    assert ran.code == 1
    assert "Free some space" in ran.err
    assert "network" not in ran.err


@pytest.mark.parametrize("room", [0, 4_096, 16_384, 65_536, 350_000])
def test_a_full_disk_leaves_no_half_update(tmp_path: Path, disk: Path, room: int) -> None:
    """Whatever does not fit any more: the project is as it was, and with room again the update comes."""
    files = {"a/1.txt": LINES, "b/1.txt": LINES}
    template = plain_template(tmp_path, files)
    made = Project.start(template, "--output-dir", disk)
    project = Project(disk / "app", template)
    assert made.root != project.root
    template.main("Change", {"a/1.txt": edited(LINES, 3), "b/big.txt": big(compressible=False)})
    before = files_of(project.root)
    state = os.statvfs(disk)
    free = state.f_bavail * state.f_frsize
    (disk / "filler").write_bytes(b"x" * (free - room))
    ran = restricted(lambda: None, "update", "--project-path", project.root)
    assert ran.code == 1, ran.text
    assert "\n  Next: " in ran.text
    assert " space" in ran.text.partition("\n  Next: ")[2], ran.text
    (disk / "filler").unlink()
    assert files_of(project.root) == before
    assert_whole(project.root)
    project.update()
    assert project.read("b/big.txt") == big(compressible=False)
    assert project.is_clean()
