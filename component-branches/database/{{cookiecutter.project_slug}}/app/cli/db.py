"""`db`: the database, its migrations and its backups."""

from typing import Annotated

import typer

cli = typer.Typer(
    help="The database, its migrations and its backups.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show tables, rows and migrations; exit with 1 when migrations are pending."""
    from app.services.database import read_overview

    found = read_overview()
    if as_json:
        import json
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(found), indent=2))
    else:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        typer.echo(f"{found.system}  {found.place}  {found.size_bytes / 2**20:.1f} MB")
        tables = Table("Table", "Rows", box=None, header_style="bold")
        for table in found.tables:
            tables.add_row(table.name, table.text)
        migrations = Table("Migration", "Branch", "What", "State", box=None, header_style="bold")
        for migration in found.migrations:
            state = "applied" if migration.is_applied else "pending"
            cells = (migration.revision, migration.branch, migration.message, state)
            migrations.add_row(*map(escape, cells))
        Console().print(tables, migrations)
    if found.pending:
        raise typer.Exit(1)


@cli.command()
def migrate(
    target: Annotated[str, typer.Argument(help="A revision, or `app@+1`.")] = "heads",
) -> None:
    """Apply the pending migrations, all or none."""
    from app.core.db.migrations import upgrade

    applied = upgrade(target)
    for revision in applied:
        typer.echo(f"Applied {revision}")
    if not applied:
        typer.echo("Nothing is pending.")


@cli.command()
def downgrade(
    target: Annotated[str, typer.Argument(help="A revision to go back to, or `app@-1`.")],
) -> None:
    """Undo migrations. What they undo may take data along: make a backup first."""
    from app.core.db.migrations import downgrade as undo

    undo(target)
    typer.echo(f"The database is at {target}.")


@cli.command()
def revision(
    message: Annotated[str, typer.Argument(help="What changes, in a few words.")],
    empty: Annotated[bool, typer.Option("--empty", help="Do not compare the models.")] = False,
    depends_on: Annotated[
        str | None, typer.Option(help="The revision or branch of a component that must be first.")
    ] = None,
) -> None:
    """Write a migration from what has changed in the models."""
    from app.core.db.migrations import revise

    if not message.strip():
        raise typer.BadParameter('say what changes, such as: make migration m="add orders"')
    path = revise(message, empty=empty, depends_on=depends_on)
    if path is None:
        typer.echo("The database is as the models say: there is nothing to write.")
        return
    typer.echo(f"Wrote {path}. Read it, then apply it with: make migrate")


@cli.command()
def check() -> None:
    """Say whether the migrations make what the models say; exit with 1 when they do not."""
    from app.core.db.migrations import check_models

    check_models()
    typer.echo("The database is as the models say.")


@cli.command("copy-from")
def copy_from(
    url: Annotated[str, typer.Argument(help="The old database, such as sqlite:///data/app.db.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the rows that are here already.")
    ] = False,
) -> None:
    """Copy all rows from another database into this one, all or nothing.

    Stop whatever writes into the old one: what it writes from now on is not copied.
    """
    from app.core.db import current_database
    from app.services.database.copying import copy_from as copy

    dialect = current_database().dialect
    typer.echo(f"Copying into {dialect.title} at {dialect.place()}. The old one is only read.")
    report = copy(
        url, replace=replace, on_table=lambda name, rows: typer.echo(f"{rows:>12,}  {name}")
    )
    typer.echo(f"{sum(report.rows.values()):>12,}  rows in {len(report.rows)} tables")
    for name in report.left:
        typer.echo(f"Left behind, for no migration of this project makes it: {name}", err=True)


@cli.command()
def backup(
    keep: Annotated[
        int | None, typer.Option(help="Remove all but so many of the newest.", min=1)
    ] = None,
) -> None:
    """Make a verified copy of the database."""
    from app.services.backup import create_backup, rotate_backups

    made = create_backup()
    typer.echo(f"Made {made.path} ({made.size_bytes / 2**20:.1f} MB)")
    for name in rotate_backups(keep) if keep else []:
        typer.echo(f"Removed {name}")


@cli.command()
def backups() -> None:
    """List the backups, the newest first."""
    from app.services.backup import list_backups

    for found in list_backups():
        made_at = found.made_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        typer.echo(f"{found.name}  {made_at}  {found.size_bytes / 2**20:.1f} MB")


@cli.command()
def restore(
    name: Annotated[str, typer.Argument(help="The backup's name, or `latest`.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Replace the whole content of the database with a backup's.

    What was there becomes a backup first.
    """
    from app.services.backup import restore_backup
    from app.services.backup.backups import find_backup

    chosen = find_backup(name)
    if not yes:
        typer.confirm(f"Replace everything in the database with {chosen.name}?", abort=True)
    before = restore_backup(chosen.name)
    typer.echo(f"Restored {chosen.name}.")
    if before is not None:
        typer.echo(f"What was there before is in {before.name}.")
    typer.echo("It may be older than the code. Apply what is pending with: make migrate")
