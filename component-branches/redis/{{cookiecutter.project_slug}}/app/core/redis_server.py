"""A Redis for development: `serve` starts one for this project when nobody answers at `REDIS_URL`.

It ends with `serve`, however that ends, and what it holds ends with it.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError

from app.core.config import settings
from app.core.errors import ConfigurationError
from app.core.filelock import file_lock
from app.core.redaction import redact
from app.core.redis_url import (
    EMBEDDED_URL,
    embed,
    names_another_host,
    redis_url,
    server_folder,
    url_file,
)

START_SECONDS = 20.0
STOP_SECONDS = 5.0

# It holds the server's life: when nobody holds the other end of its input, the server ends.
GUARD = """
exec 3<&0
"$@" 3<&- &
server=$!
{ cat <&3; kill $server; } >/dev/null 2>&1 &
wait $server
"""


@contextmanager
def redis_for_development() -> Generator[None]:
    """See to it that all processes find the same Redis, during development."""
    # Otherwise the processes themselves refuse to start without the one that they were given.
    if settings.APP_ENV != "development" or names_another_host():
        yield
        return
    url = redis_url()
    if url == EMBEDDED_URL:
        say("REDIS_URL is memory://, so Redis is embedded in the web process.")
        yield
        return
    if answers(url):
        yield
        return
    missing = f"No Redis answers at {redact(url)}"
    program = find_program()
    if program is None:
        embed()
        say(f"{missing}, and redis-server is not installed: it is embedded in the web process.")
        yield
        return
    with file_lock(server_folder() / "lock") as is_ours:
        if not is_ours:
            problem = "another `serve` of this project is starting one; try again in a moment"
            raise ConfigurationError([f"REDIS_URL: {missing}, and {problem}"])
        with running_server(program):
            say(f"{missing}, so this project has one of its own until you stop it.")
            yield


def find_program() -> str | None:
    """The server's program on this machine."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def answers(url: str) -> bool:
    """Whether a Redis is there, even one that is busy or wants a password."""
    client = Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        client.ping()
    except (AuthenticationError, BusyLoadingError):
        return True
    except (RedisError, OSError):
        return False
    finally:
        client.close()
    return True


@contextmanager
def running_server(program: str) -> Generator[str]:
    """Run a server that nobody else can reach, and leave a note where it is.

    Raises:
        ConfigurationError: It does not start.
    """
    server_folder().mkdir(parents=True, exist_ok=True)
    # Not there: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True) as place:
        path = Path(place) / "redis.sock"
        server = ServerProcess(program, path, server_folder())
        try:
            server.wait_until_ready()
            url = f"unix://{path}?db=0"
            note = url_file()
            note.write_text(url, encoding="utf-8")
            try:
                yield url
            finally:
                note.unlink(missing_ok=True)
        finally:
            server.stop()


class ServerProcess:
    """A server on a socket, which keeps nothing."""

    def __init__(self, program: str, path: Path, folder: Path) -> None:
        options = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
        options += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.process = subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", GUARD, "redis", program, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C must not reach it: the processes end first.
            start_new_session=True,
        )
        self._said: deque[str] = deque(maxlen=10)
        self._is_ready = False
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Wait until it says so."""
        self._told.wait(START_SECONDS)
        if not self._is_ready:
            reason = "; ".join(self._said) or "it said nothing"
            raise ConfigurationError([f"REDIS_URL: redis-server does not start: {reason}"])

    def stop(self) -> None:
        """Let it end, and see that it does."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(STOP_SECONDS)

    def _read(self) -> None:
        if self.process.stdout is None:
            return
        with self.process.stdout as lines:
            for line in lines:
                self._said.append(line.strip())
                if "ready to accept connections" in line.lower():
                    self._is_ready = True
                    self._told.set()
        self._told.set()


def say(text: str) -> None:
    """A line to whoever has started this."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
