"""What a request is answered while Redis is gone: 503, for it may well work in a moment."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import TimeoutError as NoAnswerError

from app.core.logging import get_logger

log = get_logger(__name__)


async def handle_no_redis(request: Request, error: Exception) -> JSONResponse:
    """Redis does not answer."""
    from app.components.backend.errors import problem

    log.error("redis_is_gone", path=request.url.path, reason=type(error).__name__)
    return problem(503, "Redis does not answer.", instance=request.url.path)


def add_redis_handlers(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(NoConnectionError, handle_no_redis)
    app.add_exception_handler(NoAnswerError, handle_no_redis)
