"""What can go wrong with a provider, in words. Nothing here repeats what the provider wrote:
that may hold part of the key, or of somebody's text."""

import math

from app.core.errors import AppError


class AIError(AppError):
    """Something went wrong between this application and a provider."""

    status = 502
    title = "The AI provider failed"

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
        super().__init__(detail, headers=headers)
        self.retry_after = retry_after


class SetupError(AIError):
    """A key, a model or an address is missing or wrong: trying again does not help."""

    status = 503
    title = "The AI provider is not set up"


class RateLimitError(AIError):
    """The provider asks to wait."""

    status = 503
    title = "The AI provider is busy"


class OverloadedError(AIError):
    """The provider cannot serve at present."""

    status = 503
    title = "The AI provider is overloaded"


class TimedOutError(AIError):
    """The provider took too long."""

    status = 504
    title = "The AI provider took too long"


class ConnectionLostError(AIError):
    """The provider cannot be reached, or the connection broke."""

    status = 502
    title = "The AI provider cannot be reached"


class RefusedError(AIError):
    """The provider does not want to answer this."""

    status = 422
    title = "The AI provider refuses to answer"


class TooLongError(AIError):
    """The conversation or the message does not fit."""

    status = 413
    title = "Too long"


class BudgetError(AIError):
    """Today's budget is used up."""

    status = 429
    title = "The AI budget is used up"


class BusyError(AIError):
    """Too many answers are under way."""

    status = 503
    title = "Too many answers at once"
