"""From a choice to a model that can be called. Loads the chosen provider's library, and no other."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from pydantic_ai import ModelSettings, RunContext
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
)
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.wrapper import WrapperModel

from app.core.config import Settings, settings
from app.core.logging import get_logger
from app.services.ai.errors import SetupError
from app.services.ai.providers import Choice

if TYPE_CHECKING:
    from pydantic_ai.providers import Provider

log = get_logger(__name__)

T = TypeVar("T")

PASSING = (
    ModelRateLimitError,
    ModelUnavailableError,
    ModelServerError,
    ModelConnectionError,
    ModelRequestTimeout,
)
"""Troubles that pass, so that a fallback is asked. A wrong key or an unknown model is shown instead."""

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 10.0
"""Whoever asks us to wait longer gets their error shown."""


class RetryingModel(WrapperModel):
    """Tries a request again that failed before it brought anything.

    This is the only place that does: the providers' own clients are told not to, or each of them
    would do it differently, and a request that timed out would be paid for three times.
    """

    def __init__(self, wrapped: Model, retries: int) -> None:
        super().__init__(wrapped)
        self.retries = retries

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Ask for a whole answer."""
        return await self._trying(
            lambda: super(RetryingModel, self).request(
                messages, model_settings, model_request_parameters
            )
        )

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Ask for a stream. Once it has begun, nothing is tried again."""
        async with AsyncExitStack() as stack:
            yield await self._trying(
                lambda: stack.enter_async_context(
                    super(RetryingModel, self).request_stream(
                        messages, model_settings, model_request_parameters, run_context
                    )
                )
            )

    async def _trying(self, ask: Callable[[], Awaitable[T]]) -> T:
        attempt = 0
        while True:
            try:
                return await ask()
            except ModelAPIError as error:
                delay = delay_before_retry(error, attempt)
                if delay is None or attempt >= self.retries:
                    raise
                attempt += 1
                log.info("ai_request_retried", error=type(error).__name__, after=delay)
                await anyio.sleep(delay)


def delay_before_retry(error: ModelAPIError, attempt: int) -> float | None:
    """How long to wait before a request is sent again; None: that would not help, or be paid twice."""
    if isinstance(error, ModelConnectionError):
        # Whoever has read the request may be answering it still.
        if error.phase == "read":
            return None
    elif not isinstance(error, ModelRateLimitError | ModelUnavailableError | ModelServerError):
        return None
    delay = FIRST_DELAY_SECONDS * 2**attempt
    if error.retry_after is not None:
        delay = max(error.retry_after, 0.0)
    return delay if delay <= LONGEST_DELAY_SECONDS else None


def build_chain(choices: Sequence[Choice], config: Settings = settings) -> Model:
    """The first choice, and the others for when it cannot answer."""
    *early, last = [build_model(choice, config) for choice in choices]
    # With somebody else to ask, waiting for the first one would only take time.
    models = [*early, RetryingModel(last, config.AI_RETRIES)]
    return FallbackModel(models[0], *models[1:], fallback_on=PASSING) if early else models[0]


def build_model(choice: Choice, config: Settings = settings) -> Model:
    """A choice as a model."""
    try:
        return _build(choice)
    except ImportError as error:
        name = choice.provider.name
        raise SetupError(
            f"The library for {choice.provider.title} is not installed. Add its extra "
            f"({'openai' if name in {'ollama', 'compatible'} else name}) to pydantic-ai-slim "
            "in pyproject.toml, then run: uv sync"
        ) from error


def _build(choice: Choice) -> Model:
    provider: Provider[Any]
    match choice.provider.name:
        case "demo":
            from app.services.ai.demo import demo_model

            return demo_model()
        case "openai":
            from pydantic_ai.models.openai import OpenAIResponsesModel
            from pydantic_ai.providers.openai import OpenAIProvider

            provider = OpenAIProvider(api_key=choice.key, base_url=choice.url)
            return OpenAIResponsesModel(choice.model, provider=provider)
        case "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel
            from pydantic_ai.providers.anthropic import AnthropicProvider

            provider = AnthropicProvider(api_key=choice.key, base_url=choice.url)
            return AnthropicModel(choice.model, provider=provider)
        case "google":
            from app.services.ai.google import build_google_model

            return build_google_model(choice.model, choice.key, choice.url)
        case "groq":
            from pydantic_ai.models.groq import GroqModel
            from pydantic_ai.providers.groq import GroqProvider

            provider = GroqProvider(api_key=choice.key, base_url=choice.url)
            return GroqModel(choice.model, provider=provider)
        case "ollama":
            from pydantic_ai.models.openai import OpenAIChatModel
            from pydantic_ai.providers.ollama import OllamaProvider

            return OpenAIChatModel(choice.model, provider=OllamaProvider(base_url=choice.url))
        case _:
            from pydantic_ai.models.openai import OpenAIChatModel
            from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

            provider = OpenAICompatibleProvider(
                "compatible", base_url=choice.url or "", api_key=choice.key
            )
            return OpenAIChatModel(choice.model, provider=provider)


def model_settings(config: Settings = settings) -> ModelSettings:
    """What the settings say about every request."""
    found = ModelSettings(
        max_tokens=config.AI_MAX_OUTPUT_TOKENS,
        timeout=config.AI_TIMEOUT_SECONDS,
        # See RetryingModel.
        max_retries=0,
    )
    if config.AI_TEMPERATURE is not None:
        found["temperature"] = config.AI_TEMPERATURE
    return found
