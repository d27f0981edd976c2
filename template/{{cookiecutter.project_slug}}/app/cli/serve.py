"""`serve`: runs the processes of this application."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.entrypoints.processes import Process


def serve(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which processes, such as `web`; all by default.")
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Restart the web process when its code changes.")
    ] = False,
) -> None:
    """Run all processes under one supervisor, or the one that is named.

    The supervisor prefixes their output, restarts what fails, and ends all with Ctrl-C.
    """
    from app.entrypoints.processes import find_processes

    try:
        chosen = find_processes(names or [])
    except LookupError as error:
        raise typer.BadParameter(str(error)) from None
    if names and len(chosen) == 1:
        run_here(chosen[0], reload=reload)
        return

    from app.cli.supervisor import Child, Supervisor

    children = []
    for process in chosen:
        options = ["--reload"] if reload and process.name == "web" else []
        command = [sys.executable, "-m", "app.cli", "serve", process.name, *options]
        children.append(Child(process.name, command))
    sys.exit(Supervisor(children).run())


def run_here(process: "Process", *, reload: bool) -> None:
    """Be that process."""
    from importlib import import_module

    from app.cli.supervisor import end_with_supervisor

    end_with_supervisor()
    module, _, function = process.target.partition(":")
    main = getattr(import_module(module), function)
    if process.name == "web":
        main(*process.args, reload=reload)
    else:
        main(*process.args)
