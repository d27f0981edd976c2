"""`redis`: how it is doing, and clearing the cache."""

import typer

cli = typer.Typer(
    help="Redis: how it is doing, and clearing the cache.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@cli.command()
async def status() -> None:
    """Show how Redis is doing; exit with 1 when it does not answer."""
    from redis.exceptions import RedisError

    from app.core.redis import redis_client
    from app.services.redis_health import check_redis

    try:
        result = await check_redis()
    except RedisError as error:
        raise no_answer(error) from None
    finally:
        await redis_client().aclose()
    typer.echo(result.message)
    for name, value in result.details.items():
        typer.echo(f"  {name}: {value}")


@cli.command("clear-cache")
async def clear_cache() -> None:
    """Forget everything that is cached; sessions and all else stay."""
    from redis.exceptions import RedisError

    from app.core.redis import redis_client
    from app.services.cache import clear

    try:
        typer.echo(f"Removed {await clear()} entries.")
    except RedisError as error:
        raise no_answer(error) from None
    finally:
        await redis_client().aclose()


def no_answer(error: Exception) -> typer.Exit:
    """Say so, and end with 1."""
    typer.echo(f"No Redis answers ({type(error).__name__}).", err=True)
    return typer.Exit(1)
