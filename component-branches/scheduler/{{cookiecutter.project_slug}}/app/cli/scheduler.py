"""`scheduler`: jobs, their next runs and their history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.services.scheduler import Action

cli = typer.Typer(
    help="Jobs, their next runs and their history.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.command()
def jobs(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the jobs, the next one first."""
    from app.core.scheduler.manual import list_jobs

    found, is_running = list_jobs()
    if as_json:
        import json

        typer.echo(json.dumps([job.model_dump(mode="json") for job in found], indent=2))
        return

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Job", "Next run", "When", "Function", box=None, header_style="bold")
    for job in found:
        next_run = "kept" if job.problem else when(job.next_run)
        cells = (job.id, next_run, job.trigger, job.function)
        table.add_row(*map(escape, cells))
    Console().print(table)
    for job in found:
        if job.problem:
            typer.echo(f"{job.id} cannot be run: {job.problem}", err=True)
    if not is_running:
        typer.echo("No scheduler is running; these are the jobs that it would run.", err=True)


@cli.command("next")
def next_runs(
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=100_000)] = 5,
) -> None:
    """Show which jobs run next."""
    from app.core.scheduler.manual import list_jobs

    found, _ = list_jobs()
    for job in [job for job in found if job.next_run is not None][:count]:
        typer.echo(f"{when(job.next_run)}  {job.id}")


@cli.command()
def run(job: Annotated[str, typer.Argument(help="The job's id.")]) -> None:
    """Run a job now, here, whatever its schedule says; exit with 1 when it fails."""
    import asyncio

    from app.core.config import settings
    from app.core.logging import configure_logging
    from app.core.scheduler.manual import run_now

    configure_logging(settings)
    done = asyncio.run(run_now(job))
    typer.echo(f"{done.job}: {done.outcome.value} in {done.duration_ms:.0f} ms")
    if done.error:
        typer.secho(done.error, fg="red", err=True)
        raise typer.Exit(1)


@cli.command()
def pause(job: Annotated[str, typer.Argument(help="The job's id.")]) -> None:
    """Let a job not run until somebody resumes it, across restarts as well."""
    from app.services.scheduler import Action

    ask(Action.PAUSE, job)


@cli.command()
def resume(job: Annotated[str, typer.Argument(help="The job's id.")]) -> None:
    """Let a job that was paused run again; a run for once that was due meanwhile is made up for."""
    from app.services.scheduler import Action

    ask(Action.RESUME, job)


@cli.command()
def history(
    job: Annotated[str | None, typer.Argument(help="Only this job.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the latest runs."""
    from app.services.scheduler import scheduler_memory

    runs = scheduler_memory().runs(limit, job)
    if as_json:
        import json

        typer.echo(json.dumps([run.model_dump(mode="json") for run in runs], indent=2))
        return

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Ended", "Job", "Outcome", "Took", "Error", box=None, header_style="bold")
    for found in runs:
        outcome = f"{found.outcome.value} (by hand)" if found.is_manual else found.outcome.value
        took = f"{found.duration_ms:.0f} ms"
        cells = (when(found.finished_at), found.job, outcome, took, found.error)
        table.add_row(*map(escape, cells))
    Console().print(table)


@cli.command()
def status() -> None:
    """Say whether a scheduler is running, and which jobs are paused; exit with 1 when none is running."""
    from app.core.config import settings
    from app.services.scheduler import scheduler_memory
    from app.services.scheduler.health import paused_text

    beat = scheduler_memory().last_beat()
    if beat is None or not beat.is_fresh(datetime.now(UTC), settings.SCHEDULER_HEARTBEAT_SECONDS):
        typer.echo("No scheduler is running.")
        raise typer.Exit(1)
    typer.echo(f"Running on {beat.host} (process {beat.pid}) with {beat.job_count} jobs.")
    if paused := paused_text(beat.jobs):
        typer.echo(f"{paused}.")


def ask(action: Action, job: str) -> None:
    """Ask the scheduler's process, and say when it does it."""
    import asyncio

    from app.core.config import settings
    from app.core.scheduler import manual

    if asyncio.run(manual.ask(action, job)):
        seconds = settings.SCHEDULER_HEARTBEAT_SECONDS
        typer.echo(f"{job}: {action.value} within {seconds:g} seconds.")
    else:
        typer.echo(f"{job}: {action.value} when a scheduler starts; none is running.")


def when(at: datetime | None) -> str:
    """A time for people, in the zone of this machine."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S") if at else "paused"
