"""What providers raise, in words for people."""

from collections.abc import Sequence

from pydantic_ai import exceptions as found

from app.core.errors import AppError
from app.services.ai import errors
from app.services.ai.providers import Choice


def explained(error: BaseException, choices: Sequence[Choice]) -> AppError:
    """The error to show. What the provider wrote is not in it: it may repeat part of the key."""
    if isinstance(error, BaseExceptionGroup):
        # Every fallback was asked: the first one says what is wrong with the usual way.
        return explained(error.exceptions[0], choices)
    if isinstance(error, AppError):
        return error
    choice = whose(error, choices)
    name = choice.provider.title
    retry_after = getattr(error, "retry_after", None)
    match error:
        case found.ModelAuthenticationError():
            key = choice.provider.key or "the key"
            return errors.SetupError(f"{name} does not accept {key}. Check that it is complete.")
        case found.ModelNotFoundError():
            text = f"{name} does not know the model {choice.model!r}, or the address is wrong."
            if (hint := getattr(error, "suggested_model_id", None)) is not None:
                text += f" Did you mean {hint!r}?"
            return errors.SetupError(f"{text} Check AI_MODEL.")
        case found.ModelQuotaExceededError():
            return errors.SetupError(
                f"The account at {name} has no credit left, or its quota is used up."
            )
        case found.ModelRateLimitError():
            wait = f"{retry_after:.0f} s" if retry_after else "a moment"
            return errors.RateLimitError(
                f"{name} asks us to slow down. Try again in {wait}.", retry_after=retry_after
            )
        case found.ModelUnavailableError() | found.ModelServerError():
            return errors.OverloadedError(
                f"{name} cannot answer at present. Try again in a moment.", retry_after=retry_after
            )
        case found.ModelTimeoutError() | found.ModelRequestTimeout() | found.RunTimedOut():
            return errors.TimedOutError(f"{name} did not answer in time.")
        case found.ModelConnectionError(phase="connect"):
            return errors.ConnectionLostError(f"{name} cannot be reached.")
        case found.ModelConnectionError():
            return errors.ConnectionLostError(f"The connection to {name} broke off.")
        case found.ModelContextWindowExceededError():
            return errors.TooLongError(f"That is more than {choice.model} can read at once.")
        case found.ContentFilterError():
            return errors.RefusedError(f"{name} refuses to answer that.")
        case found.UsageLimitExceeded():
            return errors.AIError("The answer took more steps than AI_MAX_STEPS allows.")
        case found.ModelRequestRejectedError():
            return errors.AIError(f"{name} does not accept the request.")
    # Whatever servers and proxies send that no library expects ends in TypeError and the like.
    return errors.AIError(f"{name} answered something that cannot be understood.")


def whose(error: BaseException, choices: Sequence[Choice]) -> Choice:
    """The choice that an error comes from."""
    model = getattr(error, "model_name", None)
    return next((choice for choice in choices if choice.model == model), choices[0])
