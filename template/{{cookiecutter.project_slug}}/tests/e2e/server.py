"""The web process of this project, as the browser tests run it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import IO, Any

START_SECONDS = 300
STOP_SECONDS = 120
PORTS = range(20_000, 32_000)
"""Below those that systems give to connections by themselves."""


def free_port() -> int:
    """A port that nobody listens on, and that no connection takes before somebody does."""
    while True:
        port = random.choice(PORTS)  # noqa: S311
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Server:
    """The web process of this project, on a port of its own."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "APP_ENV": "test",
            # Faster samples than usual, so that the charts are soon full.
            "METRICS_INTERVAL_SECONDS": "0.1",
            # What is open when it stops is closed; nobody waits until this is over.
            "WEB_STOP_SECONDS": "600",
        } | environment
        self.command = [sys.executable, "-m", "app.entrypoints.webserver"]
        self.process: subprocess.Popen[bytes] | None = None
        self.stderr: IO[str] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        environment = os.environ | self.environment | {"PORT": str(self.port), "HOST": "127.0.0.1"}
        self.process = subprocess.Popen(self.command, env=environment, stderr=self.stderr)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.stop()
                raise RuntimeError("The server did not start.")
            time.sleep(0.1)

    def enter(self, tab: Any) -> bool:
        """Get a tab in where the dashboard asks who somebody is; whether it did."""
        return False

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return self.get("/health") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        """Ask for a path; the status of the answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=60) as response:  # noqa: S310
                return response.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def tell(self, how: signal.Signals) -> None:
        """Send it a signal."""
        if self.process is not None:
            self.process.send_signal(how)

    def wait(self, seconds: float) -> int | None:
        """Wait until it has ended, and return how; end it if it does not."""
        if self.process is None:
            return None
        try:
            return self.process.wait(seconds)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop as Ctrl-C does."""
        self.tell(how)
        self.wait(STOP_SECONDS)
