"""`config`: the settings in force."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.core.config import Settings

cli = typer.Typer(help="Show and check the settings.", invoke_without_command=True)


@cli.callback()
def config(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the settings, and where each comes from. Secrets are masked."""
    if context.invoked_subcommand is not None:
        return
    from app.core.config import settings

    shown = visible_settings(settings)
    if as_json:
        import json

        typer.echo(json.dumps(shown, indent=2))
        return

    from rich.console import Console
    from rich.table import Table

    table = Table("Setting", "Value", "From", box=None, header_style="bold")
    for name, value in shown.items():
        source = "set" if name in settings.model_fields_set else "default"
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        table.add_row(name, text, source, style=None if source == "set" else "dim")
    Console().print(table)


@cli.command()
def check() -> None:
    """Check the settings; exit with 2 when one does not fit."""
    from app.core.config import settings
    from app.core.envfile import unknown_names

    found = [*settings.warnings(), *unknown_names()]
    for warning in found:
        typer.secho(f"Warning: {warning}", fg="yellow", err=True)
    typer.secho(f"The configuration is valid ({settings.APP_ENV}).", fg="green")


def visible_settings(settings: "Settings") -> dict[str, Any]:
    """The settings, with secrets masked."""
    from app.core.redaction import redact

    return {
        name: redact(value) if isinstance(value, str) else value
        for name, value in settings.model_dump(mode="json").items()
    }
