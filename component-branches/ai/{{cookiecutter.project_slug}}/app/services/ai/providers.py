"""The providers, and which of them the settings choose. Loads none of their libraries."""

from dataclasses import dataclass

from app.core.config import Settings, settings
from app.services.ai.errors import SetupError


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, and the settings that it needs."""

    name: str
    title: str
    model: str = ""
    """The model while AI_MODEL names none: a small one of the provider's present generation."""
    key: str = ""
    """The setting with its key."""
    url: str = ""
    """The setting with its address."""
    needs_url: bool = False
    needs_key: bool = True


DEMO = Provider("demo", "Demo", "demo", needs_key=False)

PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (
        DEMO,
        Provider("openai", "OpenAI", "gpt-6-luna", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        Provider(
            "anthropic", "Anthropic", "claude-haiku-5-5", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"
        ),
        Provider(
            "google", "Google Gemini", "gemini-3.8-flash", "GEMINI_API_KEY", "GEMINI_BASE_URL"
        ),
        Provider("groq", "Groq", "openai/gpt-oss-20b", "GROQ_API_KEY", "GROQ_BASE_URL"),
        Provider("ollama", "Ollama", url="OLLAMA_BASE_URL", needs_key=False),
        Provider(
            "compatible",
            "OpenAI-compatible server",
            key="COMPATIBLE_API_KEY",
            url="COMPATIBLE_BASE_URL",
            needs_url=True,
            needs_key=False,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model of a provider, with all that it takes to call it."""

    provider: Provider
    model: str
    key: str | None
    url: str | None

    @property
    def name(self) -> str:
        """As AI_FALLBACKS and `/model` write it."""
        return f"{self.provider.name}:{self.model}"

    def __repr__(self) -> str:
        return f"Choice({self.name!r})"


def choose(text: str, config: Settings = settings) -> Choice:
    """The model that `provider:model`, or `provider` alone, stands for."""
    name, _, model = text.strip().partition(":")
    provider = PROVIDERS.get(name)
    if provider is None:
        raise SetupError(f"There is no provider {name!r}. There are: {', '.join(PROVIDERS)}.")
    if problem := what_is_missing(provider, config):
        raise SetupError(problem)
    model = model or model_of(provider, config)
    if not model:
        raise SetupError(f"{provider.title} needs the name of a model: set AI_MODEL.")
    return Choice(provider, model, key_of(provider, config), url_of(provider, config))


def chosen(config: Settings = settings) -> list[Choice]:
    """The model that the settings choose, then its fallbacks; the demo as long as there is none."""
    if is_demo(config):
        return [choose(DEMO.name, config)]
    return [choose(text, config) for text in (config.AI_PROVIDER, *config.AI_FALLBACKS)]


def is_demo(config: Settings = settings) -> bool:
    """Whether the demo answers, because no provider is chosen or its key is not there yet."""
    provider = PROVIDERS[config.AI_PROVIDER]
    return provider is DEMO or what_is_missing(provider, config) is not None


def next_step(config: Settings = settings) -> str:
    """How to get from the demo to a real provider."""
    provider = PROVIDERS[config.AI_PROVIDER]
    if provider is not DEMO:
        return what_is_missing(provider, config) or ""
    for other in PROVIDERS.values():
        if key_of(other, config) is not None:
            return f"{other.key} is set; set AI_PROVIDER={other.name} as well."
    return "Set AI_PROVIDER=openai and OPENAI_API_KEY in .env, or another provider and its key."


def what_is_missing(provider: Provider, config: Settings = settings) -> str | None:
    """What has to be set before a provider can be used, as a sentence."""
    if provider.needs_key and key_of(provider, config) is None:
        return f"{provider.title} needs a key: set {provider.key}."
    if provider.needs_url and url_of(provider, config) is None:
        return f"{provider.title} needs an address: set {provider.url}."
    return None


def key_of(provider: Provider, config: Settings = settings) -> str | None:
    """The provider's key."""
    found = getattr(config, provider.key) if provider.key else None
    return found.get_secret_value() if found is not None else None


def url_of(provider: Provider, config: Settings = settings) -> str | None:
    """The provider's address, if it is not the usual one."""
    return getattr(config, provider.url) if provider.url else None


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider, and whether it can be used. Its key is not shown."""

    name: str
    title: str
    model: str
    is_chosen: bool
    missing: str | None
    """What has to be set first."""


def overview(config: Settings = settings) -> list[ProviderState]:
    """Every provider."""
    return [
        ProviderState(
            provider.name,
            provider.title,
            model_of(provider, config),
            provider.name == chosen_name(config),
            what_is_missing(provider, config),
        )
        for provider in PROVIDERS.values()
    ]


def model_of(provider: Provider, config: Settings = settings) -> str:
    """The provider's model: that of AI_MODEL if the provider is AI_PROVIDER, otherwise its default."""
    wanted = config.AI_MODEL if provider.name == config.AI_PROVIDER else None
    return wanted or provider.model


def chosen_name(config: Settings = settings) -> str:
    """The provider that answers."""
    return DEMO.name if is_demo(config) else config.AI_PROVIDER
