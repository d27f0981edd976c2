"""Answers a question in the background."""

from typing import Any

from app.core.config import settings
from app.services.ai.jobs import run_job

LONGEST_SECONDS = settings.AI_ANSWER_SECONDS + 30
"""The answer has its own limit, and a moment to be saved."""


async def run_prompt(ctx: dict[str, Any], job_id: str) -> None:
    """Answer it."""
    await run_job(job_id)
