"""Where jobs are handed over: `pool, queue_name = await get_queue_pool("system")`."""

from app.services.queues import get_queue_pool

__all__ = ["get_queue_pool"]
