"""The web process: API and dashboard."""

import asyncio
import gc
import logging
import re
import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from types import FrameType

import uvicorn

from app.core import errors
from app.core.config import FORWARDED_PREFIX, settings
from app.core.constants import DASHBOARD_PATH, DOCS_PATH, PROJECT_SLUG
from app.core.logging import configure_logging, get_logger
from app.core.stopping import stopping
from app.core.this_process import this_number
from app.entrypoints.http import BoundedProtocol
from app.entrypoints.port import bind_port, refuse_taken_port


class Server(uvicorn.Server):
    """Says where it serves, once it does, and tells everybody before it stops."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and announce it."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        # What has been loaded stays: it is not looked through for garbage later either.
        gc.freeze()
        gc.enable()
        if self.started:
            announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Say that it stops, and go on for `WEB_DRAIN_SECONDS`: new requests still come meanwhile.

        uvicorn itself stops listening at once, and load balancers would see refused connections.
        """
        stop = partial(super().handle_exit, sig, frame)
        if self._loop is None or stopping.begun:
            stop()
            return
        # Whoever presses Ctrl-C does not want to wait.
        delay = settings.WEB_DRAIN_SECONDS if sig == signal.SIGTERM else 0
        self._loop.call_soon_threadsafe(stopping.begin)
        self._loop.call_soon_threadsafe(self._loop.call_later, delay, stop)


class Refusal(logging.Filter):
    """Keeps the reason why a resource cannot be opened, without the traceback that uvicorn makes of it."""

    LAST_WORDS = re.compile(
        rf"^{re.escape(errors.__name__)}\.(\w+): (.*)", re.DOTALL | re.MULTILINE
    )

    def __init__(self) -> None:
        super().__init__()
        self.reason = ""
        self.exit_code = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything else through."""
        if found := self.LAST_WORDS.search(record.getMessage()):
            self.reason = found[2].strip()
            # 2 keeps the supervisor from trying again: a bad setting stays bad, a server may come back.
            self.exit_code = 2 if found[1] == errors.ConfigurationError.__name__ else 1
        return not self.reason


def announce() -> None:
    """One line that says where."""
    number = this_number()
    if settings.log_format == "json":
        own = {} if number is None else {"number": number}
        get_logger(__name__).info("serving", host=settings.HOST, port=settings.PORT, **own)
        return
    if number not in {None, 1}:
        return
    host = "localhost" if settings.HOST in {"127.0.0.1", "0.0.0.0", "::"} else settings.HOST  # noqa: S104
    url = f"http://{host}:{settings.PORT}"
    line = f"{PROJECT_SLUG} serves {url}"
    if settings.docs_enabled:
        line += f"  docs {url}{DOCS_PATH}"
    if settings.DASHBOARD_ENABLED:
        line += f"  dashboard {url}{DASHBOARD_PATH}"
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def main(*options: str) -> None:
    """Serve until told to stop; `--reload` restarts when the code changes."""
    # Before the application is imported: that may warn of something.
    configure_logging(settings)
    is_one_of_several = this_number() is not None
    if not is_one_of_several:
        refuse_taken_port()
    reload = "--reload" in options
    config = uvicorn.Config(
        "app.components.backend.main:create_app",
        factory=True,
        host=settings.HOST,
        port=settings.PORT,
        reload=reload,
        reload_dirs=["app"] if reload else None,
        http=BoundedProtocol,
        timeout_keep_alive=settings.WEB_KEEP_ALIVE_SECONDS,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        # Where the proxy names our path as well, the application asks all of it itself.
        proxy_headers=settings.ROOT_PATH != FORWARDED_PREFIX,
        # Several are started by `web_processes.py`.
        workers=1,
        # The application logs requests itself, with their ids.
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=settings.WEB_STOP_SECONDS,
    )
    server = Server(config)
    # Once it has stopped, uvicorn passes SIGTERM on, which would look like a failure: 143.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    refusal = Refusal()
    logging.getLogger("uvicorn.error").addFilter(refusal)
    if reload:
        from uvicorn.supervisors import ChangeReload

        ChangeReload(config, target=server.run, sockets=[config.bind_socket()]).run()
    else:
        # uvicorn passes Ctrl-C on once it has stopped; nobody needs to see a traceback of it.
        with suppress(KeyboardInterrupt, SystemExit):
            # To look for garbage again and again while modules are loaded is a sixth of a start.
            gc.disable()
            server.run([bind_port(shared=True)] if is_one_of_several else None)
    if refusal.reason:
        print(refusal.reason, file=sys.stderr)  # noqa: T201
        sys.exit(refusal.exit_code)
    if not server.started and not reload:
        sys.exit(1)


if __name__ == "__main__":
    main()
