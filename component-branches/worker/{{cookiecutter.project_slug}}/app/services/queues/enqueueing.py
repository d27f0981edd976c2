"""Enqueueing so that whoever does it knows what came of it."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from arq.connections import ArqRedis
from arq.constants import job_key_prefix, result_key_prefix
from arq.jobs import Job
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import WatchError

TRIES = 3


class QueueRedis(ArqRedis):
    """arq's connections, where None means that there is a job of that id, and nothing else.

    A connection that breaks while it watches a key counts as a change of that key. arq takes that for a job
    of the same id that was quicker, although there may be none.
    """

    async def enqueue_job(
        self, function: str, *args: Any, _job_id: str | None = None, **options: Any
    ) -> Job | None:
        """Enqueue a job, as arq does; None when there is one of that id.

        Raises:
            NoConnectionError: It is not known whether it is enqueued.
        """
        job_id = _job_id or uuid4().hex
        for _ in range(TRIES):
            with suppress(WatchError):
                job = await super().enqueue_job(function, *args, _job_id=job_id, **options)
                if job is not None:
                    return job
                if await self.exists(job_key_prefix + job_id, result_key_prefix + job_id):
                    # Nobody else can have made up the id: Redis heard of it before the connection broke.
                    return None if _job_id else self._job(job_id, options.get("_queue_name"))
        raise NoConnectionError("The connection broke again and again while a job was enqueued")

    def _job(self, job_id: str, queue: str | None) -> Job:
        return Job(
            job_id,
            redis=self,
            _queue_name=queue or self.default_queue_name,
            _deserializer=self.job_deserializer,
        )
