"""A real PostgreSQL server that a test can kill and bring back."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.application import free_port

START_SECONDS = 180.0


def programs() -> Path | None:
    """Return the folder of the newest server on this machine, or None."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in installed), key=_version, default=None)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


class PostgresServer:
    """A server on a port of its own, with its data in a folder of its own."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.port = free_port()
        self._binaries = binaries
        self._folder = folder
        self._data = folder / "data"
        self._options = _as_unprivileged_user(folder)
        self._process: subprocess.Popen[bytes] | None = None
        how = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--username=app"]
        self._run("initdb", *how, f"--pgdata={self._data}")

    @property
    def url(self) -> str:
        """The address of its database `postgres`."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://app:not-asked-for@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
        }
        values = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *values],
                stdout=log, stderr=log, start_new_session=True, **self._options,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            alive = self._process.poll() is None and time.monotonic() < deadline
            assert alive, (self._folder / "log").read_text()
            time.sleep(0.05)

    def answers(self) -> bool:
        """Return whether it takes connections."""
        program = str(self._binaries / "pg_isready")
        command = [program, "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def create(self, database: str) -> str:
        """Make a database and return its address."""
        self.execute(f'CREATE DATABASE "{database}"')
        return self.url_of(database)

    def execute(self, statement: str, database: str = "postgres") -> str:
        """Run a statement and return what it answers, without headings."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        return self._run(*command, f"--dbname={self.url_of(database)}", "-c", statement).strip()

    def stop(self) -> None:
        """Stop it in order; transactions are rolled back."""
        self._signal(signal.SIGINT)
        self._wait()

    def kill(self) -> None:
        """Let it die as when the machine does: every process of it, at once."""
        process = self._process
        assert process is not None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        self._signal(signal.SIGKILL)
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._wait()
        # What a machine that dies forgets: who the server was.
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang as long as the block runs: connections stay open, and nobody answers."""
        process = self._process
        assert process is not None
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        everybody = [process.pid, *map(int, listed)]
        _signal_all(everybody, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal_all(everybody, signal.SIGCONT)

    def end(self) -> None:
        """Stop it at once, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGQUIT)
            self._wait()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(timeout=START_SECONDS)

    def _run(self, program: str, *arguments: str) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [self._binaries / program, *arguments],
            capture_output=True, text=True, check=False, **self._options,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def _signal_all(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def _as_unprivileged_user(folder: Path) -> dict[str, Any]:
    """Return how to start programs: the server refuses to run as root."""
    options: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        user = next(u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody"))
        os.chown(folder, user.pw_uid, user.pw_gid)
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server as long as the block does.

    Yields:
        The server, which answers.
    """
    binaries = programs()
    if binaries is None:
        # Where all is checked it has to be there.
        assert "CI" not in os.environ, "PostgreSQL's server is not installed"
        pytest.skip("PostgreSQL's server is not installed")
    # In a folder that the server's user can reach: the test's own folder is closed to others.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        server = PostgresServer(binaries, Path(name))
        server.start()
        try:
            yield server
        finally:
            server.end()
