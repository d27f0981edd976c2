"""`redis`: how it is doing, and clearing the cache."""

import asyncio

import typer

cli = typer.Typer(
    help="Redis: how it is doing, and clearing the cache.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.command()
def status() -> None:
    """Show how Redis is doing; exit with 1 when it does not answer."""
    from redis.exceptions import RedisError

    from app.core.redis import redis_client
    from app.services.redis_health import check_redis

    async def look() -> None:
        try:
            result = await check_redis()
        finally:
            await redis_client().aclose()
        typer.echo(result.message)
        for name, value in result.details.items():
            typer.echo(f"  {name}: {value}")

    try:
        asyncio.run(look())
    except RedisError as error:
        typer.echo(f"No Redis answers ({type(error).__name__}).", err=True)
        raise typer.Exit(1) from None


@cli.command("clear-cache")
def clear_cache() -> None:
    """Forget everything that is cached; sessions and all else stay."""
    from redis.exceptions import RedisError

    from app.core.redis import redis_client
    from app.services.cache import clear

    async def forget() -> int:
        try:
            return await clear()
        finally:
            await redis_client().aclose()

    try:
        typer.echo(f"Removed {asyncio.run(forget())} entries.")
    except RedisError as error:
        typer.echo(f"No Redis answers ({type(error).__name__}).", err=True)
        raise typer.Exit(1) from None
