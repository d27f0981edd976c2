"""kill -9 at any point of adding or updating somebody else's component: the next run ends like an undisturbed one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hazards.killing import counted, prepare, run_and_kill
from tests.hazards.support import aegis, assert_whole, files_of
from tests.support.git import git
from tests.support.project import ProjectRepo
from tests.support.third_party import ThirdPartyRepo


def _outcome(root: Path) -> tuple[str, dict[str, tuple[int, bytes]]]:
    return git(root, "for-each-ref") + git(root, "rev-parse", "HEAD"), files_of(root)


@pytest.mark.parametrize("place", ["filter", "transaction"])
@pytest.mark.parametrize("command", ["add", "update"])
def test_killed_at_every_point_of_the_merge(
    app: ProjectRepo, notes: ThirdPartyRepo, tmp_path: Path, place: str, command: str
) -> None:
    if command == "update":
        app.add(notes.reference)
        notes.better(1)
        notes.better(8)
    words = ["add", notes.reference] if command == "add" else ["update"]
    log = tmp_path / "log"

    def run(at: int) -> Path:
        copy = ProjectRepo.copy(app, tmp_path / f"{at}" / "app")
        prepare(copy.path, place)
        argv = (*words, "--no-sync", "--project-path", copy.path)
        code = run_and_kill(place, at, copy.path, log, *argv)
        assert (code == 0) is (at == 0)
        return copy.path

    wanted = _outcome(run(0))
    total = counted(log)
    assert total > 1
    for at in range(1, total + 1):
        root = run(at)
        assert_whole(root)
        ran = aegis(*words, "--no-sync", "--project-path", root)
        assert ran.code == 0, f"killed at {at}: {ran.text}"
        assert _outcome(root) == wanted
