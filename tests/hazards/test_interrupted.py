"""Ctrl-C, and the signals that a terminal or the system sends: status 130, and what state things are in."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.hazards.support import (
    LINES,
    Project,
    aegis,
    aegis_command,
    assert_whole,
    edited,
    plain_template,
)
from tests.support.template import TemplateRepo
from tests.support.terminal import CTRL_C, Terminal

PATIENCE = 300.0  # seconds; it only bounds how long a failure takes
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def template(tmp_path: Path) -> TemplateRepo:
    return plain_template(tmp_path / "t", {"f.txt": LINES, "g.txt": LINES})


@pytest.fixture
def project(template: TemplateRepo) -> Project:
    return Project.start(template)


def _stop_here(tmp_path: Path) -> tuple[str, Path]:
    """Return a script that says that it was reached and waits to be ended; and where it says so."""
    reached = tmp_path / "reached"
    os.mkfifo(reached)
    return f"echo > '{reached}'; exec sleep 1000", reached


def _await(reached: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the script says that it was reached."""
    deadline = time.monotonic() + PATIENCE
    descriptor = os.open(reached, os.O_RDONLY | os.O_NONBLOCK)
    try:
        while not select.select([descriptor], [], [], 1)[0]:
            assert process.poll() is None, "aegis ended before it reached the script"
            assert time.monotonic() < deadline, "the script was never reached"
    finally:
        os.close(descriptor)


