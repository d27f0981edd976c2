"""Migrations: each component has a branch of its own, and so have you (`app`).

A branch is a folder in `migrations/versions/`. Branches do not know each other, so components can
come and go: when one goes, its tables and its data stay, and when it comes back it goes on from
there. For that the table `applied_migrations` remembers every revision that was applied; Alembic's
own table holds the newest of those whose files are there.
"""

import subprocess
import sys
from argparse import Namespace
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from app.core.constants import ROOT
from app.core.db.database import Database, current_database
from app.core.errors import AppError

MIGRATIONS = ROOT / "migrations"
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
    with _alone(database or current_database()) as connection:
        before = _recorded(connection)
        _run(command.upgrade, connection, target)
        return sorted(_recorded(connection) - before)


def downgrade(target: str) -> None:
    """Undo migrations down to a revision, or a number of steps (`app@-1`)."""
    with _alone(current_database()) as connection:
        _run(command.downgrade, connection, target)


def revise(message: str, *, empty: bool = False, depends_on: str | None = None) -> Path | None:
    """Write a migration on your own branch; None when the models ask for none.

    Raises:
        AppError: The database lacks migrations, so it cannot be compared.
    """
    with _alone(current_database()):
        pass  # Heads of components that have gone would be in the way.
    has_branch = any(_branch(s) == OWN_BRANCH for s in scripts().walk_revisions())
    folder = MIGRATIONS / "versions" / OWN_BRANCH
    with current_database().engine.connect() as connection:
        made: Any = _run(
            command.revision,
            connection,
            message.replace('"', "'").replace("\\", "/"),
            autogenerate=not empty,
            head=f"{OWN_BRANCH}@head" if has_branch else "base",
            branch_label=None if has_branch else OWN_BRANCH,
            version_path=str(folder),
            depends_on=depends_on,
            process_revision_directives=None if empty else _drop_empty,
        )
    scripts.cache_clear()
    if not isinstance(made, Script):
        return None
    path = Path(made.path)
    _format(path)
    return path


def check_models() -> None:
    """Compare the models with the database.

    Raises:
        AppError: Something is in the models and in no migration, or migrations are pending.
    """
    with current_database().engine.connect() as connection:
        _run(command.check, connection)


def status() -> MigrationStatus:
    """Compare the database with the files."""
    with current_database().engine.connect() as connection:
        recorded = _recorded(connection)
    known = _known()
    applied = _with_ancestors(recorded & known.keys())
    found = [
        Migration(s.revision, _branch(s), s.doc, s.revision in applied)
        for s in reversed(list(scripts().walk_revisions()))
    ]
    return MigrationStatus(found, sorted(_missing(recorded - known.keys())))


def remember_step(ctx: Any, step: Any, heads: object, run_args: object) -> None:
    """Keep the record of what was applied; Alembic calls this after each step."""
    if step.is_upgrade:
        _record(ctx.connection, step.up_revision_ids)
    else:
        _forget(ctx.connection, step.up_revision_ids)
        _record(ctx.connection, step.down_revision_ids)


def _drop_empty(context: object, revision: object, directives: list[Any]) -> None:
    """Write no migration that would do nothing."""
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


@lru_cache(maxsize=1)
def scripts() -> ScriptDirectory:
    """The migrations' files."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    folders = sorted(path for path in (MIGRATIONS / "versions").iterdir() if path.is_dir())
    config = Config(cmd_opts=Namespace(quiet=True))
    options = {
        "script_location": str(MIGRATIONS),
        "path_separator": "newline",
        "version_locations": "\n".join(map(str, folders)),
        "file_template": "%(rev)s_%(slug)s",
        "timezone": "UTC",
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))
    return config


def _run(function: Any, connection: Connection, *arguments: object, **options: object) -> object:
    config = _config()
    config.attributes["connection"] = connection
    try:
        return function(config, *arguments, **options)
    except CommandError as error:
        if "not up to date" in str(error):
            raise AppError("Apply the pending migrations first: make migrate") from error
        raise AppError(str(error)) from error


def _format(path: Path) -> None:
    """Format a file as the project does; where there is no formatter nobody develops."""
    if find_spec("ruff") is not None:
        command = [sys.executable, "-m", "ruff", "format", "--quiet", str(path)]
        subprocess.run(command, check=False)  # noqa: S603


@contextmanager
def _alone(database: Database) -> Generator[Connection]:
    """A connection on which nobody else migrates, and whose heads have files."""
    with (
        database.engine.connect() as connection,
        database.dialect.alone(connection),
    ):
        _metadata.create_all(connection)
        _settle_heads(connection)
        yield connection


def _settle_heads(connection: Connection) -> None:
    """Let Alembic's table hold the newest applied revisions of the branches that are here."""
    recorded = _recorded(connection)
    known = _known()
    if missing := _missing(recorded - known.keys()):
        raise NewerDatabaseError(missing)
    _record(connection, recorded)
    applied = _with_ancestors(recorded & known.keys())
    followed = {parent for name in applied for parent in _parents(known[name])}
    wanted = applied - followed
    present = {row.version_num for row in connection.execute(select(_heads))}
    if wanted != present:
        connection.execute(_heads.delete())
        for name in sorted(wanted):
            connection.execute(_heads.insert().values(version_num=name))


def _recorded(connection: Connection) -> set[str]:
    """Every revision that the database says it has, of components that have gone as well."""
    tables = set(inspect(connection).get_table_names())
    found: set[str] = set()
    for table in (_applied, _heads):
        if table.name in tables:
            found |= {row[0] for row in connection.execute(select(table))}
    return found


def _record(connection: Connection, revisions: Iterable[str]) -> None:
    present = {row.revision for row in connection.execute(select(_applied))}
    for revision in sorted(set(revisions) - present):
        connection.execute(_applied.insert().values(revision=revision))


def _forget(connection: Connection, revisions: Iterable[str]) -> None:
    connection.execute(_applied.delete().where(_applied.c.revision.in_(sorted(revisions))))


def _known() -> dict[str, Script]:
    return {script.revision: script for script in scripts().walk_revisions()}


def _missing(unknown: Iterable[str]) -> list[str]:
    """Revisions without a file although their branch is here.

    A component's revisions are called `<branch>_<number>`; yours have no underscore. The branch of
    a bridge such as `scheduler+database` is `scheduler_database`.
    """
    files = (MIGRATIONS / "versions").glob("*/*.py")
    branches = {OWN_BRANCH} | {path.parent.name for path in files}
    return [name for name in unknown if (name.rpartition("_")[0] or OWN_BRANCH) in branches]


def _with_ancestors(revisions: Iterable[str]) -> set[str]:
    known = _known()
    found: set[str] = set()
    waiting = list(revisions)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _parents(known[name])
    return found


def _parents(script: Script) -> list[str]:
    """What comes before a revision: on its branch, and on those that it depends on."""
    down = script.down_revision or ()
    parents = [down] if isinstance(down, str) else list(down)
    needed = script.dependencies or ()
    labels = [needed] if isinstance(needed, str) else list(needed)
    for label in labels:
        parents += [s.revision for s in scripts().get_revisions(label) if s is not None]
    return parents


def _branch(script: Script) -> str:
    return Path(script.path).parent.name
