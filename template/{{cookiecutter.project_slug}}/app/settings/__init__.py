"""Settings: one class for each component. `app/core/config.py` puts them together.

A class holds all that concerns its settings: validators, checks, and warnings.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app.core.address import Address
from app.core.setting_files import file_sources


def read_list(value: object) -> object:
    """Accept `a, b` and `["a", "b"]`, as the environment may write it."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        import json

        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('it is neither like a, b nor like ["a", "b"]') from None
    return [item.strip() for item in value.split(",") if item.strip()]


def check_time_zone(name: str) -> str:
    """Find typing errors at the start."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


CommaSeparated = Annotated[list[str], NoDecode, BeforeValidator(read_list)]
"""A list of texts, separated by commas or as JSON."""
ServerAddress = Annotated[str, AfterValidator(Address.checked)]
"""A URL that may hold a password, which is not shown."""
TimeZone = Annotated[str, AfterValidator(check_time_zone)]
"""The name of a zone, such as `Europe/Berlin`."""
Percent = Annotated[float, Field(gt=0, le=100)]


class CoreSettings(BaseSettings):
    """What the settings of every component can ask."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True,
        # What is inside of a value: `THINGS__FIRST__SIZE`.
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        # Only the whole is ever made: its parts need no validator of their own.
        defer_build=True,
    )

    dashboard_takes_token: ClassVar[bool] = True
    """Whether `DASHBOARD_TOKEN` opens the dashboard; a component may have people log in instead."""

    APP_ENV: Literal["development", "test", "production"] = "development"
    WEB_WORKERS: Annotated[int, Field(ge=1, le=256)] = 1

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from; the first one that has it wins."""
        named, folder = file_sources(settings_cls, dotenv_settings, env_settings)
        return init_settings, named, env_settings, dotenv_settings, folder

    @property
    def is_production(self) -> bool:
        """Whether strangers can reach this process."""
        return self.APP_ENV == "production"

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant. Each class adds its own to those of `super()`."""
        return ()
