"""Two `aegis` at once in one repository."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from aegis_cli.project import lock
from tests.hazards.killing import CHECKOUT
from tests.hazards.support import (
    LINES,
    Project,
    aegis_process,
    assert_whole,
    edited,
    everything,
    plain_template,
)
from tests.support.template import standard


def test_two_updates_at_once_are_one_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One does it, the other waits and finds nothing to do, or says that it does not wait; the result is right."""
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    template = plain_template(tmp_path, {f"{n}.txt": LINES for n in range(5)})
    project = Project.start(template)
    head = project.git("rev-parse", "HEAD")
    template.main("Change", {f"{n}.txt": edited(LINES, 3) for n in range(5)})
    runs = [aegis_process("update", "--project-path", project.root) for _ in range(3)]
    said = [run.communicate()[0].decode() for run in runs]
    codes = sorted(run.returncode for run in runs)
    assert codes[0] == 0, said
    assert set(codes) <= {0, 1}, said
    assert sum("Done: " in text for text in said) == 1, said
    for run, text in zip(runs, said, strict=True):
        assert "Traceback" not in text
        assert run.returncode == 0 or "Another aegis is at work" in text
    merges = project.git("rev-list", "--merges", f"{head}..HEAD").split()
    assert len(merges) == 1
    assert project.is_clean()
    assert_whole(project.root)


def test_two_adds_at_once_both_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each adds its own component; who gave up can simply run again."""
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    project = Project.start(standard(tmp_path / "template"))
    names = ("redis", "scheduler")
    runs = {n: aegis_process("add", n, "--no-sync", "--project-path", project.root) for n in names}
    for name, run in runs.items():
        said = run.communicate()[0].decode()
        assert run.returncode in (0, 1), said
        if run.returncode:
            project.run("add", name)
    both = {f"app/{name}.py" for name in names}
    assert both <= project.paths()
    assert project.is_clean()


def test_who_does_not_get_the_lock_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its patience has ended: status 1, the next step, and nothing is changed."""
    monkeypatch.setattr(lock, "_PATIENCE", 0.0)
    template = plain_template(tmp_path, {"x.txt": LINES})
    project = Project.start(template)
    template.main("Change", {"x.txt": edited(LINES, 3)})
    project.run("update", "--to", "main")
    template.main("Change again", {"x.txt": edited(LINES, 4)})
    with (project.root / ".git" / "aegis" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        before = everything(project.root)
        ran = project.run("update", expect=1)
        assert "Another aegis is at work" in ran.err
        project.run("status")
        project.run("update", "--dry-run")
        assert everything(project.root) == before
    project.update()
