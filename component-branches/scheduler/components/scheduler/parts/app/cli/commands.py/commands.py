from app.cli import scheduler

cli.add_typer(scheduler.cli, name="scheduler")
