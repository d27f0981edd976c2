"""Redis for development: the server that `serve` starts, and doing without one."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from app.core import redis_server, redis_url
from app.core.config import Settings
from app.core.errors import ConfigurationError
from app.core.filelock import file_lock
from tests.cache.test_redis import nobody

needs_server = pytest.mark.skipif(redis_server.find_program() is None, reason="needs redis-server")


@pytest.fixture(autouse=True)
def development(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[..., Settings], tmp_path: Path
) -> str:
    """Development, and nobody answers at the URL of the settings."""
    url = nobody()
    found = settings(REDIS_URL=url, APP_ENV="development")
    for module in (redis_server, redis_url):
        monkeypatch.setattr(module, "settings", found)
    monkeypatch.setattr(redis_url, "DATA", tmp_path)
    return url


@needs_server
def test_a_server_is_started_found_by_all_and_ended(
    development: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with redis_server.redis_for_development():
        url = redis_url.redis_url()
        assert url.startswith("unix://")
        with Redis.from_url(url) as client:
            assert client.ping()
    assert redis_url.redis_url() == development
    [line] = capfd.readouterr().err.splitlines()
    assert "one of its own" in line
    assert "hunter2" not in line
    assert not redis_server.answers(url)


@needs_server
def test_a_second_serve_uses_the_server_of_the_first() -> None:
    with redis_server.redis_for_development():
        url = redis_url.redis_url()
        with redis_server.redis_for_development():
            assert redis_url.redis_url() == url
        assert redis_server.answers(url)


@needs_server
def test_a_second_serve_does_not_start_another_at_the_same_time() -> None:
    with (
        file_lock(redis_url.server_folder() / "lock"),
        pytest.raises(ConfigurationError, match="try again"),
        redis_server.redis_for_development(),
    ):
        pass


@needs_server
def test_no_server_outlives_whoever_has_started_it() -> None:
    code = """
import sys
from pathlib import Path
from app.core.redis_server import ServerProcess, find_program
path = Path(sys.argv[1])
server = ServerProcess(find_program(), path, path.parent)
server.wait_until_ready()
print("ready", flush=True)
sys.stdin.read()
"""
    with tempfile.TemporaryDirectory() as place:
        path = f"{place}/redis.sock"
        command = [sys.executable, "-c", code, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
            assert starter.stdout is not None
            assert starter.stdout.readline() == b"ready\n"
            with Redis(unix_socket_path=path, socket_timeout=90) as client:
                client.ping()
                starter.send_signal(signal.SIGKILL)
                # It waits for what never comes, until the server ends.
                with pytest.raises(NoConnectionError):
                    client.blpop(["nothing"], 60)


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho no room\nexit 1\n")
    program.chmod(0o755)
    with (
        pytest.raises(ConfigurationError, match="no room"),
        redis_server.running_server(str(program)),
    ):
        pass


def test_without_a_server_it_is_embedded(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(redis_server, "find_program", lambda: None)
    with redis_server.redis_for_development():
        assert redis_url.is_in_process()
        assert os.environ["REDIS_URL"] == "memory://"
    assert "embedded" in capfd.readouterr().err


@pytest.mark.parametrize(
    "values",
    [{"APP_ENV": "production"}, {"APP_ENV": "development", "REDIS_URL": "redis://cache:6379/0"}],
    ids=["production", "elsewhere"],
)
def test_where_another_one_is_meant_none_is_started(
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[..., Settings],
    development: str,
    values: dict[str, str],
) -> None:
    found = settings(**{"REDIS_URL": development} | values)
    for module in (redis_server, redis_url):
        monkeypatch.setattr(module, "settings", found)
    monkeypatch.setattr(redis_server, "find_program", lambda: pytest.fail("it looked for one"))
    with redis_server.redis_for_development():
        pass


def test_a_note_that_was_left_behind_does_no_harm(development: str, tmp_path: Path) -> None:
    redis_url.server_folder().mkdir()
    redis_url.url_file().write_text(f"unix://{tmp_path}/gone.sock?db=0")
    assert redis_url.redis_url() == development
