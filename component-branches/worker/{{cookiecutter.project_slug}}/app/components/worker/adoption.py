"""Takes in what plain arq has enqueued: `create_pool(RedisSettings())` puts jobs where nobody looks."""

from arq.connections import ArqRedis
from arq.constants import default_queue_name, health_check_key_suffix

from app.core.logging import get_logger
from app.core.queues import Queue, queues

log = get_logger(__name__)


async def adopt(redis: ArqRedis, queue: Queue) -> int:
    """Move the jobs of arq's own default queue to our first one; return how many there were.

    Not when a worker of somebody else works there: it has a sign of life, which arq writes.
    """
    if queue != queues()[0]:
        return 0
    count = await redis.zcard(default_queue_name)
    if not count or await redis.exists(default_queue_name + health_check_key_suffix):
        return 0
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.zunionstore(queue.key, [queue.key, default_queue_name], aggregate="MIN")
        pipeline.delete(default_queue_name)
        await pipeline.execute()
    how = 'pool, _ = await get_queue_pool("' + queue.name + '")'
    log.warning("jobs_of_plain_arq_adopted", queue=queue.name, count=count, enqueue_with=how)
    return count
