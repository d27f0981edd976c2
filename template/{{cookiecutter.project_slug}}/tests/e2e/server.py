"""The web process of this project, as the browser tests run it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

START_SECONDS = 30


class Server:
    """The web process of this project, on a port of its own."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # Faster samples than usual, so that the charts are soon full.
        self.environment = {"APP_ENV": "test", "METRICS_INTERVAL_SECONDS": "0.1"} | environment
        self.command = [sys.executable, "-m", "app.entrypoints.webserver"]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        environment = os.environ | self.environment | {"PORT": str(self.port), "HOST": "127.0.0.1"}
        self.process = subprocess.Popen(self.command, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("The server did not start.")
            time.sleep(0.1)

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return self.get("/health") == 200
        except OSError:
            return False

    def get(self, path: str) -> int:
        """Ask for a path; the status of the answer."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as response:  # noqa: S310
                return response.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def stop(self, how: signal.Signals = signal.SIGINT) -> float:
        """Stop as Ctrl-C does; how many seconds it took."""
        if self.process is None:
            return 0.0
        started = time.monotonic()
        self.process.send_signal(how)
        try:
            self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()
            self.process = None
        return time.monotonic() - started
