"""The command line."""

import json
import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from app.cli.commands import build_cli
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
        timeout=60,
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
    assert "Traceback" not in result.stderr


def test_the_command_line_starts_without_the_application() -> None:
    code = "import sys; import app.cli.commands as c; c.build_cli(); print(list(sys.modules))"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    for heavy in ("fastapi", "flet", "pydantic", "psutil", "structlog"):
        assert f"'{heavy}'" not in result.stdout
