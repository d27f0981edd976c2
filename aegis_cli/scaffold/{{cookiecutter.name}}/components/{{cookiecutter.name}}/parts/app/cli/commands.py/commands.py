from app.cli.{{ cookiecutter.package }} import cli as {{ cookiecutter.package }}_cli

cli.add_typer({{ cookiecutter.package }}_cli, name="{{ cookiecutter.name }}")
