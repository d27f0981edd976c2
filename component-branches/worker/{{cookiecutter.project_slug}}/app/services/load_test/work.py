"""What the jobs of a load test do."""

import asyncio
import hashlib
import time

from app.services.load_test.models import LoadJob, LoadKind


class LoadFailure(Exception):
    """What a failing job fails with."""


async def do(job: LoadJob) -> None:
    """Do it."""
    seconds = job.duration_ms / 1000
    if job.kind is LoadKind.CPU:
        await asyncio.to_thread(compute, seconds)
    elif job.kind is LoadKind.MEMORY:
        held = bytearray(job.memory_mb * 2**20)
        await asyncio.sleep(seconds)
        del held
    else:
        await asyncio.sleep(seconds)
    if job.kind is LoadKind.FAILING:
        raise LoadFailure("This job was asked to fail.")


def compute(seconds: float) -> None:
    """Keep a CPU busy."""
    block = b"load" * 16_384
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        hashlib.sha256(block).digest()
