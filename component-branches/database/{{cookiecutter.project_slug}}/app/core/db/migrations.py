"""Migrations: each component has a branch of its own, and so have you (`app`).

A branch is a folder in `migrations/versions/`. Branches do not know each other, so components can
come and go: when one goes, its tables and its data stay, and when it comes back it goes on from
there. For that the table `applied_migrations` remembers every revision that was applied; Alembic's
own table holds the newest of those whose files are there.

What is here is for processes and commands. Plain `alembic` does the same: `[tool.alembic]` in
`pyproject.toml` is the configuration of both, and `migrations/env.py` comes here for the lock.
"""

from argparse import Namespace
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select
from sqlalchemy.schema import CreateTable

from app.core.constants import ROOT
from app.core.db.database import Database, current_database
from app.core.errors import AppError

CONFIGURATION = ROOT / "pyproject.toml"
OWN_BRANCH = "app"

# Tables of their own metadata, so that autogenerate does not take them for models.
_metadata = MetaData()
_applied = Table("applied_migrations", _metadata, Column("revision", String(64), primary_key=True))
_heads = Table("alembic_version", _metadata, Column("version_num", String(32), primary_key=True))
BOOKKEEPING = frozenset(_metadata.tables)


class NewerDatabaseError(AppError):
    """The database has migrations of a branch that is here, but whose files are not."""

    def __init__(self, revisions: Iterable[str]) -> None:
        super().__init__(
            "The database is newer than this code: it has the migrations "
            f"{', '.join(sorted(revisions))}, whose files are missing."
        )


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration, and whether the database has it."""

    revision: str
    branch: str
    message: str
    is_applied: bool


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """All migrations, the oldest first."""

    migrations: list[Migration]
    missing: list[str]
    """Revisions that the database has and this code should have."""

    @property
    def pending(self) -> list[Migration]:
        """Those that the database lacks."""
        return [migration for migration in self.migrations if not migration.is_applied]


def upgrade(target: str = "heads", database: Database | None = None) -> list[str]:
    """Apply what is pending, all or nothing, to the current database or another one; return the revisions.

    Raises:
        NewerDatabaseError: The database has more than the code.
    """
    database = database or current_database()
    # As at most starts of a process: nobody waits for others, and Alembic need not load every model.
    if target == "heads" and _is_up_to_date(database):
        return []
    with alone(database) as connection:
        before = _read(connection, _applied)
        _run(command.upgrade, connection, target)
        after, _ = _lineage(_read(connection, _heads))
        return sorted(after - before)


def downgrade(target: str) -> None:
    """Undo migrations down to a revision, or a number of steps (`app@-1`)."""
    with alone(current_database()) as connection:
        _run(command.downgrade, connection, target)


def revise(message: str, *, empty: bool = False, depends_on: str | None = None) -> Path | None:
    """Write a migration on your own branch; None when the models ask for none.

    Raises:
        AppError: The database lacks migrations, so it cannot be compared.
    """
    options = {"autogenerate": not empty, "depends_on": depends_on}
    with alone(current_database()) as connection:
        made = _run(command.revision, connection, message, **options)
    scripts.cache_clear()
    return Path(made.path) if isinstance(made, Script) else None


def check_models() -> None:
    """Compare the models with the database.

    Raises:
        AppError: Something is in the models and in no migration, or migrations are pending.
    """
    with alone(current_database()) as connection:
        _run(command.check, connection)


def status() -> MigrationStatus:
    """Compare the database with the files."""
    with current_database().engine.connect() as connection:
        recorded = _recorded(connection)
    known = _known()
    applied, _ = _lineage(recorded)
    found = [
        Migration(s.revision, branch_of(s), s.doc, s.revision in applied)
        for s in reversed(known.values())
    ]
    return MigrationStatus(found, sorted(_missing(recorded - known.keys())))


@lru_cache(maxsize=1)
def scripts() -> ScriptDirectory:
    """The migrations' files.

    Raises:
        AppError: One of them depends on a component's that are not here.
    """
    found = ScriptDirectory.from_config(Config(toml_file=CONFIGURATION))
    try:
        found.get_heads()
    except KeyError as error:
        raise AppError(
            f"A migration depends on {error}, and no migration here is called so. Bring the "
            "component back, or take it out of `depends_on` in migrations/versions/app."
        ) from error
    return found


def branch_of(script: Script) -> str:
    """The branch of a migration."""
    return Path(script.path).parent.name


@contextmanager
def alone(database: Database) -> Generator[Connection]:
    """A connection on which nobody else migrates.

    Before the block Alembic's table is made to fit the files that are here; after it, what is
    applied then is remembered.
    """
    with (
        database.engine.connect() as connection,
        database.dialect.alone(connection),
    ):
        _metadata.create_all(connection)
        _settle(connection)
        yield connection
        gone = _read(connection, _applied) - _known().keys()
        applied, _ = _lineage(_read(connection, _heads))
        _write(connection, _applied, applied | gone)


def forget_in_script(ctx: Any, step: Any, **_: object) -> None:
    """Let a script (`--sql`), which runs without us, note what it undoes."""
    if not step.is_upgrade:
        ctx.execute(CreateTable(_applied, if_not_exists=True))
        for name in step.up_revision_ids:
            ctx.execute(_applied.delete().where(_applied.c.revision == name))


def _is_up_to_date(database: Database) -> bool:
    """Whether all migrations are applied, and both tables say so: there is nothing to write."""
    with database.engine.connect() as connection:
        if not set(inspect(connection).get_table_names()) >= BOOKKEEPING:
            return False
        applied, heads = _read(connection, _applied), _read(connection, _heads)
    known = _known().keys()
    _, newest = _lineage(applied)
    return known <= applied and heads == newest and not _missing(applied - known)


def _settle(connection: Connection) -> None:
    """Let Alembic's table hold the newest applied revisions of the branches that are here."""
    recorded = _recorded(connection)
    gone = recorded - _known().keys()
    if missing := _missing(gone):
        raise NewerDatabaseError(missing)
    applied, newest = _lineage(recorded)
    _write(connection, _applied, applied | gone)
    _write(connection, _heads, newest)


