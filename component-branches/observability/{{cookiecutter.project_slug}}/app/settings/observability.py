"""The settings of `observability`. All of it is off until one of them has a value."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from app.core.constants import PROJECT_SLUG
from app.settings import CoreSettings

Exporter = Literal["otlp", "none"]


class ObservabilitySettings(CoreSettings):
    """What leaves this process, and where to."""

    METRICS_PORT: Annotated[int, Field(ge=1, le=65535)] | None = None
    METRICS_HOST: str = "127.0.0.1"

    # As OpenTelemetry calls them
    OTEL_EXPORTER_OTLP_ENDPOINT: str = ""
    OTEL_EXPORTER_OTLP_HEADERS: SecretStr | None = None
    OTEL_SERVICE_NAME: str = PROJECT_SLUG
    OTEL_TRACES_EXPORTER: Exporter = "otlp"
    OTEL_LOGS_EXPORTER: Exporter = "otlp"
    OTEL_TRACES_SAMPLER_ARG: Annotated[float, Field(ge=0, le=1)] = 0.1

    SENTRY_DSN: SecretStr | None = None

    @field_validator("SENTRY_DSN")
    @classmethod
    def dsn_names_a_project(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what the SDK would refuse later."""
        form = r"https?://[^/@\s]+@[^/@\s]+(/[^/\s]+)*/\d+"
        if value is not None and not re.fullmatch(form, value.get_secret_value()):
            raise ValueError("it is not like https://KEY@errors.example.com/1")
        return value

    @field_validator("OTEL_EXPORTER_OTLP_ENDPOINT")
    @classmethod
    def endpoint_speaks_http(cls, value: str) -> str:
        """Refuse what could never be reached."""
        if value and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", value):
            raise ValueError("it is not like http://collector:4318 (OTLP over HTTP)")
        return value.rstrip("/")

    @field_validator("OTEL_EXPORTER_OTLP_HEADERS")
    @classmethod
    def headers_have_names(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what is no list of headers."""
        if value is not None:
            read_headers(value)
        return value

    @property
    def traces_are_sent(self) -> bool:
        """Whether somebody wants traces."""
        return bool(self.OTEL_EXPORTER_OTLP_ENDPOINT) and self.OTEL_TRACES_EXPORTER == "otlp"

    @property
    def logs_are_sent(self) -> bool:
        """Whether somebody wants logs, besides those on standard error."""
        return bool(self.OTEL_EXPORTER_OTLP_ENDPOINT) and self.OTEL_LOGS_EXPORTER == "otlp"

    @property
    def otlp_headers(self) -> dict[str, str]:
        """What is sent along, such as a token."""
        given = self.OTEL_EXPORTER_OTLP_HEADERS
        return read_headers(given) if given is not None else {}

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        if self.OTEL_EXPORTER_OTLP_HEADERS is not None:
            if not self.OTEL_EXPORTER_OTLP_ENDPOINT:
                yield "OTEL_EXPORTER_OTLP_HEADERS is set, and OTEL_EXPORTER_OTLP_ENDPOINT is not."
            elif self.is_production and self.OTEL_EXPORTER_OTLP_ENDPOINT.startswith("http://"):
                yield "OTEL_EXPORTER_OTLP_HEADERS goes to OTEL_EXPORTER_OTLP_ENDPOINT without TLS."


def read_headers(text: SecretStr) -> dict[str, str]:
    """Read `name=value,name=value`, as OpenTelemetry writes it: with `%20` for a space."""
    from urllib.parse import unquote

    found: dict[str, str] = {}
    for item in filter(None, text.get_secret_value().split(",")):
        name, equals, value = item.partition("=")
        if not equals or not re.fullmatch(r"[\w-]+", name.strip()):
            raise ValueError("it is not like name=value, name=value")
        found[name.strip().lower()] = unquote(value.strip())
    return found
