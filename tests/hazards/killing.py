"""Killing `aegis` at a place that is the same in every run: the n-th time that something happens in it.

A counter file tells how often it has happened. With the number that is asked for, the whole process group dies.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent.parent

# In the process itself: before a file is opened for writing, renamed or removed, and before a git is started.
_IN_PROCESS = """\
import os, signal, sys
from aegis_cli.cli import app
from aegis_cli.operations import update, create
from aegis_cli.template import render
at, count, inside = int(os.environ["KILL_AT"]), 0, os.environ["KILL_INSIDE"]
log = os.open(os.environ["KILL_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def happened(event, args):
    global count
    if event == "open":
        path, _, flags = args
        if isinstance(path, int) or not flags & (os.O_WRONLY | os.O_RDWR) or path == os.devnull:
            return
    elif event not in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "subprocess.Popen"):
        return
    if event != "subprocess.Popen" and inside not in os.path.abspath(os.fspath(args[0])):
        return
    count += 1
    os.write(log, b".")
    if count == at:
        os.killpg(0, signal.SIGKILL)
sys.addaudithook(happened)
sys.exit(app.run(sys.argv[1:]))
"""

# In what git runs: hooks of ref transactions, and the filter through which it writes files.
_IN_GIT = """\
#!/bin/sh
[ -n "$KILL_AT" ] || exec cat
printf . >> "$KILL_LOG"
if [ "$(wc -c < "$KILL_LOG")" -eq "$KILL_AT" ]; then kill -9 $KILL_WHOM; fi
exec cat
"""
PLACES = ("process", "filter", "transaction")


def prepare(repository: Path, place: str) -> None:
    """Make a repository count what happens in a place. Only the filter changes its configuration."""
    if place == "process":
        return
    script = repository / ".git" / "killer"
    script.write_text(_IN_GIT)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    if place == "transaction":
        hook = repository / ".git" / "hooks" / "reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\nexec "{script}" > /dev/null\n')
        hook.chmod(0o755)
        return
    info = repository / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text("* filter=killer\n")
    with (repository / ".git" / "config").open("a") as file:
        file.write(f'[filter "killer"]\n\tsmudge = "{script}"\n\tclean = cat\n')


def run_and_kill(
    place: str, at: int, inside: Path, log: Path, *argv: object, only_aegis: bool = False
) -> int:
    """Run `aegis` and kill it when something happens in a place for the `at`-th time; 0: never.

    Args:
        place: One of PLACES.
        at: When.
        inside: Only files below this folder count.
        log: Where to count.
        argv: The words of the command.
        only_aegis: What git does goes on without it.

    Returns:
        The exit status.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "KILL_AT": str(at),
        "KILL_INSIDE": str(inside),
        "KILL_LOG": str(log),
        "KILL_WHOM": "0",
    }
    log.write_bytes(b"")
    code = _IN_PROCESS if place == "process" else "from aegis_cli.__main__ import main; main()"
    words = [sys.executable, "-c", code, *map(str, argv)]
    if only_aegis:
        words = ["sh", "-c", 'export KILL_WHOM=$$; exec "$@"', "sh", *words]
    process = subprocess.Popen(
        words, env=environment, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said, _ = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL, -signal.SIGPIPE), said.decode()
    return process.returncode


def counted(log: Path) -> int:
    """Return how often it happened in the last run."""
    return log.stat().st_size
