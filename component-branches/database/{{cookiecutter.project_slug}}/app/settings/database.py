"""Settings of the database."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from app.core.address import Address
from app.settings import CoreSettings, ServerAddress


class DatabaseSettings(CoreSettings):
    """Where it is, and how it is used."""

    DATABASE_URL: ServerAddress = "sqlite:///data/app.db"
    DATABASE_MIGRATE_ON_START: bool = True
    DATABASE_POOL_SIZE: Annotated[int, Field(ge=1, le=1000)] = 10
    DATABASE_BUSY_TIMEOUT_SECONDS: Annotated[float, Field(ge=0, le=600)] = 5.0
    DATABASE_ECHO: bool = False
    BACKUP_DIR: Path = Path("data/backups")
    BACKUP_KEEP: Annotated[int, Field(ge=1)] = 7

    @field_validator("DATABASE_URL")
    @classmethod
    def database_url_is_complete(cls, value: str) -> str:
        """Accept `postgres://` as some hosts write it."""
        scheme, separator, rest = value.partition("://")
        if not separator:
            raise ValueError("it is not like sqlite:///data/app.db")
        return Address(f"{'postgresql' if scheme == 'postgres' else scheme}://{rest}")
