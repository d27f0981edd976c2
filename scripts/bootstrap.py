"""A virtual environment for this checkout, made with nothing but Python: `.venv/`, which git ignores."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"


def install(*requirements: str) -> Path:
    """Make `.venv/` if there is none, install into it, and return its folder of programs.

    Args:
        requirements: What pip is to install, as on its command line.
    """
    if sys.version_info < (3, 11):  # noqa: UP036  (whoever runs this may have an older one)
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    programs = ENVIRONMENT / "bin"
    if not (programs / "python").exists():
        print(f"Making {ENVIRONMENT}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True)
    print(f"Installing {' '.join(requirements)}", flush=True)
    pip = [
        str(programs / "python"),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
    ]
    watched([*pip, *requirements], ROOT)
    return programs


def watched(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command that takes a while. On a terminal its newest line is shown, over the one before.

    Args:
        command: Its words.
        folder: Where it runs.
        environment: Its environment; None: ours.

    Raises:
        subprocess.CalledProcessError: It failed. What it said has been printed.
    """
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    said: list[str] = []
    assert process.stdout is not None  # noqa: S101  (a pipe)
    try:
        for line in process.stdout:
            said.append(line)
            _show(f"  {line.strip()}")
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        _show("")
    if process.wait():
        print("".join(said[-30:]), end="", flush=True)
        raise subprocess.CalledProcessError(process.returncode, command)


def _show(line: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", end="", flush=True)
