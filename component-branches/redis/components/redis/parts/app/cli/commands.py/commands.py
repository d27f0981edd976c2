from app.cli import redis

cli.add_typer(redis.cli, name="redis")
