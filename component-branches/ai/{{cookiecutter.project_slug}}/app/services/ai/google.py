"""Gemini. Its library leaves the connection open when an answer is stopped: this hangs up."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import httpx2
from pydantic_ai import ModelSettings, RunContext
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import (
    ModelRequestParameters,
    StreamedResponse,
    create_async_httpx2_client,
)
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.providers.google import GoogleProvider

_opened: ContextVar[AsyncExitStack | None] = ContextVar("opened", default=None)


class HangingUpModel(WrapperModel):
    """Closes each response with its stream, and the client at the end."""

    def __init__(self, wrapped: GoogleModel, client: httpx2.AsyncClient) -> None:
        super().__init__(wrapped)
        self._client = client

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Ask for a stream."""
        async with AsyncExitStack() as opened:
            _opened.set(opened)
            yield await opened.enter_async_context(
                super().request_stream(
                    messages, model_settings, model_request_parameters, run_context
                )
            )

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        """Close the client."""
        await self._client.aclose()
        return await super().__aexit__(exc_type, exc_val, exc_tb)


async def remember(response: httpx2.Response) -> None:
    """Close a response with the stream that it belongs to."""
    opened = _opened.get()
    if opened is not None:
        opened.push_async_callback(response.aclose)


def build_google_model(name: str, key: str | None, url: str | None) -> HangingUpModel:
    """A model of Gemini."""
    client = create_async_httpx2_client()
    client.event_hooks = {"response": [remember]}
    provider = GoogleProvider(api_key=key, base_url=url, http_client=client)
    return HangingUpModel(GoogleModel(name, provider=provider), client)
