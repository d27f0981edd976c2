"""The tools that are compared: how each is installed, and how it is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from .timing import CommandError
from .workload import ANSWERS, SLUG, TIP

PEERS = {
    "cookiecutter": "cookiecutter==2.7.1",
    "copier": "copier==9.19.1",
    "cruft": "cruft==2.16.0",
    "battenberg": "battenberg==0.5.2",
    "aegis-stack 0.16.1": "aegis-stack==0.16.1",
}


class Tool(Protocol):
    """One tool; its commands make and update the project `SLUG` in a folder."""

    name: str
    program: Path
    flavour: str
    commits: bool  # whether a new project is a git repository with a commit

    def create(self, template: Path, folder: Path) -> list[str] | None:
        """Make `folder/SLUG` from the newest release of a template; nothing if it cannot."""

    def update(self, template: Path, folder: Path) -> list[str] | None:
        """Bring `folder/SLUG` to the newest release; nothing if it cannot."""


class _Program:
    flavour = "cookiecutter"
    commits = False

    def __init__(self, name: str, program: Path) -> None:
        self.name = name
        self.program = program


class Aegis(_Program):
    """The tool that this repository makes."""

    commits = True

    def create(self, template: Path, folder: Path) -> list[str]:
        """Make a project of a foreign template."""
        what = ["init", SLUG, "--template", str(template), "--output-dir", str(folder)]
        return [str(self.program), *what, "-y", "--trust"]

    def update(self, template: Path, folder: Path) -> list[str]:  # noqa: ARG002
        """Update it, without installing anything."""
        what = ["update", "--project-path", str(folder / SLUG), "--to", TIP]
        return [str(self.program), *what, "-y", "--no-sync"]


class AegisStack(_Program):
    """The line before ours. It knows no template but its own, so here it only gives help."""

    def create(self, template: Path, folder: Path) -> None:  # noqa: ARG002
        """It cannot."""
        return

    def update(self, template: Path, folder: Path) -> None:  # noqa: ARG002
        """It cannot."""
        return


class Cookiecutter(_Program):
    """Creates only."""

    def create(self, template: Path, folder: Path) -> list[str]:
        """Render the template's folder; it is not cloned."""
        return [str(self.program), "--no-input", "--output-dir", str(folder), str(template)]

    def update(self, template: Path, folder: Path) -> None:  # noqa: ARG002
        """It cannot."""
        return


class Cruft(_Program):
    """Cookiecutter, and a patch of the difference between two renders."""

    def create(self, template: Path, folder: Path) -> list[str]:
        """Clone and render."""
        what = ["create", str(template), "--no-input", "--default-config"]
        return [str(self.program), *what, "--output-dir", str(folder)]

    def update(self, template: Path, folder: Path) -> list[str]:  # noqa: ARG002
        """Render twice, and apply the difference."""
        what = ["update", "--skip-apply-ask", "--project-dir", str(folder / SLUG)]
        return [str(self.program), *what, "--checkout", TIP]


class Battenberg(_Program):
    """Cookiecutter on a branch that is merged."""

    commits = True

    def create(self, template: Path, folder: Path) -> list[str]:
        """Clone and render; Cookiecutter minds `--checkout` only for what looks like a URL."""
        return [
            str(self.program),
            "-O",
            str(folder / SLUG),
            "install",
            template.as_uri(),
            "--no-input",
        ]

    def update(self, template: Path, folder: Path) -> list[str]:
        """Render on the branch, and merge it. The answers are beside the project."""
        answers = folder / "answers.json"
        answers.write_text(json.dumps({**ANSWERS, "_template": template.as_uri()}))
        what = ["upgrade", "--no-input", "--checkout", TIP, "--context-file", str(answers)]
        return [str(self.program), "-O", str(folder / SLUG), *what]


class Copier(_Program):
    """Has templates of its own kind."""

    flavour = "copier"

    def create(self, template: Path, folder: Path) -> list[str]:
        """Clone and render."""
        what = ["copy", "--defaults", "--quiet", str(template), str(folder / SLUG)]
        return [str(self.program), *what]

    def update(self, template: Path, folder: Path) -> list[str]:  # noqa: ARG002
        """Render twice, and apply the difference."""
        what = ["update", "--defaults", "--quiet", "--vcs-ref", TIP, str(folder / SLUG)]
        return [str(self.program), *what]


def install(name: str, venvs: Path) -> Path:
    """The program of a peer, installed into an environment of its own unless it is there."""
    requirement = PEERS[name]
    venv = venvs / requirement.replace("==", "-")
    program = venv / "bin" / ("aegis" if name.startswith("aegis") else name)
    if not program.exists():
        _run([sys.executable, "-m", "venv", str(venv)])
        _run([str(venv / "bin" / "pip"), "install", "--quiet", requirement])
    return program


def _run(argv: list[str]) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise CommandError(f"not installed: {said[-1] if said else argv}")
