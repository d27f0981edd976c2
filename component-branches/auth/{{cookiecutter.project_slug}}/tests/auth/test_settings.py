"""Settings of accounts: what production cannot do without, and what is as good as nothing."""

import asyncio
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.constants import ROOT
from app.core.errors import ConfigurationError
from app.core.secret_rules import problem_of_secret
from app.services.auth import lifespan

MakeSettings = Callable[..., Settings]
GOOD = {
    "APP_ENV": "production",
    "AUTH_SECRET_KEY": secrets.token_urlsafe(32),
    "PUBLIC_URL": "https://example.com",
}


@pytest.mark.parametrize(
    "secret",
    [
        "hunter2",
        "changeme",
        "x" * 64,
        "0123456" * 6,
        "changethis-changethis-changethis-changethis",
        "your-secret-key-which-is-rather-long-but-known",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    ],
)
def test_a_key_that_others_know_is_refused(settings: MakeSettings, secret: str) -> None:
    with pytest.raises(ValidationError, match="AUTH_SECRET_KEY") as error:
        settings(AUTH_SECRET_KEY=secret)
    assert secret not in str(error.value)
    with pytest.raises(ValidationError, match="AUTH_PREVIOUS_KEYS"):
        settings(AUTH_PREVIOUS_KEYS=f"{GOOD['AUTH_SECRET_KEY']},{secret}")


def test_a_key_from_the_example_is_refused(tmp_path: Path) -> None:
    secret = secrets.token_urlsafe(32)
    example = tmp_path / ".env.example"
    assert problem_of_secret(secret, example) is None
    example.write_text(f"AUTH_SECRET_KEY={secret}\n")
    assert "example" in (problem_of_secret(secret, example) or "")


def test_several_web_processes_that_count_tries_apart_are_warned_of(settings: MakeSettings) -> None:
    name = "WEB_WORKERS: each counts tries"
    apart = "REDIS_URL" not in Settings.model_fields
    assert (name in " ".join(settings(**GOOD, WEB_WORKERS="3").warnings())) is apart
    assert name not in " ".join(settings(**GOOD).warnings())


def test_no_file_of_this_project_brings_a_key() -> None:
    for path in (".env.example", "docker-compose.yml"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for line in text.splitlines():
            name, _, value = line.strip().partition("=")
            assert name not in {"AUTH_SECRET_KEY", "AUTH_PREVIOUS_KEYS"} or value == ""


def start(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def enter() -> None:
        async with lifespan.auth_lifespan():
            pass

    monkeypatch.setattr(lifespan, "settings", config)
    asyncio.run(enter())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"AUTH_SECRET_KEY": ""}, "AUTH_SECRET_KEY"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://example.com"}, "PUBLIC_URL"),
        ({"TRUSTED_PROXIES": "*"}, "TRUSTED_PROXIES"),
    ],
)
def test_production_does_not_start_without_what_it_needs(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], named: str
) -> None:
    config = settings(**GOOD | change)
    assert named in " ".join(config.warnings())
    with pytest.raises(ConfigurationError, match=named):
        start(config, monkeypatch)


def test_production_starts_with_it(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    config = settings(**GOOD)
    start(config, monkeypatch)
    assert "MAIL_URL" in " ".join(config.warnings())


def test_a_role_that_is_misspelt_stops_every_process(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take no second factor, and nobody would notice."""
    config = settings(AUTH_SECOND_FACTOR_REQUIRED_ROLES="admin, amdin")
    assert "amdin" in " ".join(config.warnings())
    with pytest.raises(ConfigurationError, match="there is no role amdin"):
        start(config, monkeypatch)
    for value in ("admin, user", '["admin", "user"]'):
        config = settings(AUTH_SECOND_FACTOR_REQUIRED_ROLES=value)
        assert config.AUTH_SECOND_FACTOR_REQUIRED_ROLES == ["admin", "user"]
        start(config, monkeypatch)


def test_administrators_with_a_password_alone_are_warned_of(settings: MakeSettings) -> None:
    name = "AUTH_SECOND_FACTOR_REQUIRED_ROLES"
    assert name in " ".join(settings(**GOOD).warnings())
    assert name not in " ".join(settings(**GOOD | {name: "admin"}).warnings())
    assert name not in " ".join(settings().warnings())


def test_development_needs_nothing(settings: MakeSettings) -> None:
    assert list(settings().dangers()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH_LOGIN_LIMIT_PER_ADDRESS", "many"),
        ("AUTH_LOGIN_LIMIT_PER_ACCOUNT", "10/fortnight"),
        ("AUTH_PASSWORD_MIN_LENGTH", "4"),
        ("AUTH_REFRESH_GRACE_SECONDS", "3600"),
        ("AUTH_AUDIT_DAYS", "999999"),
        ("MAIL_URL", "mail.example.com"),
        ("MAIL_URL", "http://mail.example.com"),
        ("PUBLIC_URL", "example.com"),
    ],
)
def test_a_bad_value_is_refused(settings: MakeSettings, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        settings(**{name: value})


def test_the_password_of_the_mail_server_is_masked(settings: MakeSettings) -> None:
    config = settings(MAIL_URL="smtps://user:hunter2hunter2@mail.example.com")
    assert "hunter2" not in repr(config)


def test_adding_accounts_makes_no_command_slow() -> None:
    """What is heavy is imported by what needs it."""
    code = "import app.cli.commands as c, sys; c.build_cli(); print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(result.stdout.split())
    heavy = {"jwt", "pwdlib", "limits", "sqlmodel", "email_validator", "aiosmtplib"}
    assert not loaded & (heavy | {"pyotp", "cryptography"})
