"""`scripts/git_times.py` tells which git commands a command ran, how they ended, and what they come to."""

from __future__ import annotations

import re
from pathlib import Path

import git_times
import pytest


def test_each_git_command_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With its exit status, without the settings that all are given; the last line counts them."""
    script = "git init --quiet; git -c gc.auto=0 rev-parse --verify --quiet nothing; exit 5"
    assert git_times.main(["env", "-C", str(tmp_path), "sh", "-c", script]) == 5

    lines = capfd.readouterr().err.splitlines()
    told = [re.sub(r"^ +[0-9.]+ +", "", line) for line in lines]
    assert told[1] == "0  git init --quiet"
    assert told[-2] == "1  git rev-parse --verify --quiet nothing"
    assert told[-1] == f"in {len(lines) - 2} runs of git"


def test_a_command_line_with_any_sign(capfd: pytest.CaptureFixture[str]) -> None:
    """Python knows ends of lines that git does not write as such."""
    assert git_times.main(["git", "--no-such\u2028option\x85"]) != 0
    assert "git --no-such\u2028option\x85\n" in capfd.readouterr().err


def test_no_such_command() -> None:
    """It is said, as a shell does."""
    with pytest.raises(SystemExit, match=r"^no-such-command: No such file or directory$"):
        git_times.main(["no-such-command"])
