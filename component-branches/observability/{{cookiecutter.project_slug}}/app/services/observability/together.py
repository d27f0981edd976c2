"""Metrics of several web processes (`WEB_WORKERS`), which the first one tells for all.

Each answers at a socket in a folder of theirs. Their series stay apart, by the label `process`: one
that is replaced begins anew, as Prometheus expects of a process, and a sum of all could not.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingMixIn, UnixStreamServer
from threading import Thread

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from app.core.logging import get_logger
from app.core.this_process import this_name
from app.services.observability.health import (
    MAX_AGE_SECONDS,
    WAIT_SECONDS,
    LoopCollector,
    ask,
    families,
)
from app.services.observability.metrics import registry
from app.services.system import get_system_status

log = get_logger(__name__)

SUFFIX = ".metrics"
AT_ONCE = 16
HANGS = "# TYPE event_loop_answers gauge\nevent_loop_answers 0\n"


class Answer(StreamRequestHandler):
    """Tells whoever connects, and ends."""

    def handle(self) -> None:
        """Called in a thread of its own."""
        self.wfile.write(generate_latest(registry))


class Teller(ThreadingMixIn, UnixStreamServer):
    """Tells of this process alone."""

    daemon_threads = True


@asynccontextmanager
async def told_at(folder: Path) -> AsyncGenerator[None]:
    """Tell of this process as long as the block runs."""
    file = folder / f"{this_name()}{SUFFIX}"
    # One that was killed leaves it behind.
    file.unlink(missing_ok=True)
    try:
        server = Teller(str(file), Answer)
    except OSError as error:
        # A folder for temporary files with a long name, for instance: that of a socket has 100 bytes or so.
        log.error("metrics_not_told", file=str(file), reason=str(error))
        yield
        return
    turns = LoopCollector(asyncio.get_running_loop())
    registry.register(turns)
    with server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            await asyncio.to_thread(server.shutdown)
            thread.join()
            registry.unregister(turns)
            file.unlink(missing_ok=True)


class Together(Collector):
    """Asks all of them, and the event loop of this process for the health."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.folder = folder
        self.loop = loop

    def collect(self) -> Iterator[Metric]:
        """Called in a thread of the endpoint's, each time that somebody asks."""
        files = sorted(self.folder.glob(f"*{SUFFIX}"))
        with ThreadPoolExecutor(AT_ONCE) as threads:
            texts = list(threads.map(listen, files))
        found: dict[str, Metric] = {}
        for file, text in zip(files, texts, strict=True):
            for family in text_string_to_metric_families(text):
                known = found.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    labels = sample.labels | {"process": file.stem}
                    known.samples.append(sample._replace(labels=labels))
        yield from found.values()
        status = ask(self.loop, get_system_status(MAX_AGE_SECONDS))
        if status is not None:
            yield from families(status)


def listen(file: Path) -> str:
    """What one process tells; nothing when it is about to be replaced."""
    with socket.socket(socket.AF_UNIX) as connection:
        # It asks its event loop first.
        connection.settimeout(WAIT_SECONDS + 1.0)
        try:
            connection.connect(str(file))
            with connection.makefile("rb") as answer:
                return answer.read().decode()
        except TimeoutError:
            return HANGS
        except OSError:
            return ""


def registry_of_all(folder: Path, loop: asyncio.AbstractEventLoop) -> CollectorRegistry:
    """What is told of all web processes."""
    found = CollectorRegistry()
    found.register(Together(folder, loop))
    return found
