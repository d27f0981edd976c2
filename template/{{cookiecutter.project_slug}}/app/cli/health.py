"""`health`: how the application is doing."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from app.services.system import SystemStatus

_COLORS = {"healthy": "green", "degraded": "yellow", "unhealthy": "red"}


def health(
    detailed: Annotated[
        bool, typer.Option("--detailed", "-d", help="Show every component and resource.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole tree as JSON.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Keep showing it, until Ctrl-C.")
    ] = False,
    interval: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.5)] = 2.0,
    local: Annotated[
        bool, typer.Option("--local", help="Check from here, even if the server answers.")
    ] = False,
) -> None:
    """Show the health; exit with 1 when something required is unhealthy.

    Asks the running server, and checks from here when there is none.
    """
    if watch and not as_json:
        watch_health(detailed=detailed, local=local, interval=interval)
        return
    status, source = read_status(local=local)
    if as_json:
        typer.echo(status.model_dump_json(indent=2))
    else:
        from rich.console import Console

        Console().print(render(status, source, detailed=detailed))
    if not status.overall_healthy:
        raise typer.Exit(1)


def watch_health(*, detailed: bool, local: bool, interval: float) -> None:
    """Show the health until Ctrl-C."""
    from rich.live import Live

    try:
        with Live(render(*read_status(local=local), detailed=detailed)) as live:
            while True:
                time.sleep(interval)
                live.update(render(*read_status(local=local), detailed=detailed))
    except KeyboardInterrupt:
        return


def read_status(*, local: bool) -> tuple["SystemStatus", str]:
    """The status, and where it comes from."""
    import asyncio

    from app.services.system import get_system_status
    from app.services.system.remote import fetch_status

    if not local and (found := fetch_status()) is not None:
        return found, "asked the running server"
    return asyncio.run(get_system_status(max_age=0)), "the server is not running; checked from here"


def render(status: "SystemStatus", source: str, *, detailed: bool) -> "RenderableType":
    """The status for people."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from app.core import formatting

    head = Text.assemble(
        (f"{status.app} {status.version}", "bold"),
        "  ",
        (status.state.value, f"bold {_COLORS[status.state]}"),
        (f"  ({source})", "dim"),
    )
    parts: list[RenderableType] = [head]
    if detailed:
        table = Table("Component", "State", "Since", "Message", box=None, header_style="bold")
        for name, component in status.components.items():
            since = component.since.astimezone().strftime("%Y-%m-%d %H:%M:%S")
            state = Text(component.state.value, style=_COLORS[component.state])
            table.add_row(name, state, since, component.message)
            for key, value in component.details.items():
                text = f"{formatting.label(key)}: {formatting.detail(key, value)}"
                table.add_row("", "", "", Text(text, style="dim"))
            for child, result in component.children.items():
                state = Text(result.state.value, style=_COLORS[result.state])
                table.add_row(f"  {child}", state, "", result.message)
        used = status.resources
        parts += [
            table,
            Text(
                f"CPU {used.cpu_percent:.0f} %   memory {used.memory_percent:.0f} %   "
                f"disk {used.disk_percent:.0f} %   "
                f"process {formatting.size(used.process_memory_bytes)}   "
                f"up {formatting.duration(status.uptime_seconds)}"
            ),
        ]
    parts += [Text(f"Alert: {alert.message}", style="yellow") for alert in status.alerts]
    return Group(*parts)
