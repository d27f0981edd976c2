"""Where Redis is: at `REDIS_URL`, unless development has found something else.

`make serve` without a Redis starts one for this project (`redis_server.py`). It leaves a note where that
is, so that every process, and every command in another terminal, finds it.
"""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from app.core.config import settings
from app.core.constants import DATA

EMBEDDED_URL = "memory://"


def redis_url() -> str:
    """Where Redis is, for this process."""
    if EMBEDDED_URL in (os.environ.get("REDIS_URL"), settings.REDIS_URL):
        return EMBEDDED_URL
    return own_server_url() or settings.REDIS_URL


def names_another_host() -> bool:
    """Whether `REDIS_URL` names another machine or container: somebody means that one, and nothing may replace it."""
    return urlsplit(settings.REDIS_URL).hostname not in {None, "localhost", "127.0.0.1", "::1"}


def is_in_process() -> bool:
    """Whether each process has a Redis of its own."""
    return redis_url() == EMBEDDED_URL


def embed() -> None:
    """From now on this process, and those that it starts, have a Redis of their own."""
    os.environ["REDIS_URL"] = EMBEDDED_URL


def server_folder() -> Path:
    """Where the files of the project's own server are."""
    return DATA / "redis"


def url_file() -> Path:
    """The note that says where the project's own server is."""
    return server_folder() / "url"


def own_server_url() -> str | None:
    """Where the server is that `serve` has started; None when there is none."""
    if settings.APP_ENV != "development":
        return None
    try:
        url = url_file().read_text(encoding="utf-8").strip()
    except OSError:
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(urlsplit(url).path)
        except OSError:
            return None  # It is gone, and could not take its note along.
    return url
