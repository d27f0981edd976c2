"""The assistant's health check. It calls nobody: that would cost money every second."""

import time

from app.core.config import settings
from app.services.ai import outcomes
from app.services.ai.errors import SetupError
from app.services.ai.providers import chosen, is_demo, next_step
from app.services.system.models import CheckResult

REMEMBERED_SECONDS = 600
"""So long a failure counts, unless an answer succeeds."""


async def check_ai() -> CheckResult:
    """Who answers, and whether the latest answer came."""
    try:
        first, *others = chosen()
    except SetupError as error:
        return CheckResult.degraded(str(error), provider=settings.AI_PROVIDER)
    latest = outcomes.latest
    details = {
        "provider": first.provider.title,
        "model": first.model,
        "answers": latest.answers,
        "failed": latest.failed,
    }
    if others:
        details["fallbacks"] = ", ".join(choice.name for choice in others)
    if latest.problem and time.time() - latest.failed_at < REMEMBERED_SECONDS:
        return CheckResult.degraded(latest.problem, **details)
    if is_demo():
        return CheckResult.healthy(f"The demo answers. {next_step()}", **details)
    return CheckResult.healthy(f"{first.provider.title} answers", **details)
