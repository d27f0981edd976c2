"""Acting at an instant that is the same in every run: right before one of the gits that aegis starts."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

KILL = "kill -9 $$"
"""The git that was to run is killed instead."""


def before_git(
    words: str, script: str, folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have a script run once, before the first git whose command line holds some words.

    Args:
        words: Such as `merge --no-ff`.
        script: What to do, in the shell.
        folder: Where.
        place: A folder for the `git` that does it.
        monkeypatch: Puts that in front of the real one.
    """
    real, act = shutil.which("git"), place / "act"
    assert real is not None
    place.mkdir(exist_ok=True)
    # In a shell of its own: the git behind it runs where it was to run. `$$` is that git all the same.
    setting = f"PATH={shlex.quote(os.environ['PATH'])}; cd {shlex.quote(str(folder))}"
    act.write_text(f"({setting}\n{script}\n) > /dev/null\n")
    wrapper = place / "git"
    wrapper.write_text(
        f'#!/bin/sh\ncase " $* " in *{shlex.quote(f" {words} ")}*)\n'
        f"  if mv '{act}' '{act}.ran' 2> /dev/null; then . '{act}.ran'; fi\nesac\n"
        f'exec {shlex.quote(real)} "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")


def has_run(place: Path) -> bool:
    """Return whether the script has run."""
    return (place / "act.ran").exists()
