"""`worker`: queues, and jobs that have failed."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from app.services.queues import FailedJob

T = TypeVar("T")

cli = typer.Typer(
    help="Queues, workers and failed jobs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

QueueOption = Annotated[str | None, typer.Option("--queue", "-q", help="Only this queue.")]


@cli.command()
def queues(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the queues: what waits, what runs, who works, and what came of it."""
    from app.services.queues import read_queues

    found = run(read_queues)
    if as_json:
        import json

        typer.echo(json.dumps([queue.model_dump(mode="json") for queue in found], indent=2))
        return

    from rich.console import Console
    from rich.table import Table

    heads = ("Queue", "Workers", "Waiting", "Running", "Deferred", "Done", "Failed", "Repeated")
    table = Table(*heads, box=None, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for queue in found:
        figures = (len(queue.workers), queue.waiting, queue.running, queue.deferred)
        totals = (queue.done, queue.failed, queue.repeated)
        table.add_row(queue.name, *(f"{figure:,}" for figure in figures + totals))
    Console().print(table)
    for queue in found:
        if not queue.workers:
            typer.echo(f"No worker is running on {queue.name}.", err=True)


@cli.command()
def failed(
    queue: QueueOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many.", min=1, max=100_000)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the jobs that have failed for good, the newest first."""
    from app.services.queues import failed_jobs

    name = known(queue)
    found = run(lambda: failed_jobs(limit, name))
    if as_json:
        import json

        typer.echo(json.dumps([visible(job) for job in found], indent=2))
        return

    for job in found:
        tries = "1 try" if job.tries == 1 else f"{job.tries} tries"
        typer.secho(f"{when(job.failed_at)}  {job.queue}  {job.function}  {job.id}", bold=True)
        typer.echo(f"  {job.error} (after {tries})")
    if not found:
        typer.echo("No job has failed.")


@cli.command()
def retry(
    job: Annotated[str | None, typer.Argument(help="The job's id.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that have failed.")] = False,
    queue: QueueOption = None,
) -> None:
    """Put failed jobs back into their queue, with all their tries."""
    if (job is None) is not everything:
        raise typer.BadParameter("name a job, or say --all")
    from app.core.errors import AppError, NotFoundError
    from app.core.formatting import many
    from app.services.queues import failed_jobs, retry_failed_job

    name = known(queue)

    async def put_back() -> int:
        found = await failed_jobs(None, name)
        chosen = [one for one in found if everything or one.id == job]
        if not chosen and not everything:
            raise NotFoundError(f"No failed job is called {job!r}.")
        count = 0
        for one in chosen:
            try:
                await retry_failed_job(one)
                count += 1
            except AppError as error:
                typer.echo(str(error), err=True)
        return count

    count = run(put_back)
    typer.echo(f"Put {many(count, 'job')} back.")
    if count == 0 and not everything:
        raise typer.Exit(1)


@cli.command()
def forget(queue: QueueOption = None) -> None:
    """Forget the failed jobs; the totals stay."""
    from app.services.queues import forget_failed_jobs

    name = known(queue)
    typer.echo(f"Forgot {run(lambda: forget_failed_jobs(name))}.")


@cli.command()
def enqueue(
    queue: Annotated[str, typer.Argument(help="The queue.")],
    function: Annotated[str, typer.Argument(help="What to do.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Arguments, as JSON or as plain text.")
    ] = None,
) -> None:
    """Put a job into a queue."""
    from app.components.worker.process import task_names
    from app.core.queues import find_queue
    from app.services.queues import get_queue_pool

    chosen = find_queue(queue)
    names = task_names(chosen)
    if function not in names:
        raise typer.BadParameter(f"{queue} can do: {', '.join(names)}")

    async def put() -> str:
        pool, _ = await get_queue_pool(chosen.name)
        try:
            job = await pool.enqueue_job(function, *map(parse, arguments or []))
        finally:
            await pool.aclose()
        return job.job_id if job is not None else ""

    typer.echo(run(put))


@cli.command()
def status(
    queue: Annotated[str, typer.Argument(help="The queue.")],
    here: Annotated[bool, typer.Option("--here", help="Only workers on this machine.")] = False,
) -> None:
    """Say whether a worker is running; exit with 1 when none is."""
    import socket

    from app.core.queues import find_queue
    from app.services.queues.records import read_queue

    chosen = find_queue(queue)
    workers = run(lambda: read_queue(chosen)).workers
    if here:
        workers = [worker for worker in workers if worker.host == socket.gethostname()]
    if not workers:
        typer.echo(f"No worker is running on {chosen.name}.")
        raise typer.Exit(1)
    for worker in workers:
        typer.echo(f"Running on {worker.host} (process {worker.pid}): {worker.running} jobs.")


def run(function: Callable[[], Awaitable[T]]) -> T:
    """Call it with the Redis that the workers use; exit with 1 when there is none."""
    import asyncio

    from redis.exceptions import RedisError

    from app.core.constants import PROJECT_SLUG
    from app.core.redaction import redact
    from app.core.redis import make_client, use_redis
    from app.core.redis_url import is_in_process, redis_url

    async def call() -> T:
        async with use_redis(make_client(redis_url())):
            return await function()

    look = f"uv run {PROJECT_SLUG} health --detailed"
    hint = f"Without a server the queues are in the web process: {look}"
    if is_in_process():
        typer.echo(f"Redis is embedded. {hint}", err=True)
        raise typer.Exit(1)
    try:
        return asyncio.run(call())
    except RedisError as error:
        problem = f"No Redis answers at {redact(redis_url())} ({type(error).__name__})."
        typer.echo(f"{problem} {hint}", err=True)
        raise typer.Exit(1) from None


def known(queue: str | None) -> str | None:
    """The name of a queue, if there is one of that name."""
    from app.core.queues import find_queue

    return find_queue(queue).name if queue is not None else None


def parse(argument: str) -> Any:
    """JSON, or else the text itself."""
    import json

    try:
        return json.loads(argument)
    except ValueError:
        return argument


def visible(job: "FailedJob") -> dict[str, Any]:
    """A failed job for everybody's eyes: its arguments may hold secrets."""
    from app.core.redaction import redact

    values = job.model_dump(mode="json")
    for name in ("args", "kwargs"):
        values[name] = redact(str(values[name]))
    return values


def when(at: datetime) -> str:
    """A time for people, in the zone of this machine."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
