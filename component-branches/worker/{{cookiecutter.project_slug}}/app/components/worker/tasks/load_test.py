"""The jobs of a load test."""

from typing import Any

from app.services.load_test import LoadJob, LoadTest, run_job, spread


async def spread_load(ctx: dict[str, Any], test: dict[str, Any]) -> None:
    """Enqueue the jobs of a test."""
    await spread(LoadTest.model_validate(test))


async def run_load_job(ctx: dict[str, Any], job: dict[str, Any]) -> None:
    """Do one of them."""
    await run_job(LoadJob.model_validate(job))
