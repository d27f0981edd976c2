"""What a request is answered while Redis is gone: 503, for it may well work in a moment."""

from fastapi import FastAPI, Request
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import TimeoutError as NoAnswerError

from app.components.backend.errors import ProblemResponse, problem
from app.core.logging import get_logger

log = get_logger(__name__)

RETRY_SECONDS = 5


async def handle_no_redis(request: Request, error: Exception) -> ProblemResponse:
    """Redis does not answer."""
    log.error("redis_is_gone", path=request.url.path, reason=type(error).__name__)
    return problem(
        503,
        "Redis does not answer. Try again in a moment.",
        instance=request.url.path,
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def add_redis_handlers(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(NoConnectionError, handle_no_redis)
    app.add_exception_handler(NoAnswerError, handle_no_redis)
