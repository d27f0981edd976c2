"""Settings: every value comes from the environment or from `.env`.

`settings` is read once, when this module is imported. A value that does not fit raises
`ConfigurationError`, whose text names each bad setting.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.constants import ROOT
from app.core.errors import ConfigurationError
from app.core.redaction import keep_secret

ENV_FILE: Path | None = None if os.environ.get("APP_ENV") == "test" else ROOT / ".env"
"""Tests do not read `.env`: they run with the same values everywhere."""

CommaSeparated = Annotated[list[str], NoDecode]
Percent = Annotated[float, Field(gt=0, le=100)]


class Settings(BaseSettings):
    """All settings. `.env.example` documents each of them."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    APP_ENV: Literal["development", "test", "production"] = "development"

    # Web server
    HOST: str = "127.0.0.1"
    PORT: Annotated[int, Field(ge=1, le=65535)] = 8000
    ALLOWED_HOSTS: CommaSeparated = ["*"]
    CORS_ORIGINS: CommaSeparated = []
    TRUSTED_PROXIES: CommaSeparated = ["127.0.0.1"]
    DOCS_ENABLED: bool = True

    # Dashboard
    DASHBOARD_ENABLED: bool = True
    DASHBOARD_TOKEN: Annotated[SecretStr, Field(min_length=16)] | None = None

    # Logs
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    LOG_FORMAT: Literal["auto", "console", "json"] = "auto"
    LOG_REQUESTS: bool = True

    # Health and alerts
    HEALTH_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=60)] = 2.0
    METRICS_INTERVAL_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 1.0
    ALERT_CPU_PERCENT: Percent = 90.0
    ALERT_MEMORY_PERCENT: Percent = 90.0
    ALERT_DISK_PERCENT: Percent = 90.0
    # slot: settings

    # Your settings

    @field_validator("ALLOWED_HOSTS", "CORS_ORIGINS", "TRUSTED_PROXIES", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        """Accept `a, b` as the environment writes it."""
        if isinstance(value, str):
            return [item.strip() for item in value.split(",") if item.strip()]
        return value

    @field_validator("LOG_LEVEL", mode="before")
    @classmethod
    def upper_case(cls, value: object) -> object:
        """Accept `debug` as well as `DEBUG`."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("CORS_ORIGINS")
    @classmethod
    def origins_are_complete(cls, value: list[str]) -> list[str]:
        """An origin without a scheme, or with a path, would never match."""
        for origin in value:
            scheme, _, host = origin.partition("://")
            if origin != "*" and (scheme not in {"http", "https"} or not host or "/" in host):
                raise ValueError(f"{origin!r} is not like https://example.com")
        return value

    @model_validator(mode="after")
    def fits_together(self) -> Self:
        """Check what depends on several settings; start the message with the setting's name."""
        # slot: cross-checks
        # Your checks
        return self
    # slot: validators

    # Your validators

    @property
    def is_production(self) -> bool:
        """Whether strangers can reach this process."""
        return self.APP_ENV == "production"

    @property
    def log_format(self) -> Literal["console", "json"]:
        """`LOG_FORMAT` with `auto` resolved."""
        if self.LOG_FORMAT == "auto":
            return "json" if self.is_production else "console"
        return self.LOG_FORMAT

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        if self.is_production:
            if self.ALLOWED_HOSTS == ["*"]:
                yield "ALLOWED_HOSTS accepts every host name; name your own."
            if self.DASHBOARD_ENABLED and self.DASHBOARD_TOKEN is None:
                yield "DASHBOARD_TOKEN is not set, so the dashboard is closed to everybody."
            if "*" in self.CORS_ORIGINS:
                yield "CORS_ORIGINS lets every web site call this API."
        # slot: warnings
        # Your warnings


def load_settings() -> Settings:
    """Read the settings; raise ConfigurationError with one readable line per bad value."""
    try:
        loaded = Settings()
    except ValidationError as error:
        problems = []
        for found in error.errors(include_url=False, include_input=False, include_context=False):
            name = str(found["loc"][0]) if found["loc"] else ""
            text = found["msg"].removeprefix("Value error, ")
            problems.append(f"{name}: {text}" if name else text)
        raise ConfigurationError(problems) from None
    secrets = [value for _, value in loaded if isinstance(value, SecretStr)]
    keep_secret(secret.get_secret_value() for secret in secrets)
    return loaded


settings = load_settings()
