"""Settings: what they accept, and how they complain."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError

from app.core import envfile, redaction
from app.core.address import Address
from app.core.config import Settings, load_settings, secrets_in
from app.core.constants import ROOT
from app.core.errors import ConfigurationError
from app.settings import CoreSettings

MakeSettings = Callable[..., Settings]


def test_lists_are_separated_by_commas(settings: MakeSettings) -> None:
    found = settings(ALLOWED_HOSTS="a.example.com, b.example.com,")
    assert found.ALLOWED_HOSTS == ["a.example.com", "b.example.com"]


def test_lists_may_be_json(settings: MakeSettings) -> None:
    found = settings(ALLOWED_HOSTS='["a.example.com", "b.example.com"]', CORS_ORIGINS="[]")
    assert found.ALLOWED_HOSTS == ["a.example.com", "b.example.com"]
    assert found.CORS_ORIGINS == []


@pytest.mark.parametrize("value", ["[a.example.com]", '["a.example.com"', "[1]"])
def test_what_only_looks_like_json_is_refused(settings: MakeSettings, value: str) -> None:
    with pytest.raises(ValidationError, match="ALLOWED_HOSTS"):
        settings(ALLOWED_HOSTS=value)


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


def test_passwords_within_addresses_are_masked_everywhere() -> None:
    found = set(secrets_in("smtp://me:p%40ss-word%2F1@mail.example.com"))
    assert found == {"p%40ss-word%2F1", "p@ss-word/1"}
    found = set(secrets_in(SecretStr("redis://:only-a-password@cache:6379/0")))
    assert "only-a-password" in found
    assert not set(secrets_in("https://user@example.com:8000/a:b@c"))


@pytest.mark.parametrize("password", ["a@b", "a/b", "a?b", "a#b", "qk/3+Zp@7hT9xW=="])
def test_an_address_that_would_be_cut_within_its_password_is_refused(password: str) -> None:
    with pytest.raises(ValueError, match="%40") as error:
        Address.checked(f"postgresql://app:{password}@db.example.com:5432/app")
    assert password not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://app:a%40b:c@db.example.com:5432/app?sslmode=require",
        "redis://[::1]:6379/0",
        "sqlite:////home/me@work/data.db",
        "unix:///run/redis@1.sock",
        "memory://",
    ],
)
def test_other_addresses_are_taken_as_they_are(address: str) -> None:
    assert Address.checked(address) == address


def test_an_address_shows_no_password_where_settings_are_shown() -> None:
    shown = repr(Address("postgresql://app:correct-horse@db/app"))
    assert "correct-horse" not in shown
    assert "@db/app" in shown


class Thing(BaseModel):
    """A value with a value inside."""

    key: SecretStr


class Things(CoreSettings):
    """Settings with such values."""

    THINGS: dict[str, Thing] = Field(default_factory=dict)


def test_what_is_inside_of_a_value_is_set_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGS__FIRST__KEY", "correct-horse-battery")
    found = Things()
    assert list(found.THINGS) == ["first"]
    assert list(secrets_in(found)) == ["correct-horse-battery"]
    assert "horse" not in repr(found)


def test_logs_are_json_in_production_only(settings: MakeSettings) -> None:
    assert settings(APP_ENV="production").log_format == "json"
    assert settings(APP_ENV="development").log_format == "console"


def test_production_warns_of_open_doors(settings: MakeSettings) -> None:
    warnings = " ".join(settings(APP_ENV="production", CORS_ORIGINS="*").warnings())
    assert "ALLOWED_HOSTS" in warnings
    assert ("DASHBOARD_TOKEN" in warnings) == Settings.dashboard_takes_token
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


@pytest.mark.parametrize(("wrong", "meant"), [("LOG_LEVLE", "LOG_LEVEL"), ("PROT", "PORT")])
def test_a_typing_error_in_the_env_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, meant: str
) -> None:
    path = tmp_path / ".env"
    lines = [f"{wrong}=1", "HOST=1", "DASHBOARD_TOKEN_FILE=/t", "SOMETHING_OF_ANOTHER_TOOL=1"]
    path.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(envfile, "ENV_FILE", path)
    [line] = envfile.unknown_names()
    assert f"sets {wrong}, which is not a setting. Did you mean {meant}?" in line
