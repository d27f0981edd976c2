from app.cli import load_test, worker

cli.add_typer(worker.cli, name="worker")
cli.add_typer(load_test.cli, name="load-test")
