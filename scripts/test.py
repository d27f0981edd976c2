"""Run all checks and tests: `python3 scripts/test.py [tox arguments]`. Needs Python, git and make, nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

from bootstrap import ROOT, install


def main() -> int:
    """Install tox and uv, run tox, and return its exit status."""
    programs = install("tox>=4.30", "uv>=0.9")
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    command = [str(programs / "python"), "-m", "tox", *sys.argv[1:]]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PATH": path}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
