"""A generated application: its own checks, and its server."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import uv

PATIENCE = 300.0  # seconds until something must have happened; CI machines are slow
STOP_SECONDS = 60.0
PORTS = range(20_000, 32_000)  # below those that systems give to connections by themselves


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a command in a project, as its user would, and return what it printed."""
    result = subprocess.run(
        command,
        cwd=folder,
        env=_environment(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{' '.join(command)}:\n{result.stdout}\n{result.stderr}"
    return result.stdout


def _environment(extra: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "UV_CACHE_DIR": uv.CACHE, **extra}


def free_port() -> int:
    """Return a port that nobody listens on, and that no connection takes before somebody does."""
    while True:
        port = random.choice(PORTS)  # noqa: S311
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def served(folder: Path, command: str = "make serve", **environment: str) -> Iterator[str]:
    """Run `make serve`, or another command, and yield the address; Ctrl-C ends it.

    Yields:
        The server's address, once it answers.
    """
    port = free_port()
    log = folder.with_name(f"{folder.name}.serve.log")
    with log.open("w") as output:
        server = subprocess.Popen(
            command.split(), cwd=folder, env=_environment({"PORT": str(port), **environment}),
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _await_answer(f"{address}/health", server, log)
            yield address
        finally:
            os.killpg(server.pid, signal.SIGINT)
            try:
                server.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
                raise


def _await_answer(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310  (localhost)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


def get(url: str) -> dict[str, object]:
    """Return the JSON that an address answers."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  (localhost)
        found = json.load(answer)
        assert isinstance(found, dict)
        return found
