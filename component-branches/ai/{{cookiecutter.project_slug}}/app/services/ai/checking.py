"""Asks the providers whether they know the key and the model. It costs nothing: they list their models."""

import asyncio
from dataclasses import dataclass

from app.core.config import Settings, settings
from app.services.ai.providers import (
    DEMO,
    PROVIDERS,
    Choice,
    Provider,
    chosen_name,
    key_of,
    model_of,
    url_of,
    what_is_missing,
)

CHECK_SECONDS = 10.0
ADDRESSES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
    "groq": "https://api.groq.com",
}
PATHS = {
    "anthropic": "/v1/models?limit=1000",
    "google": "/v1beta/models?pageSize=1000",
    "groq": "/openai/v1/models",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A provider, and whether it works."""

    provider: Provider
    model: str
    is_chosen: bool
    works: bool | None
    """None: it was not asked, for something is missing."""
    message: str


async def check_providers(config: Settings = settings) -> list[Checked]:
    """Ask all that have what they need, at the same time."""
    return await asyncio.gather(*(check(provider, config) for provider in PROVIDERS.values()))


async def check(provider: Provider, config: Settings = settings) -> Checked:
    """Ask one."""
    is_chosen = provider.name == chosen_name(config)
    model = model_of(provider, config)
    if provider is DEMO:
        return Checked(provider, model, is_chosen, True, "Needs nothing")
    missing = what_is_missing(provider, config)
    if missing is not None:
        return Checked(provider, model, is_chosen, None, missing)
    choice = Choice(provider, model, key_of(provider, config), url_of(provider, config))
    works, message = await ask(choice)
    return Checked(provider, model, is_chosen, works, message)


async def ask(choice: Choice) -> tuple[bool, str]:
    """Whether the provider knows the key and the model, in words."""
    import httpx2

    name, url, headers = choice.provider.name, address(choice), headers_for(choice)
    try:
        async with httpx2.AsyncClient(timeout=CHECK_SECONDS) as client:
            response = await client.get(url, headers=headers)
    except httpx2.TimeoutException:
        return False, "No answer in time"
    except httpx2.HTTPError:
        return False, "Cannot be reached"
    status = response.status_code
    if status in {401, 403} or (name == "google" and status == 400):
        return False, f"Does not accept {choice.provider.key or 'the key'}"
    if status != 200:
        return False, f"Answers with status {status}"
    models = models_in(response.content)
    if not models:
        return True, "Answers"
    if not choice.model:
        return False, f"Set AI_MODEL, such as {models[0]}"
    if choice.model not in models:
        return False, f"Does not know the model {choice.model}"
    return True, "Knows the key and the model" if choice.key else "Knows the model"


def address(choice: Choice) -> str:
    """Where the provider lists its models."""
    name = choice.provider.name
    base = (choice.url or ADDRESSES[name]).rstrip("/")
    return base + PATHS.get(name, "/models")


def headers_for(choice: Choice) -> dict[str, str]:
    """How the provider wants its key."""
    if choice.key is None:
        return {}
    match choice.provider.name:
        case "anthropic":
            return {"x-api-key": choice.key, "anthropic-version": "2023-06-01"}
        case "google":
            return {"x-goog-api-key": choice.key}
        case _:
            return {"Authorization": f"Bearer {choice.key}"}


def models_in(content: bytes) -> list[str]:
    """The names of models in any of the providers' lists."""
    import json

    try:
        found = json.loads(content)
        listed = found.get("data") or found.get("models") or []
        names = [str(item.get("id") or item.get("name")) for item in listed]
    except (ValueError, AttributeError, TypeError):
        return []
    return [name.removeprefix("models/") for name in names]
