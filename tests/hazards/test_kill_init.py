"""kill -9 during `aegis init`: no half project, and the next init has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.killing import counted, run_and_kill
from tests.hazards.support import LINES, aegis, assert_whole, files_of, plain_template
from tests.support.git import commit, git


@pytest.mark.parametrize("around", [False, True])
def test_killed_during_init_the_next_init_is_as_good_as_new(
    tmp_path: Path, *, around: bool
) -> None:
    """At points spread over the whole run, for a project of its own and for one inside of a repository."""
    template = plain_template(tmp_path / "t", {f"{n}.txt": LINES for n in range(5)})
    words = ("init", "app", "-y", "--trust", "--template", template.path, "--output-dir")
    log, places = tmp_path / "log", tmp_path / "places"

    def place(name: str) -> Path:
        folder = places / name
        folder.mkdir(parents=True)
        if around:
            git(folder, "init", "--quiet")
            commit(folder, "Start", {"own.txt": "own\n"})
        return folder

    whole = place("whole")
    assert run_and_kill("process", 0, places, log, *words, whole) == 0
    total = counted(log)
    assert total > 8
    for at in sorted({*range(2, total, total // 5), total - 1, total}):
        folder = place(f"killed-{at}")
        assert run_and_kill("process", at, places, log, *words, folder) != 0
        half = (folder / "app").exists() and files_of(folder / "app") != files_of(whole / "app")
        assert not half or around, f"a half project, killed at {at} of {total}"
        ran = aegis(*words, folder)
        if ran.code:  # it was killed with all done
            assert "is there already" in ran.err, f"killed at {at} of {total}: {ran.text}"
        assert files_of(folder / "app") == files_of(whole / "app")
        assert git(folder / "app", "rev-parse", "HEAD") == git(whole / "app", "rev-parse", "HEAD")
        assert not git(folder / "app", "status", "--porcelain", "--", ".")
        assert_whole(folder / "app")
