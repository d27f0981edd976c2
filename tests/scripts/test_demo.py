"""The demo's application ends with the demo, however that ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import CHECKOUT

SERVE = """\
import os, sys
sys.path.insert(0, {scripts!r})
import demo
from pathlib import Path
sys.exit(demo._serve(Path({project!r}), dict(os.environ), {port}, check=False))
"""


@pytest.fixture
def free() -> Iterator[socket.socket]:
    """Keep a port for a server that may share it, which nobody else gets meanwhile."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_the_application_ends_with_its_terminal(
    tmp_path: Path, free: socket.socket, number: int
) -> None:
    """A terminal that is closed sends SIGHUP to the demo alone: the application has a session of its own."""
    port = free.getsockname()[1]
    (tmp_path / "health").write_text("well\n")
    server = f"exec '{sys.executable}' -m http.server --bind 127.0.0.1 $$PORT"
    (tmp_path / "Makefile").write_text(f"serve:\n\t{server}\n")
    code = SERVE.format(scripts=str(CHECKOUT / "scripts"), project=str(tmp_path), port=port)
    demo = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )  # fmt: skip
    assert demo.stdout is not None
    for line in demo.stdout:
        if b"Ctrl-C stops it." in line:
            break

    os.kill(demo.pid, number)

    assert demo.wait(timeout=300) == (0 if number == signal.SIGINT else 128 + number)
    demo.stdout.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the application goes on"
