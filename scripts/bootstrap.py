"""A virtual environment for this checkout, made with nothing but Python: `.venv/`, which git ignores."""

from __future__ import annotations

import subprocess
import sys
import venv
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
    subprocess.run(
        [
            programs / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *requirements,
        ],
        cwd=ROOT,
        check=True,
    )
    return programs
