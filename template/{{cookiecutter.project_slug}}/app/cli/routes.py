"""`routes`: what the API answers."""

from typing import Annotated

import typer


def routes(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the routes of the API."""
    from app.components.backend.main import create_app

    found = [
        {
            "method": method.upper(),
            "path": path,
            "name": operation.get("summary", ""),
            "tags": operation.get("tags", []),
        }
        for path, operations in create_app().openapi()["paths"].items()
        for method, operation in operations.items()
    ]
    if as_json:
        import json

        typer.echo(json.dumps(found, indent=2))
        return

    from rich.console import Console
    from rich.table import Table

    table = Table("Method", "Path", "What", "Tags", box=None, header_style="bold")
    for route in found:
        table.add_row(route["method"], route["path"], route["name"], ", ".join(route["tags"]))
    Console().print(table)
