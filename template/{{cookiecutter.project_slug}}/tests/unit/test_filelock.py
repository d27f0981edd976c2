"""The lock between processes."""

from pathlib import Path

from app.core.filelock import file_lock


def test_one_at_a_time_has_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    with file_lock(path) as first, file_lock(path) as second:
        assert first
        assert not second
    with file_lock(path) as third:
        assert third
