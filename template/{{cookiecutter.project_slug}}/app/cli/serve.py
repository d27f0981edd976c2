"""`serve`: runs the processes of this application."""

import signal
import sys
from typing import Annotated

import typer


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
    # Until somebody else listens. The first process of a container is told only what it has asked for: stopped
    # while it still loads, it would go on until it is killed. And a Redis that was started here is ended here.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from app.entrypoints.processes import find_processes, run_process

    try:
        chosen = find_processes(names or [])
    except LookupError as error:
        raise typer.BadParameter(str(error)) from None
    web_options = ["--reload"] if reload else []
    if names and len(chosen) == 1:
        run_process(chosen[0], web_options if chosen[0].name == "web" else [])
        return

    from app.core.supervisor import Child, Supervisor
    from app.entrypoints.prerequisites import prepared

    with prepared():
        children = []
        for process in chosen:
            # Who is asked for by name says itself why that cannot be.
            if not names and process.is_done_elsewhere():
                continue
            options = web_options if process.name == "web" else []
            command = [sys.executable, "-m", "app.entrypoints", process.name, *options]
            children.append(Child(process.name, command, process.stop_seconds()))
        code = Supervisor(children).run()
    sys.exit(code)
