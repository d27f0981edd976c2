"""Temporary folders of killed runs are tidied by the next one; those of living runs, and of others, are not touched."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from aegis_cli import scratch
from tests.hazards.support import aegis


def _left(place: Path, name: str, *, mark: bool = True) -> Path:
    folder = place / name
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/file").write_text("x\n")
    if mark:
        _lock(folder).touch()
    return folder


def _lock(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")


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
    with _lock(folder).open("r+") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        assert aegis("version").code == 0
        assert (folder / "deep/er/file").exists()


@pytest.mark.parametrize("name", ["aegis-run-other", "aegis-demo-x", "aegis-bug-x", "other"])
def test_what_is_not_certainly_ours_stays(temporary: Path, name: str) -> None:
    """Without our lock file, or under another name, it is somebody's."""
    folder = _left(temporary, name, mark=name == "other")

    assert aegis("version").code == 0

    assert (folder / "deep/er/file").exists()


def test_a_link_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    """To a folder that looks like one of ours, nor a lock file that is a link."""
    precious = _left(tmp_path, "precious")
    link = temporary / "aegis-run-link"
    link.symlink_to(precious)
    _lock(link).touch()
    folder = _left(temporary, "aegis-run-mark", mark=False)
    _lock(folder).symlink_to(_lock(precious))

    assert aegis("version").code == 0

    assert (precious / "deep/er/file").exists()
    assert folder.exists()


def test_one_that_was_killed_while_it_was_made(temporary: Path) -> None:
    """The lock file comes first: without its folder it goes as well."""
    _lock(temporary / "aegis-run-begun").touch()

    assert aegis("version").code == 0

    assert list(temporary.iterdir()) == []


def test_a_lock_that_another_run_tidied_away_before_it_was_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever makes a folder then takes another name: under the first one nobody would find it in use."""
    begun: list[Path] = []
    flock = fcntl.flock

    def tidied_first(descriptor: int, how: int) -> None:
        if not begun:
            [lock] = tmp_path.iterdir()
            begun.append(lock)
            lock.unlink()
        flock(descriptor, how)

    monkeypatch.setattr("fcntl.flock", tidied_first)
    with scratch.folder_beside(tmp_path, "aegis-run-") as place:
        assert _lock(place) != begun[0]
        assert scratch.left(tmp_path, "aegis-run-") == []
        assert place.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_where_files_cannot_be_locked_nothing_is_left(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems of a network have no locks."""

    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    assert aegis("version").code == 0
    assert list(temporary.iterdir()) == []


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
