from app.cli import db

cli.add_typer(db.cli, name="db")
