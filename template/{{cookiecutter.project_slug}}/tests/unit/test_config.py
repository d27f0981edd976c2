"""Settings: what they accept, and how they complain."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core import envfile, redaction
from app.core.config import Settings, load_settings
from app.core.constants import ROOT
from app.core.errors import ConfigurationError

MakeSettings = Callable[..., Settings]


def test_lists_are_separated_by_commas(settings: MakeSettings) -> None:
    found = settings(ALLOWED_HOSTS="a.example.com, b.example.com,")
    assert found.ALLOWED_HOSTS == ["a.example.com", "b.example.com"]


def test_an_empty_value_means_the_default(settings: MakeSettings) -> None:
    assert settings(PORT="", DASHBOARD_TOKEN="").PORT == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "many"),
        ("LOG_LEVEL", "LOUD"),
        ("CORS_ORIGINS", "example.com"),
        ("DASHBOARD_TOKEN", "short"),
        ("ALERT_CPU_PERCENT", "101"),
    ],
)
def test_a_bad_value_is_refused(settings: MakeSettings, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        settings(**{name: value})


def test_each_bad_value_gets_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("CORS_ORIGINS", "example.com")
    monkeypatch.setenv("DASHBOARD_TOKEN", "hunter2")
    with pytest.raises(ConfigurationError) as error:
        load_settings()
    assert [problem.split(":")[0] for problem in error.value.problems] == [
        "PORT",
        "CORS_ORIGINS",
        "DASHBOARD_TOKEN",
    ]
    assert "hunter2" not in str(error.value)


def test_the_values_of_secret_settings_are_masked_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setenv("DASHBOARD_TOKEN", "correct-horse-battery")
    load_settings()
    text = redaction.redact("Somebody typed correct-horse-battery into the wrong field.")
    assert text == "Somebody typed *** into the wrong field."


def test_logs_are_json_in_production_only(settings: MakeSettings) -> None:
    assert settings(APP_ENV="production").log_format == "json"
    assert settings(APP_ENV="development").log_format == "console"


def test_production_warns_of_open_doors(settings: MakeSettings) -> None:
    warnings = " ".join(settings(APP_ENV="production", CORS_ORIGINS="*").warnings())
    assert "ALLOWED_HOSTS" in warnings
    assert "DASHBOARD_TOKEN" in warnings
    assert "CORS_ORIGINS" in warnings


def test_the_example_documents_every_setting_and_nothing_else() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    documented = set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", example, re.MULTILINE))
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    used_by_compose = set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", compose))
    assert documented == set(Settings.model_fields) | used_by_compose


def test_the_example_holds_the_defaults(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = settings()
    assert Settings(_env_file=ROOT / ".env.example") == defaults


def test_a_typing_error_in_the_env_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / ".env"
    path.write_text("LOG_LEVLE=DEBUG\nPORT=1\nSOMETHING_OF_ANOTHER_TOOL=1\n", encoding="utf-8")
    monkeypatch.setattr(envfile, "ENV_FILE", path)
    [line] = envfile.unknown_names()
    assert "LOG_LEVLE" in line
    assert "Did you mean LOG_LEVEL?" in line
