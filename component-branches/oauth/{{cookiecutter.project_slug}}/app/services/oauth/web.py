"""Asking providers: in bounded time, for bounded answers, without being sent elsewhere."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import httpx2
from authlib.integrations.base_client import (
    InvalidTokenError,
    MissingTokenError,
    OAuthError,
    UnsupportedTokenTypeError,
)
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError
from pydantic import ValidationError

from app.core.config import settings
from app.core.logging import get_logger
from app.services.oauth.errors import BadAnswerError, NotAgreedError, SilentProviderError

log = get_logger(__name__)

LARGEST_ANSWER = 1024 * 1024
NOT_AS_IT_MUST_BE = (
    # The library's own, of an answer that holds no token which it knows.
    InvalidTokenError,
    MissingTokenError,
    UnsupportedTokenTypeError,
    httpx2.HTTPError,
    JoseError,
    ValidationError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)


class BoundedStream(httpx2.AsyncByteStream):
    """An answer that ends when it has become too long."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self.stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Pass on what comes."""
        left = LARGEST_ANSWER
        async for chunk in self.stream:
            left -= len(chunk)
            if left < 0:
                raise ValueError("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        """Close the connection."""
        await self.stream.aclose()


async def bound(response: httpx2.Response) -> None:
    """Let no answer grow, neither on its way nor when it is unpacked."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ValueError("the answer is packed, although that was not asked for")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = BoundedStream(response.stream)


@lru_cache(maxsize=1)
def certificates() -> ssl.SSLContext:
    """Reading them takes longer than everything else."""
    return httpx2.create_ssl_context()


def oauth_client(**options: Any) -> AsyncOAuth2Client:
    """A client for one provider and one question."""
    return AsyncOAuth2Client(
        code_challenge_method="S256",
        verify=certificates(),
        timeout=settings.API_TIMEOUT,
        follow_redirects=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        event_hooks={"response": [bound]},
        **options,
    )


async def get(client: AsyncOAuth2Client, url: str) -> httpx2.Response:
    """Ask for what everybody may read, without showing a token."""
    return await client.request("GET", url, withhold_token=True)


def read_json(response: httpx2.Response) -> Any:
    """What an answer says.

    Raises:
        ValueError: It is none, or says that it is an error.
    """
    if response.status_code != 200:
        raise ValueError(f"{response.url.path} answers {response.status_code}")
    return response.json()


@asynccontextmanager
async def asking(title: str) -> AsyncGenerator[None]:
    """Ask a provider: all questions of the block together have `API_TIMEOUT`.

    Raises:
        SilentProviderError: It did not answer in time.
        NotAgreedError: It did not accept the code.
        BadAnswerError: It answered what it should not.
    """
    try:
        async with asyncio.timeout(settings.API_TIMEOUT):
            yield
    except (TimeoutError, httpx2.TransportError) as error:
        log.warning("oauth_provider_silent", provider=title, reason=type(error).__name__)
        raise SilentProviderError(title) from None
    except BadAnswerError as error:
        log.warning("oauth_answer_refused", provider=title, reason=error.reason)
        raise
    except NOT_AS_IT_MUST_BE as error:
        log.warning("oauth_answer_refused", provider=title, reason=describe(error))
        raise BadAnswerError(title, describe(error)) from None
    except OAuthError as error:
        # Its own words may be anything.
        log.warning("oauth_code_refused", provider=title, reason=str(error.error)[:100])
        raise NotAgreedError(f"{title} did not accept this sign-in. Begin again.") from None


def describe(error: Exception) -> str:
    """The reason in a line, without the values of the answer."""
    if isinstance(error, ValidationError):
        return ", ".join(".".join(map(str, found["loc"])) for found in error.errors())
    return f"{type(error).__name__}: {error}"[:200]
