"""What takes a while says what it is doing, on one line, where somebody watches."""

from __future__ import annotations

import sys

from aegis_cli.operations.outcome import Options
from aegis_cli.operations.update import update
from tests.support.project import ProjectRepo
from tests.support.terminal import Terminal


class Steps:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def warn(self, text: str) -> None: ...


def test_an_update_tells_each_upstream_commit(project: ProjectRepo) -> None:
    """n of m, with its subject."""
    told = Steps()
    done = update(project.path, Options(sync=False), told, to="v0.2.0")
    for commit in done.upstream:
        assert any(
            step.startswith("Replaying ") and step.endswith(f": {commit.subject}")
            for step in told.steps
        )
    assert any(step.startswith("Rendering ") for step in told.steps)
    assert told.steps[-2:] == ["Looking ahead at the merge", "Merging"]


def test_progress_is_gone_when_the_result_is_there(project: ProjectRepo) -> None:
    """One line, and the cursor comes back."""
    argv = [sys.executable, "-m", "aegis_cli", "update", "--to", "v0.2.0", "--no-sync"]
    terminal = Terminal(argv, project.path, columns=100)
    assert terminal.wait() == 0
    shown = terminal.raw.decode()
    assert "Rendering " in shown
    assert terminal.text.startswith("Done: Update the template to v0.2.0")
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")


def test_a_result_is_ten_lines(project: ProjectRepo) -> None:
    """Whatever came; `-v` names all of it."""
    for words in (["add", "worker", "database"], ["update"], ["remove", "worker"]):
        argv = [sys.executable, "-m", "aegis_cli", *words, "--no-sync"]
        terminal = Terminal(argv, project.path)
        assert terminal.wait() == 0, terminal.text
        assert len(terminal.text.splitlines()) <= 14, terminal.text
        assert "Undo:      git reset --keep " in terminal.text