def _run(
    function: Callable[..., object], connection: Connection, *arguments: str, **options: Any
) -> object:
    """Let Alembic do something; `migrations/env.py` takes this connection."""
    config = Config(
        toml_file=CONFIGURATION,
        cmd_opts=Namespace(quiet=True, **options),
        attributes={"connection": connection},
    )
    try:
        return function(config, *arguments, **options)
    except CommandError as error:
        if "not up to date" in str(error):
            raise AppError("Apply the pending migrations first: make migrate") from error
        raise AppError(str(error)) from error


def _recorded(connection: Connection) -> set[str]:
    """Every revision that the database says it has, of components that have gone as well."""
    tables = set(inspect(connection).get_table_names())
    found: set[str] = set()
    for table in (_applied, _heads):
        if table.name in tables:
            found |= _read(connection, table)
    return found


def _read(connection: Connection, table: Table) -> set[str]:
    return set(connection.execute(select(table)).scalars())


def _write(connection: Connection, table: Table, wanted: set[str]) -> None:
    """Let a table of revisions hold exactly these."""
    [column] = table.columns
    present = _read(connection, table)
    if surplus := present - wanted:
        connection.execute(table.delete().where(column.in_(surplus)))
    for name in sorted(wanted - present):
        connection.execute(table.insert(), {column.name: name})


def _known() -> dict[str, Script]:
    """All migrations that are here, the newest first."""
    return {script.revision: script for script in scripts().walk_revisions()}


def _missing(unknown: Iterable[str]) -> list[str]:
    """Revisions without a file although their branch is here.

    A component's revisions are called `<branch>_<number>`; yours have no underscore. The branch of
    a bridge such as `scheduler+database` is `scheduler_database`.
    """
    branches = {OWN_BRANCH, *map(branch_of, _known().values())}
    return [name for name in unknown if (name.rpartition("_")[0] or OWN_BRANCH) in branches]


def _lineage(revisions: set[str]) -> tuple[set[str], set[str]]:
    """Those revisions with all that they build on, and the newest of them; unknown ones are left out."""
    whole: set[str] = set()
    newest: set[str] = set()
    for name in _known():
        if name in revisions and name not in whole:
            newest.add(name)
            whole |= {script.revision for script in scripts().iterate_revisions(name, "base")}
    return whole, newest
