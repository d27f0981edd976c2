"""`ai`: chat, single questions, providers and usage."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

T = TypeVar("T")

cli = typer.Typer(help="The assistant.", no_args_is_help=True, pretty_exceptions_enable=False)

ModelOption = Annotated[
    str | None,
    typer.Option("--model", "-m", help="PROVIDER or PROVIDER:MODEL, instead of the settings'."),
]


@cli.command()
def chat(model: ModelOption = None) -> None:
    """Talk to the assistant. /help shows the commands; Ctrl-C stops an answer, Ctrl-D ends."""
    from app.cli.ai_chat import run_chat

    run(lambda: run_chat(model))


@cli.command()
def ask(
    question: Annotated[list[str] | None, typer.Argument(help="The question.")] = None,
    model: ModelOption = None,
) -> None:
    """Ask once and print the answer as plain text. What is piped in comes after the question."""
    parts = [" ".join(question or [])]
    if not sys.stdin.isatty():
        parts.append(sys.stdin.read())
    message = "\n\n".join(part for part in parts if part.strip())
    if not message:
        raise typer.BadParameter("ask something, or pipe a text in")
    try:
        run(lambda: print_answer(message, model))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


async def print_answer(message: str, model: str | None) -> None:
    """Print an answer while it comes."""
    from app.services.ai import OPERATOR, AnswerState, Done, Text, chat_service

    live = await chat_service().start(message, caller=OPERATOR, model=model)
    try:
        async for event in live.events():
            if isinstance(event, Text):
                typer.echo(event.text, nl=False)
            elif isinstance(event, Done):
                typer.echo()
                if event.turn.state is not AnswerState.COMPLETE:
                    typer.echo(f"Not complete: {event.turn.problem}", err=True)
                    raise typer.Exit(1)
    finally:
        await live.stop()


@cli.command()
def providers(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask each provider whether it knows the key and the model; exit with 1 if the chosen one does not."""
    from app.services.ai.checking import check_providers

    found = run(check_providers)
    if as_json:
        import json

        rows = [
            {
                "name": checked.provider.name,
                "model": checked.model,
                "is_chosen": checked.is_chosen,
                "works": checked.works,
                "message": checked.message,
            }
            for checked in found
        ]
        typer.echo(json.dumps(rows, indent=2))
    else:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        words = {True: ("works", "green"), False: ("fails", "red"), None: ("not set up", "dim")}
        table = Table("", "Provider", "Model", "State", "", box=None, header_style="bold")
        for checked in found:
            mark = "*" if checked.is_chosen else ""
            word, colour = words[checked.works]
            name = checked.provider.name
            table.add_row(mark, name, checked.model, Text(word, style=colour), checked.message)
        Console().print(table)
    if any(checked.is_chosen and not checked.works for checked in found):
        raise typer.Exit(1)


@cli.command()
def usage(
    days: Annotated[int, typer.Option(help="How many days, today included.", min=1, max=366)] = 30,
    by: Annotated[str, typer.Option(help="day, model or user.")] = "day",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what was used, and what it cost as far as that is known."""
    from app.services.ai.usage import sums, used_since

    keys = {
        "day": lambda row: row.day.isoformat(),
        "model": lambda row: f"{row.provider}:{row.model}",
        "user": lambda row: row.user_id or "(operators)",
    }
    if by not in keys:
        raise typer.BadParameter("by is day, model or user")
    since, rows = run(lambda: used_since(days))
    if as_json:
        import json

        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    if not rows:
        typer.echo(f"Nothing was used since {since}.")
        return

    from rich.console import Console
    from rich.table import Table

    table = Table(by.capitalize(), "Answers", "Tokens", "Cost ($)", box=None, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, found in sums(rows, keys[by]).items():
        table.add_row(name, f"{found.answers:,}", f"{found.tokens:,}", f"{found.cost:.4f}")
    Console().print(table)
    if unpriced := sum(row.unpriced for row in rows):
        typer.echo(f"The cost of {unpriced:,} answers is not known.")


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run something with what all processes open, and close it."""
    import asyncio

    from app.core.resources import open_shared_resources

    async def opened() -> T:
        async with open_shared_resources():
            return await work()

    return asyncio.run(opened())
