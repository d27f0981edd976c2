"""Killed at any instant, the user's own is there, the repository is whole, and the next run ends as an undisturbed one.

The environment variable `AEGIS_KILLS` says how often (tox -e kill: 350 times), `AEGIS_SEED` with which dice.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kills.stage import COMMANDS, Scene, Tally, build, kill
from tests.support.project import seal


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the HOME in which the template is trusted."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def scenes(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scene]]:
    """Build the scenes once."""
    with pytest.MonkeyPatch.context() as patch:
        seal(home, patch)
        yield build(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(autouse=True)
def at_home(scenes: dict[str, Scene], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where the template is trusted."""
    seal(home, monkeypatch)


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_random(
    scenes: dict[str, Scene],
    tmp_path: Path,
    command: str,
) -> None:
    """Every kill is looked at; the figures go to the end of the output."""
    kills, seed = int(os.environ.get("AEGIS_KILLS", "14")), os.environ.get("AEGIS_SEED", "1")
    share = kills // len(COMMANDS) + (COMMANDS.index(command) < kills % len(COMMANDS))
    dice, tally = random.Random(f"{seed} {command}"), Tally(scenes[command].seconds)  # noqa: S311
    while tally.killed < share and tally.ended < 2 * share:
        kill(scenes[command], tmp_path / str(tally.killed + tally.ended), dice, tally)
    tried = tally.killed + tally.ended
    print(  # noqa: T201
        f"{command}: {tally.killed} killed alive of {tried}, {tally.in_the_merge} while git wrote the merge;"
        f" right: {tried - len(tally.wrong)}"
    )
    assert not tally.wrong, "\n".join(tally.wrong)
