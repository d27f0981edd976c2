"""The command line."""

import asyncio
import json
import os
import re
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from app.cli.commands import build_cli, open_closed_streams
from app.core.constants import PROJECT_SLUG
from app.services.system import CheckResult, HealthRegistry
from app.services.system import status as status_module
from app.services.system.status import StatusService

runner = CliRunner()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, where it reads its own settings."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
        check=False,
    )


def test_health_names_the_application() -> None:
    result = runner.invoke(build_cli(), ["health", "--local", "--detailed"])
    assert result.exit_code == 0
    assert PROJECT_SLUG in result.output.replace("\n", "")
    assert "backend" in result.output
    assert re.search(r"Memory free: \d+(\.\d)? [GM]B", result.output)


def test_health_as_json_is_the_whole_tree() -> None:
    result = runner.invoke(build_cli(), ["health", "--local", "--json"])
    tree = json.loads(result.output)
    assert tree["overall_healthy"] is True
    assert "backend" in tree["components"]


def test_health_fails_when_something_required_does(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> CheckResult:
        return CheckResult.unhealthy("Gone")

    registry = HealthRegistry()
    registry.register("thing", broken)
    monkeypatch.setattr(status_module, "status_service", lambda: StatusService(registry))
    result = runner.invoke(build_cli(), ["health", "--local", "--detailed"])
    assert result.exit_code == 1
    assert "Gone" in result.output


def test_routes_lists_the_api() -> None:
    result = runner.invoke(build_cli(), ["routes", "--json"])
    assert "/health" in {route["path"] for route in json.loads(result.output)}


def test_version() -> None:
    assert runner.invoke(build_cli(), ["version"]).output.startswith(f"{PROJECT_SLUG} ")


def test_config_masks_secrets() -> None:
    result = run("config", "--json", DASHBOARD_TOKEN="a-token-of-some-length")
    assert json.loads(result.stdout)["DASHBOARD_TOKEN"] == "**********"


def test_config_check_names_each_bad_value() -> None:
    result = run("config", "check", PORT="many", LOG_LEVEL="loud")
    assert result.returncode == 2
    assert "PORT: " in result.stderr
    assert "LOG_LEVEL: " in result.stderr
    assert f"uv run {PROJECT_SLUG} config check" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_command_may_be_async() -> None:
    mine = typer.Typer()

    @mine.command()
    async def greet(name: str) -> None:
        await asyncio.sleep(0)
        typer.echo(f"Hello, {name}!")
        raise typer.Exit(3)

    cli = build_cli()
    cli.command("greet")(greet)
    cli.add_typer(mine, name="mine")
    for words in (["greet", "Ada"], ["mine", "greet", "Ada"]):
        result = runner.invoke(cli, words)
        assert (result.output, result.exit_code) == ("Hello, Ada!\n", 3)


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_closed_holds_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As with `<&-`, or in some services: Python has None there, which nobody can read or ask."""
    monkeypatch.setattr(sys, name, None)
    open_closed_streams()
    with getattr(sys, name) as stream:
        assert not stream.isatty()


def test_the_command_line_starts_with_little_more_than_typer() -> None:
    # Whoever asks for `--help` waits for all that is imported outside of commands.
    code = (
        "import sys, typer; before = {*sys.modules}; import app.cli.commands as commands; "
        "commands.build_cli(); print(*before); print(*{*sys.modules} - before)"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    typers, ours = (set(line.split()) for line in result.stdout.splitlines())
    assert (typers | ours).isdisjoint({"fastapi", "flet", "pydantic", "psutil", "structlog"})
    foreign = sorted(name for name in ours if name.partition(".")[0] != "app")
    assert len(foreign) <= 20, f"import these in the commands that need them: {foreign}"
