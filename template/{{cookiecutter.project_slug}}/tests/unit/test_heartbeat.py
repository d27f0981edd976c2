"""The heartbeat of a process, and the check that reads it."""

import asyncio
import os
import subprocess
import time
from pathlib import Path

import pytest

from app.components.backend.main import create_app
from app.core import heartbeat
from app.core.config import settings
from app.core.constants import ROOT
from app.core.heartbeat import beating

CHECK = ROOT / "app/entrypoints/healthy.sh"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where heartbeats are."""
    found = tmp_path / "heartbeats"
    monkeypatch.setattr(heartbeat, "settings", settings.model_copy(update={"HEARTBEAT_DIR": found}))
    monkeypatch.setattr(heartbeat, "INTERVAL_SECONDS", 0.01)
    return found


def is_healthy(folder: Path) -> bool:
    environment = {"PATH": os.environ["PATH"], "HEARTBEAT_DIR": str(folder)}
    return subprocess.run(["sh", CHECK], env=environment, capture_output=True).returncode == 0  # noqa: S607


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))  # noqa: PTH208


def make_older(file: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(file, (moment, moment))


async def test_a_process_is_healthy_while_its_event_loop_turns(folder: Path) -> None:
    assert not is_healthy(folder)
    async with beating("web"), beating("scheduler"):
        assert is_healthy(folder)
        for name in ("web", "scheduler"):
            make_older(folder / name, 3600)
        # The loop does not turn here.
        assert not is_healthy(folder)
        async with asyncio.timeout(60):
            while not is_healthy(folder):  # noqa: ASYNC110 (nobody tells when it is)
                await asyncio.sleep(0.01)
    assert not is_healthy(folder)


def test_one_that_hangs_is_enough(tmp_path: Path) -> None:
    for name in ("web", "scheduler"):
        (tmp_path / name).touch()
    assert is_healthy(tmp_path)
    make_older(tmp_path / "web", 70)
    assert not is_healthy(tmp_path)


async def test_the_web_process_has_one_when_it_serves(folder: Path) -> None:
    app = create_app()
    async with app.router.lifespan_context(app):
        assert names(folder) == ["web"]
    assert names(folder) == []


async def test_without_the_setting_nothing_is_left(tmp_path: Path) -> None:
    assert settings.HEARTBEAT_DIR is None
    async with beating("web"):
        assert names(tmp_path) == []
