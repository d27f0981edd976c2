"""A real redis-server that can be started, killed and started again on the same port."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.support.application import free_port

PATIENCE = 180.0  # seconds


class RedisServer:
    """A server that writes every command to its disk before it answers, so that a kill loses nothing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_installed() -> bool:
        """Whether this machine has one."""
        return shutil.which("redis-server") is not None and shutil.which("redis-cli") is not None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        options += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(["redis-server", *options], stdout=log)
        deadline = time.monotonic() + PATIENCE
        while self.ask("ping") != "PONG":
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._process = None

    def is_listening(self) -> bool:
        """Whether somebody listens on its port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ask(self, *words: str) -> str:
        """Send a command, and return the answer as redis-cli prints it."""
        command = ["redis-cli", "-p", str(self.port), *words]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        return found.stdout.strip()
