"""Alembic's environment, for plain `alembic` and for `app/core/db/migrations.py`."""

import logging
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.util import CommandError
from sqlalchemy import Enum
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import AutoString, SQLModel, UTCDateTime

from app.core.db import current_database
from app.core.db.migrations import OWN_BRANCH, alone, branch_of, forget_in_script, scripts
from app.core.db.outage import explain_outage
from app.core.errors import AppError
from app.models import load_models

load_models()
metadata = SQLModel.metadata


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Leave tables alone that no model describes: those of libraries, and of what has gone.

    To drop a table of your own, write `op.drop_table` into an empty migration. Indexes for searching
    texts (`fts_...`) are no part of models either: each database system has its own.
    """
    if kind == "index":
        return not (name or "").startswith("fts_")
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


def place(migrations: object, revision: object, directives: list[MigrationScript]) -> None:
    """Put a new migration on your own branch; write none that would do nothing."""
    [new] = directives
    is_compared = getattr(context.config.cmd_opts, "autogenerate", False)
    if is_compared and new.upgrade_ops is not None and new.upgrade_ops.is_empty():
        context.config.print_stdout("The database is as the models say: there is nothing to write.")
        directives.clear()
    elif new.head in (None, "head"):
        if any(branch_of(script) == OWN_BRANCH for script in scripts().walk_revisions()):
            new.head = f"{OWN_BRANCH}@head"
        else:
            new.head, new.branch_label = "base", OWN_BRANCH


def run(**target: Any) -> None:
    """Do what the command asks for."""
    context.configure(
        **target,
        target_metadata=metadata,
        include_name=include_name,
        render_item=render_item,
        render_as_batch=True,
        transactional_ddl=True,
        process_revision_directives=place,
    )
    with context.begin_transaction():
        context.run_migrations()


if "connection" in context.config.attributes:
    run(connection=context.config.attributes["connection"])
elif context.is_offline_mode():
    url = current_database().dialect.sync_url
    run(url=url, literal_binds=True, on_version_apply=forget_in_script)
else:
    logging.basicConfig(format="%(message)s")
    for name in ("alembic.autogenerate", "alembic.runtime.migration"):
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        with alone(current_database()) as connection:
            run(connection=connection)
    except (AppError, SQLAlchemyError) as error:
        text = error.detail if isinstance(error, AppError) else explain_outage(error)
        if text is None:
            raise
        raise CommandError(text) from error
