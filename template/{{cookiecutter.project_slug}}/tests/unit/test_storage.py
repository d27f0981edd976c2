"""Disks that are full, or may not be written."""

import errno
import os
from pathlib import Path

import pytest

from app.core.component import Component
from app.core.errors import StorageError
from app.core.explain import explanation
from app.core.storage import unwritable, writing_to
from app.services.system import State, checks, resources

FULL = Path("/dev/full")
OTHER_DISK = Path("/dev/shm")  # noqa: S108

needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
needs_other_disk = pytest.mark.skipif(not OTHER_DISK.is_dir(), reason="needs /dev/shm")


@pytest.fixture
def refusing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing can be made."""
    found = tmp_path / "refusing"
    found.mkdir(mode=0o500)
    if os.geteuid() == 0:
        refuse_root(found, monkeypatch)
    return found


def refuse_root(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system answer root, who may write everywhere, as it answers others."""
    access, mkdir = os.access, os.mkdir

    def is_allowed(path: Path, mode: int) -> bool:
        return access(path, mode) and folder not in (path, *path.parents)

    def make(path: Path, mode: int = 0o777) -> None:
        if folder in path.parents:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        mkdir(path, mode)

    monkeypatch.setattr(os, "access", is_allowed)
    monkeypatch.setattr(os, "mkdir", make)


@needs_full
def test_a_full_disk_is_said_with_its_place(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=f"^The disk is full: {tmp_path}$"),
        writing_to(tmp_path),
        FULL.open("wb", buffering=0) as file,
    ):
        file.write(b"x")


@needs_full
def test_a_full_disk_is_explained_wherever_it_is_met() -> None:
    with pytest.raises(OSError, match="space") as error, FULL.open("wb", buffering=0) as file:
        file.write(b"x")
    assert explanation(error.value) == "The disk is full"


def test_a_folder_of_somebody_else_is_said_with_both(refusing: Path) -> None:
    us = os.geteuid()
    problem = f"No permission to write {refusing} (owned by uid {us}, this process is uid {us})"
    with pytest.raises(StorageError) as error, writing_to(refusing / "a" / "b"):
        (refusing / "a").mkdir()
    assert str(error.value) == problem
    with pytest.raises(PermissionError) as refused:
        (refusing / "a").mkdir()
    assert explanation(refused.value) == problem


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "folder"
    with pytest.raises(StorageError) as error, writing_to(place):
        place.mkdir()
    assert str(error.value) == f"Nothing can be written to {place}: Not a directory"


def test_nothing_is_wrong_with_a_folder_that_can_be_made(tmp_path: Path) -> None:
    assert unwritable(tmp_path / "a" / "b") == ""


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error, writing_to(tmp_path):
        (tmp_path / "nothing").read_bytes()
    assert explanation(error.value) is None


def use_folders(monkeypatch: pytest.MonkeyPatch, **folders: Path) -> None:
    keeping = Component(name="keeping", folders=lambda: folders)
    monkeypatch.setattr(resources, "COMPONENTS", (keeping,))


@needs_other_disk
async def test_the_disks_of_what_is_kept_are_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    use_folders(monkeypatch, things=OTHER_DISK / "things", more=OTHER_DISK)
    [volume] = resources.read_volumes()
    assert volume.name == "things"
    assert volume.total_bytes > 0
    full = resources.read_resources().model_copy(
        update={"volumes": [volume.model_copy(update={"percent": 97})]}
    )
    monkeypatch.setattr(checks, "read_resources", lambda: full)
    result = await checks.check_machine()
    assert result.state is State.DEGRADED
    assert "Disk of things is at 97 %, over the threshold of 90 %" in result.message
    assert "things_free_bytes" in result.details


async def test_a_folder_that_refuses_is_told(
    monkeypatch: pytest.MonkeyPatch, refusing: Path
) -> None:
    use_folders(monkeypatch, backups=refusing / "backups")
    result = await checks.check_machine()
    assert result.state is State.DEGRADED
    assert f"No permission to write {refusing}" in result.message
