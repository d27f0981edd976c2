"""`/metrics`, on a port of its own: what strangers can reach does not lead there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, start_http_server

from app.core.config import Settings
from app.core.errors import ConfigurationError
from app.core.logging import get_logger
from app.core.this_process import this_folder, this_number, this_process
from app.services.observability.health import HealthCollector
from app.services.observability.metrics import registry

log = get_logger(__name__)


@asynccontextmanager
async def serving_metrics(config: Settings, port: int) -> AsyncGenerator[None]:
    """Answer Prometheus as long as this process runs; commands and tests have nothing to tell.

    Of several web processes the first one answers for all.

    Raises:
        ConfigurationError: The port is the application's own.
    """
    name, folder, loop = this_process(), this_folder(), asyncio.get_running_loop()
    if name is None:
        yield
        return
    if port == config.PORT:
        raise ConfigurationError([f"METRICS_PORT: {port} is the port of the application (PORT)"])
    if folder is None:
        health = HealthCollector(loop)
        if name == "web":
            registry.register(health)
        try:
            async with answering(config.METRICS_HOST, port, registry):
                yield
        finally:
            if name == "web":
                registry.unregister(health)
        return
    from app.services.observability.together import registry_of_all, told_at

    async with told_at(folder):
        if this_number() == 1:
            async with answering(config.METRICS_HOST, port, registry_of_all(folder, loop)):
                yield
        else:
            yield


@asynccontextmanager
async def answering(host: str, port: int, told: CollectorRegistry) -> AsyncGenerator[None]:
    """Listen at the port, if it can be had."""
    try:
        server, thread = start_http_server(port, host, told)
    except OSError as error:
        # Nobody is to go without the application for that.
        log.error("metrics_not_served", host=host, port=port, reason=str(error))
        yield
        return
    log.info("metrics_served", host=host, port=port)
    try:
        yield
    finally:
        # In a thread: an answer that is under way may wait for the event loop.
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()
