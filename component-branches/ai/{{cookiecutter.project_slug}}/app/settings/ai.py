"""Settings of the assistant."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from app.settings import CommaSeparated, CoreSettings

ProviderName = Literal["demo", "openai", "anthropic", "google", "groq", "ollama", "compatible"]


class AISettings(CoreSettings):
    """Who answers, how far answers may go, and what they may cost."""

    AI_PROVIDER: ProviderName = "demo"
    AI_MODEL: str | None = None
    AI_FALLBACKS: CommaSeparated = []

    # Keys and addresses
    OPENAI_API_KEY: SecretStr | None = None
    ANTHROPIC_API_KEY: SecretStr | None = None
    GEMINI_API_KEY: SecretStr | None = None
    GROQ_API_KEY: SecretStr | None = None
    COMPATIBLE_API_KEY: SecretStr | None = None
    OPENAI_BASE_URL: str | None = None
    ANTHROPIC_BASE_URL: str | None = None
    GEMINI_BASE_URL: str | None = None
    GROQ_BASE_URL: str | None = None
    OLLAMA_BASE_URL: str = "http://localhost:11434/v1"
    COMPATIBLE_BASE_URL: str | None = None

    # Answers
    AI_INSTRUCTIONS: str = "You are a helpful assistant. Answer briefly, in Markdown."
    AI_TEMPERATURE: Annotated[float, Field(ge=0, le=2)] | None = None
    AI_MAX_OUTPUT_TOKENS: Annotated[int, Field(ge=16, le=200_000)] = 4096
    AI_MAX_MESSAGE_CHARACTERS: Annotated[int, Field(ge=1, le=1_000_000)] = 32_000
    AI_MAX_TOOL_CHARACTERS: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000
    AI_MAX_STEPS: Annotated[int, Field(ge=1, le=100)] = 8
    AI_MAX_ANSWERS: Annotated[int, Field(ge=1, le=10_000)] = 200
    AI_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=3600)] = 60.0
    AI_ANSWER_SECONDS: Annotated[float, Field(gt=0, le=3600)] = 300.0
    AI_RETRIES: Annotated[int, Field(ge=0, le=10)] = 2

    # Memory
    AI_HISTORY_TURNS: Annotated[int, Field(ge=0, le=1000)] = 20
    AI_HISTORY_CHARACTERS: Annotated[int, Field(ge=0, le=10_000_000)] = 48_000
    AI_SUMMARIZE: bool = False
    AI_CONVERSATIONS_KEPT: Annotated[int, Field(ge=1, le=1_000_000)] = 1000

    # Budgets of a day; 0 for none
    AI_DAILY_TOKENS: Annotated[int, Field(ge=0)] = 0
    AI_DAILY_TOKENS_PER_USER: Annotated[int, Field(ge=0)] = 0
    AI_DAILY_COST: Annotated[float, Field(ge=0)] = 0

    @model_validator(mode="after")
    def ai_fits_together(self) -> Self:
        """A provider without a default needs a model, and fallbacks have to exist."""
        if self.AI_PROVIDER in {"ollama", "compatible"} and not self.AI_MODEL:
            raise ValueError(f"AI_MODEL is needed with AI_PROVIDER={self.AI_PROVIDER}")
        for fallback in self.AI_FALLBACKS:
            if fallback.partition(":")[0] not in ProviderName.__args__:
                raise ValueError(f"AI_FALLBACKS names {fallback!r}, which is no provider")
        return self

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        if self.WEB_WORKERS > 1 and not hasattr(self, "DATABASE_URL"):
            yield (
                "WEB_WORKERS: a conversation is in the memory of one of them, and the others do not "
                "know it. With the component database they share them."
            )
        if self.is_production and self.AI_PROVIDER == "demo":
            yield "AI_PROVIDER is demo: the assistant repeats, and does not think."
        if self.is_production and not (self.AI_DAILY_TOKENS or self.AI_DAILY_COST):
            yield "Neither AI_DAILY_TOKENS nor AI_DAILY_COST is set: the assistant's cost has no end."
