"""`/metrics`, on a port of its own: what strangers can reach does not lead there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prometheus_client import start_http_server

from app.core.config import Settings
from app.core.errors import ConfigurationError
from app.core.logging import get_logger
from app.core.this_process import this_process
from app.services.observability.health import HealthCollector
from app.services.observability.metrics import registry

log = get_logger(__name__)


@asynccontextmanager
async def serving_metrics(config: Settings, port: int) -> AsyncGenerator[None]:
    """Answer Prometheus as long as this process runs; commands and tests have nothing to tell.

    Raises:
        ConfigurationError: The port is the application's own.
    """
    name = this_process()
    if name is None:
        yield
        return
    if port == config.PORT:
        raise ConfigurationError([f"METRICS_PORT: {port} is the port of the application (PORT)"])
    try:
        server, thread = start_http_server(port, config.METRICS_HOST, registry)
    except OSError as error:
        # Nobody is to go without the application for that.
        log.error("metrics_not_served", host=config.METRICS_HOST, port=port, reason=str(error))
        yield
        return
    log.info("metrics_served", host=config.METRICS_HOST, port=port)
    health = HealthCollector(asyncio.get_running_loop())
    if name == "web":
        registry.register(health)
    try:
        yield
    finally:
        if name == "web":
            registry.unregister(health)
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()
