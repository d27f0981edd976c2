"""Temporary folders of killed runs are tidied by the next one; those of living runs, and of others, are not touched."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import pytest

from aegis_cli import scratch
from tests.hazards.support import aegis


def _left(place: Path, name: str, *, mark: bool = True) -> Path:
    folder = place / name
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/file").write_text("x\n")
    if mark:
        (folder / ".aegis-lock").touch()
    return folder


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where this test's temporary files go."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    return place


def test_what_a_killed_run_left_goes(temporary: Path) -> None:
    """Any command tidies, and leaves nothing itself."""
    _left(temporary, "aegis-run-dead")

    assert aegis("version").code == 0

    assert list(temporary.iterdir()) == []


def test_what_is_in_use_stays(temporary: Path) -> None:
    """A run that lives holds its lock."""
    folder = _left(temporary, "aegis-run-alive")
    with (folder / ".aegis-lock").open("r+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        assert aegis("version").code == 0
        assert (folder / "deep/er/file").exists()


@pytest.mark.parametrize("name", ["aegis-run-other", "aegis-demo-x", "aegis-bug-x", "other"])
def test_what_is_not_certainly_ours_stays(temporary: Path, name: str) -> None:
    """Without our mark, or under another name, it is somebody's."""
    folder = _left(temporary, name, mark=name == "other")

    assert aegis("version").code == 0

    assert (folder / "deep/er/file").exists()


def test_a_link_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    """To a folder that looks like one of ours, nor through a mark that is a link."""
    precious = _left(tmp_path, "precious")
    (temporary / "aegis-run-link").symlink_to(precious)
    folder = _left(temporary, "aegis-run-mark", mark=False)
    (folder / ".aegis-lock").symlink_to(precious / ".aegis-lock")

    assert aegis("version").code == 0

    assert (precious / "deep/er/file").exists()
    assert folder.exists()


def test_one_that_was_killed_while_it_was_made(temporary: Path) -> None:
    """It never got its mark: after a minute it will not get one any more."""
    young, old = temporary / "aegis-run-young", temporary / "aegis-run-old"
    for folder in (young, old):
        folder.mkdir()
        (folder / ".aegis-lock.new").touch()
    os.utime(old, (time.time() - 120,) * 2)
    os.utime(young, (time.time() + 3600,) * 2)  # still young when a slow machine gets to it

    assert aegis("version").code == 0

    assert [folder.name for folder in temporary.iterdir()] == ["aegis-run-young"]


def test_init_tidies_beside_the_project(tmp_path: Path) -> None:
    """What a killed init left hidden there goes with the next one, whatever becomes of that."""
    left = _left(tmp_path, f"{scratch.PREFIX}dead")

    assert aegis("init", "app", "--ref", "nonsense", "-y", "-o", tmp_path).code != 0

    assert not left.exists()


def test_where_nothing_can_be_written_looking_still_works(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder for temporary files: what needs none goes on."""
    monkeypatch.setattr("tempfile.tempdir", str(temporary / "not there"))

    assert aegis("version").code == 0
