"""Alembic's environment. `app/core/db/migrations.py` runs it, and brings the connection."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum
from sqlmodel import AutoString, SQLModel, UTCDateTime

from app.core.db.migrations import remember_step
from app.models import load_models

load_models()
metadata = SQLModel.metadata


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave tables alone that no model describes: those of libraries, and of what has gone.

    To drop a table of your own, write `op.drop_table` into an empty migration.
    """
    return kind != "table" or name in metadata.tables


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write SQLModel's types as plain ones, so that migrations need no more imports."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum) and not item.native_enum:
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    render_item=render_item,
    render_as_batch=True,
    transactional_ddl=True,
    on_version_apply=remember_step,
)
with context.begin_transaction():
    context.run_migrations()
