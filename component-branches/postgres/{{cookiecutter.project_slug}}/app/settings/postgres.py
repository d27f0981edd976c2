"""Settings of PostgreSQL."""

from collections.abc import Iterable
from typing import Annotated, Self
from urllib.parse import quote

from pydantic import Field, SecretStr, model_validator

from app.settings.database import DatabaseSettings


class PostgresSettings(DatabaseSettings):
    """How long connecting and statements may take."""

    DATABASE_PASSWORD: SecretStr | None = None
    DATABASE_CONNECT_TIMEOUT_SECONDS: Annotated[int, Field(ge=2, le=60)] = 5
    DATABASE_STATEMENT_TIMEOUT_SECONDS: Annotated[float, Field(ge=0)] = 60.0
    DATABASE_POOL_RECYCLE_SECONDS: Annotated[int, Field(ge=-1)] = 1800

    @model_validator(mode="before")
    @classmethod
    def password_is_part_of_the_url(cls, values: dict[str, object]) -> dict[str, object]:
        """One that stands alone may have any characters."""
        url, password = values.get("DATABASE_URL"), values.get("DATABASE_PASSWORD")
        if isinstance(url, str) and isinstance(password, str) and "@" in url:
            head, _, tail = url.partition("@")
            if head.count(":") == 1:
                return {**values, "DATABASE_URL": f"{head}:{quote(password, safe='')}@{tail}"}
        return values

    @model_validator(mode="after")
    def postgres_password_is_changed(self) -> Self:
        """Strangers know the one of development."""
        if self.is_production and ":change-me@" in self.DATABASE_URL:
            raise ValueError("DATABASE_URL: its password is change-me; set POSTGRES_PASSWORD")
        return self

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        if self.is_production and self.DATABASE_URL.startswith("sqlite"):
            yield "DATABASE_URL is SQLite, although this project has PostgreSQL."
