"""Settings: every value comes from the environment or from `.env`.

`settings` is read once, when this module is imported. A value that does not fit raises
`ConfigurationError`, whose text names each bad setting.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import SettingsConfigDict, SettingsError

from app.core.address import passwords_in
from app.core.constants import ROOT
from app.core.errors import ConfigurationError
from app.core.redaction import keep_secret
from app.core.setting_files import USUAL_FOLDER
from app.settings import CommaSeparated, CoreSettings, Percent
# slot: imports

ENV_FILE: Path | None = None if os.environ.get("APP_ENV") == "test" else ROOT / ".env"
"""Tests do not read `.env`: they run with the same values everywhere."""

FORWARDED_PREFIX = "X-Forwarded-Prefix"
"""As `ROOT_PATH`: what the proxy says."""


class Settings(
    # slot: classes (last first)
    CoreSettings,
):
    """All settings. `.env.example` documents each of them."""

    model_config = SettingsConfigDict(env_file=ENV_FILE)

    # Where a file may hold the value of the setting that it is called like
    SECRETS_DIR: Path = USUAL_FOLDER

    # Web server
    HOST: str = "127.0.0.1"
    PORT: Annotated[int, Field(ge=1, le=65535)] = 8000
    ROOT_PATH: str = ""
    ALLOWED_HOSTS: CommaSeparated = ["*"]
    CORS_ORIGINS: CommaSeparated = []
    TRUSTED_PROXIES: CommaSeparated = ["127.0.0.1"]
    DOCS_ENABLED: bool | None = None
    HSTS_SUBDOMAINS: bool = False
    FIGURES_DIR: Path | None = None
    WEB_MAX_REQUESTS: Annotated[int, Field(ge=1)] = 1000
    WEB_MAX_BODY_BYTES: Annotated[int, Field(ge=1)] = 10_000_000
    WEB_BODY_SECONDS: Annotated[float, Field(gt=0)] = 60.0
    WEB_KEEP_ALIVE_SECONDS: Annotated[int, Field(ge=1, le=3600)] = 75
    WEB_STOP_SECONDS: Annotated[int, Field(ge=0, le=3600)] = 2
    WEB_DRAIN_SECONDS: Annotated[float, Field(ge=0, le=600)] = 0.0

    # Other services: how long to wait for their answer
    API_TIMEOUT: Annotated[float, Field(gt=0, le=3600)] = 30.0

    # Dashboard
    DASHBOARD_ENABLED: bool = True
    FIRST_PAGE: Literal["dashboard", "docs", "none"] = "dashboard"
    DASHBOARD_TOKEN: Annotated[SecretStr, Field(min_length=16)] | None = None

    # Logs
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    LOG_FORMAT: Literal["auto", "console", "json"] = "auto"
    LOG_REQUESTS: bool = True

    # Health and alerts
    HEARTBEAT_DIR: Path | None = None
    READY_REQUIRES: CommaSeparated | None = None
    HEALTH_TIMEOUT_SECONDS: Annotated[float, Field(gt=0, le=60)] = 2.0
    METRICS_INTERVAL_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 1.0
    ALERT_CPU_PERCENT: Percent = 90.0
    ALERT_MEMORY_PERCENT: Percent = 90.0
    ALERT_DISK_PERCENT: Percent = 90.0

    # Those of components are in `app/settings/`.

    # Your settings

    @field_validator("LOG_LEVEL", mode="before")
    @classmethod
    def upper_case(cls, value: object) -> object:
        """Accept `debug` as well as `DEBUG`."""
        return value.upper() if isinstance(value, str) else value

    @field_validator("ROOT_PATH")
    @classmethod
    def root_path_can_be_compared(cls, value: str) -> str:
        """Accept `/tool/` as well as `/tool`; `/` is no prefix."""
        path = value.rstrip("/")
        if path and path != FORWARDED_PREFIX and not re.fullmatch(r"(/[\w.~-]+)+", path):
            raise ValueError(f"{value!r} is neither like /tool nor {FORWARDED_PREFIX}")
        return path

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
        # Your checks
        return self

    # Your validators

    @property
    def docs_enabled(self) -> bool:
        """`DOCS_ENABLED`; where it is not set, production keeps its documentation to itself."""
        return not self.is_production if self.DOCS_ENABLED is None else self.DOCS_ENABLED

    @property
    def log_format(self) -> Literal["console", "json"]:
        """`LOG_FORMAT` with `auto` resolved."""
        if self.LOG_FORMAT == "auto":
            return "json" if self.is_production else "console"
        return self.LOG_FORMAT

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        if self.FIRST_PAGE == "docs" and not self.docs_enabled:
            yield "FIRST_PAGE is docs, and DOCS_ENABLED closes them: / leads nowhere."
        if self.is_production:
            if self.ALLOWED_HOSTS == ["*"]:
                yield "ALLOWED_HOSTS accepts every host name; name your own."
            is_open = self.DASHBOARD_ENABLED and self.dashboard_takes_token
            if is_open and self.DASHBOARD_TOKEN is None:
                yield "DASHBOARD_TOKEN is not set, so the dashboard is closed to everybody."
            if "*" in self.CORS_ORIGINS:
                yield "CORS_ORIGINS lets every web site call this API."
        # Your warnings


def load_settings() -> Settings:
    """Read the settings; raise ConfigurationError with one readable line per bad value."""
    try:
        loaded = Settings()
    except ValidationError as error:
        problems = []
        for found in error.errors(include_url=False, include_input=False, include_context=False):
            # As the environment writes it.
            name = "__".join(part.upper() for part in found["loc"] if isinstance(part, str))
            text = found["msg"].removeprefix("Value error, ")
            problems.append(f"{name}: {text}" if name else text)
        raise ConfigurationError(problems) from None
    except SettingsError as error:
        # A setting of a type that pydantic-settings reads as JSON, such as a dict.
        raise ConfigurationError([f"{error}: it is not JSON"]) from None
    keep_secret(secrets_in(loaded))
    return loaded


def secrets_in(value: object) -> Iterator[str]:
    """What of a setting's value nobody may see: secrets, and passwords within addresses."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
        yield value
    if isinstance(value, str):
        yield from passwords_in(value)
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from secrets_in(inner)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from secrets_in(inner)


settings = load_settings()