def _interrupted(reached: Path, number: int, *argv: object, group: bool) -> tuple[int, str]:
    """Run aegis, and send a signal when the script is reached: to the whole group, as a terminal does, or to aegis."""
    process = subprocess.Popen(
        aegis_command(*argv), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    _await(reached, process)
    (os.killpg if group else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, said.decode()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("group", [True, False], ids=["group", "aegis alone"])
def test_before_anything_is_written(
    project: Project, template: TemplateRepo, tmp_path: Path, number: int, *, group: bool
) -> None:
    """Nothing was changed, and that is said."""
    script, reached = _stop_here(tmp_path)
    template.root("A hook", {"hooks/post_gen_project.sh": f"#!/bin/sh\n{script}\n"})
    words = ("update", "--no-sync", "--trust", "--project-path", project.root)

    code, said = _interrupted(reached, number, *words, group=group)

    assert (code, said) == (130, "Error: Interrupted. Nothing was changed.\n")
    assert project.is_clean()


def test_a_terminal_that_is_gone(project: Project, template: TemplateRepo, tmp_path: Path) -> None:
    """What cannot be said any more changes no exit status."""
    script, reached = _stop_here(tmp_path)
    template.root("A hook", {"hooks/post_gen_project.sh": f"#!/bin/sh\n{script}\n"})
    words = ("update", "--no-sync", "--trust", "--project-path", project.root)
    with Path("/dev/full").open("wb") as nowhere:
        process = subprocess.Popen(
            aegis_command(*words), stdin=subprocess.DEVNULL, stdout=nowhere, stderr=nowhere, start_new_session=True
        )  # fmt: skip
    _await(reached, process)

    os.killpg(process.pid, signal.SIGHUP)

    assert process.wait(PATIENCE) == 130
    assert project.is_clean()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("group", [True, False], ids=["group", "aegis alone"])
@pytest.mark.parametrize("command", ["update", "pick"])
def test_while_git_writes_the_merge(
    project: Project, template: TemplateRepo, tmp_path: Path, command: str, number: int, *, group: bool
) -> None:  # fmt: skip
    """Half written; the next command undoes it, and that is true."""
    picked = template.main("Change", {"f.txt": edited(LINES, 3), "g.txt": edited(LINES, 3)})
    script, reached = _stop_here(tmp_path)
    (project.root / ".git/info").mkdir(exist_ok=True)
    (project.root / ".git/info/attributes").write_text("g.txt filter=stop\n")
    project.git("config", "filter.stop.clean", "cat")
    # Before, the filter is tried.
    project.git(
        "config", "filter.stop.smudge", f"[ -e .git/aegis/journal.json ] || exec cat; {script}"
    )
    words = ["update", "--no-sync"] if command == "update" else ["pick", picked]

    code, said = _interrupted(reached, number, *words, "--project-path", project.root, group=group)

    assert code == 130
    assert "half written" in said
    assert "undoes it first" in said
    project.git("config", "filter.stop.smudge", "cat")
    ran = aegis(*words, "--project-path", project.root)
    assert ran.code == 0, ran.text
    assert project.read("f.txt") == project.read("g.txt") == edited(LINES, 3)
    assert project.is_clean()
    assert_whole(project.root)


def test_while_conflicts_are_settled(
    project: Project, template: TemplateRepo, tmp_path: Path
) -> None:
    """Some are settled then, and nobody says that nothing was changed."""
    both = dict.fromkeys(("f.txt", "g.txt"), LINES + "mine\n")
    project.commit("Mine", both)
    template.main("Theirs", dict.fromkeys(both, LINES + "theirs\n"))
    code = aegis("update", "--no-sync", "--no-resolve", "--project-path", project.root).code
    assert code == 3
    script, reached = _stop_here(tmp_path)
    (project.root / ".git/info").mkdir(exist_ok=True)
    (project.root / ".git/info/attributes").write_text("g.txt filter=stop\n")
    project.git("config", "filter.stop.clean", "cat")
    project.git("config", "filter.stop.smudge", script)

    words = ("resolve", "--project-path", project.root)
    code, said = _interrupted(reached, signal.SIGINT, *words, group=True)

    assert code == 130
    assert said.startswith("Error: Interrupted. Some of the conflicts may be settled")
    assert project.read("f.txt") == LINES + "mine\ntheirs\n"


@pytest.mark.parametrize("number", SIGNALS)
def test_while_uv_runs(
    project: Project, template: TemplateRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:  # fmt: skip
    """The merge stands, and what is left to run is said."""
    project.commit("Lock", {"uv.lock": "1\n", "pyproject.toml": "[project]\nname = 'app'\n"})
    project.write({".git/info/exclude": ".venv\n", ".venv/pyvenv.cfg": "home = /usr/bin\n"})
    template.main("Change", {"f.txt": edited(LINES, 3)})
    script, reached = _stop_here(tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "uv").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")

    code, said = _interrupted(reached, number, "update", "--project-path", project.root, group=True)

    assert code == 130
    assert said == "Error: Interrupted. The merge stands.\n  Next: uv sync\n"
    assert project.git("log", "-1", "--format=%s").startswith("Update the template")
    assert project.is_clean()


def test_nohup_is_respected(project: Project, template: TemplateRepo, tmp_path: Path) -> None:
    """A signal that is ignored from the start stays so."""
    gate, reached, once = (tmp_path / name for name in ("gate", "reached", "once"))
    os.mkfifo(gate)
    os.mkfifo(reached)
    script = f"[ -e '{once}' ] || {{ touch '{once}'; echo > '{reached}'; cat '{gate}'; }}"
    template.root("A hook", {"hooks/post_gen_project.sh": f"#!/bin/sh\n{script}\n"})
    template.main("Change", {"f.txt": edited(LINES, 3)})
    process = subprocess.Popen(
        ["nohup", *aegis_command("update", "--no-sync", "--trust", "--project-path", project.root)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    _await(reached, process)
    os.kill(process.pid, signal.SIGHUP)
    gate.write_bytes(b"")
    assert process.wait() == 0
    assert project.read("f.txt") == edited(LINES, 3)


def test_the_words_start_on_a_line_of_their_own(
    project: Project, template: TemplateRepo, tmp_path: Path
) -> None:
    """At a terminal `^C` stands on the last line, behind the progress; the cursor is shown again."""
    reached = tmp_path / "reached"
    script = f"touch '{reached}'; exec sleep 1000"
    template.root("A hook", {"hooks/post_gen_project.sh": f"#!/bin/sh\n{script}\n"})
    words = aegis_command("update", "--no-sync", "--trust", "--project-path", project.root)
    terminal = Terminal(words, tmp_path)
    terminal.wait_until(reached.exists, "that the script was reached")
    terminal.press(CTRL_C)
    assert terminal.wait() == 130
    said = terminal.raw
    assert b"\nError: Interrupted. Nothing was changed.\r\n" in said.replace(b"\r\r", b"\r")
    assert said.rfind(b"\x1b[?25h") > said.rfind(b"\x1b[?25l") > -1
