"""kill -9 while a second template comes or is updated: the next run heals, and ends as an undisturbed one does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.hazards.killing import PLACES, counted, prepare, run_and_kill
from tests.support.git import git
from tests.support.project import VENDOR, ProjectRepo
from tests.support.template import TemplateRepo
from tests.templates.support import CHECKS, VENDOR_CI, ci_template, connect, edited, ref, words

TRIES = 4
"""So many points are tried in each place."""
FILES = {f"ci/{n}.txt": f"{n}\n{CHECKS}" for n in range(6)}


def _ids(project: ProjectRepo) -> tuple[str, ...]:
    return (
        *(ref(project, name) for name in ("HEAD", VENDOR, VENDOR_CI)),
        project.git("write-tree"),
    )


def _words(kind: str, project: ProjectRepo, ci: TemplateRepo) -> tuple[object, ...]:
    if kind == "connect":
        return (*words(project, ci), "--trust")
    return ("update", "--of", "ci", "--no-sync", "--project-path", project.path)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["connect", "update"])
def test_the_next_run_heals(project: ProjectRepo, tmp_path: Path, kind: str, place: str) -> None:
    """Wherever the run was killed: it ends as an undisturbed one does, and the first template is as it was."""
    ci = ci_template(tmp_path / "ci", dict(FILES))
    if kind == "update":
        connect(project, ci)
        ci.main("ci: change", {name: edited(text, 9) for name, text in FILES.items()})
    project.commit("Mine", {"own.txt": "own\n"})
    log = tmp_path / "log"
    whole = ProjectRepo.copy(project, tmp_path / "whole" / "app")
    prepare(whole.path, place)
    assert run_and_kill(place, 0, whole.path, log, *_words(kind, whole, ci)) == 0
    happens, wanted = counted(log), _ids(whole)
    assert happens > TRIES

    for at in random.Random(7).sample(range(1, happens + 1), TRIES):  # noqa: S311
        killed = ProjectRepo.copy(project, tmp_path / f"killed-{at}" / "app")
        prepare(killed.path, place)
        assert run_and_kill(place, at, killed.path, log, *_words(kind, killed, ci)) != 0
        first = ref(killed, VENDOR)
        if ref(killed, "HEAD") != wanted[0] or (killed.path / ".git/aegis/journal.json").exists():
            # Where the merge stands it is connected, which cannot be done again: any other run heals what is left.
            again = "update" if ref(killed, "HEAD") == wanted[0] else kind
            assert run_and_kill(place, 0, killed.path, log, *_words(again, killed, ci)) == 0
        assert _ids(killed) == wanted
        assert ref(killed, VENDOR) == first
        assert git(killed.path, "status", "--porcelain") == ""
