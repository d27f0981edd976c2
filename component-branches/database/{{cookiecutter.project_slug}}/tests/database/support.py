"""Migrations and models for the tests."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.db import current_database, db_session, migrations


class MigrationFolder:
    """A folder of migrations that tests can change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(
        self,
        branch: str,
        revision: str,
        table: str,
        *,
        down: str | None = None,
        depends_on: str | None = None,
        body: str = "",
    ) -> Path:
        """Add a migration that makes a table, or does what `body` says."""
        path = self.path / "versions" / branch / f"{revision}.py"
        path.parent.mkdir(exist_ok=True)
        make = f'op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))'
        label = repr(branch) if down is None else None
        path.write_text(
            f'"""make {table}"""\n'
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = {revision!r}\ndown_revision = {down!r}\n"
            f"branch_labels = {label}\ndepends_on = {depends_on!r}\n"
            f"def upgrade():\n    {body or make}\n"
            f'def downgrade():\n    op.drop_table("{table}")\n',
            encoding="utf-8",
        )
        migrations.scripts.cache_clear()
        return path

    def remove_branch(self, branch: str) -> dict[str, str]:
        """Remove a component's migrations, as git does: it leaves what it ignores. What they were."""
        folder = self.path / "versions" / branch
        removed = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
        for name in removed:
            (folder / name).unlink()
        (folder / "__pycache__").mkdir(exist_ok=True)
        migrations.scripts.cache_clear()
        return removed

    def bring_back(self, branch: str, removed: dict[str, str]) -> None:
        """Bring a component's migrations back."""
        folder = self.path / "versions" / branch
        folder.mkdir(exist_ok=True)
        for name, content in removed.items():
            (folder / name).write_text(content, encoding="utf-8")
        migrations.scripts.cache_clear()


def tables() -> set[str]:
    """The tables of the test's database, without the bookkeeping."""
    found = set(inspect(current_database().engine).get_table_names())
    return found - {"alembic_version", "applied_migrations"}


def bodies() -> list[str]:
    """What is in the table of the fixture `notes`."""
    with db_session() as session:
        return [row[0] for row in session.connection().execute(text("SELECT body FROM note"))]


def insert(session: Session, body: str | None) -> None:
    """Add a note; one without a body is refused by the database."""
    session.connection().execute(text("INSERT INTO note VALUES (:body)"), {"body": body})


async def insert_async(session: AsyncSession, body: str | None) -> None:
    """The same in a coroutine."""
    connection = await session.connection()
    await connection.execute(text("INSERT INTO note VALUES (:body)"), {"body": body})
