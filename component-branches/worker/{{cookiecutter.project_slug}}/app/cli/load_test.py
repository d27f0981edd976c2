"""`load-test`: how much the workers can do."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.services.load_test import LoadTestReport

cli = typer.Typer(
    help="How much the workers can do.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.command()
def run(
    jobs: Annotated[int, typer.Option("--jobs", "-n", help="How many.")] = 1000,
    kind: Annotated[str, typer.Option("--kind", "-k", help="io, cpu, memory or failing.")] = "io",
    duration_ms: Annotated[int, typer.Option(help="How long each job takes.")] = 10,
    memory_mb: Annotated[int, typer.Option(help="What a job of memory takes.")] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the end.", min=1)] = 300.0,
) -> None:
    """Start a test, follow it, and show what came of it; exit with 1 when it does not end in time."""
    import asyncio

    from pydantic import ValidationError

    from app.services.load_test import LoadTestRequest

    values = {"jobs": jobs, "kind": kind, "duration_ms": duration_ms, "memory_mb": memory_mb}
    try:
        request = LoadTestRequest.model_validate(values)
    except ValidationError as error:
        problems = [f"{found['loc'][0]}: {found['msg']}" for found in error.errors()]
        raise typer.BadParameter("; ".join(problems)) from None

    async def follow() -> "LoadTestReport":
        from rich.console import Console
        from rich.progress import Progress

        from app.core.resources import open_shared_resources
        from app.services.load_test import read_report, start_load_test

        loop = asyncio.get_running_loop()
        console = Console(stderr=True)
        async with open_shared_resources():
            test = await start_load_test(request)
            deadline = loop.time() + patience
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task(f"{kind} jobs", total=jobs)
                while True:
                    report = await read_report(test.id)
                    progress.update(task, completed=report.done)
                    if report.is_finished or loop.time() > deadline:
                        return report
                    await asyncio.sleep(0.2)

    report = asyncio.run(follow())
    show_report(report, as_json=as_json)
    if not report.is_finished:
        raise typer.Exit(1)


@cli.command()
def show(
    test: Annotated[str, typer.Argument(help="The test's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how a test goes, or went."""
    from app.cli import worker
    from app.services.load_test import read_report

    show_report(worker.run(lambda: read_report(test)), as_json=as_json)


def show_report(report: "LoadTestReport", *, as_json: bool) -> None:
    """The report for people, or for programs."""
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    test, latency = report.test, report.latency_ms
    state = "finished" if report.is_finished else "running"
    typer.echo(f"Load test {test.id}: {test.kind.value}, {state}")
    typer.echo(f"  jobs      {report.done:,} of {test.jobs:,}, {report.failed:,} failed")
    typer.echo(f"  time      {report.seconds:.1f} s, {report.jobs_per_second:,.0f} jobs per second")
    typer.echo(
        f"  latency   p50 {latency.p50:,.0f} ms, p95 {latency.p95:,.0f} ms, "
        f"p99 {latency.p99:,.0f} ms, longest {latency.longest:,.0f} ms"
    )
