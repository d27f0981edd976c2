"""Settings whose values are in files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.config import Settings, load_settings
from app.core.errors import ConfigurationError

MakeSettings = Callable[..., Settings]

TOKEN = "correct-horse-battery"


def token_of(found: Settings) -> str:
    return found.DASHBOARD_TOKEN.get_secret_value() if found.DASHBOARD_TOKEN else ""


def test_a_variable_names_the_file_of_a_value(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (tmp_path / "hosts").write_text("a.example.com, b.example.com", encoding="utf-8")
    monkeypatch.setenv("DASHBOARD_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("ALLOWED_HOSTS_FILE", str(tmp_path / "hosts"))
    found = settings(DASHBOARD_TOKEN="that-of-the-environment")
    assert token_of(found) == TOKEN
    assert found.ALLOWED_HOSTS == ["a.example.com", "b.example.com"]


def test_what_editors_add_does_not_belong_to_the_value(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbf" + TOKEN.encode() + b"\r\n")
    monkeypatch.setenv("DASHBOARD_TOKEN_FILE", str(tmp_path / "token"))
    assert token_of(settings()) == TOKEN


def test_the_env_file_can_name_one_as_well(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    env = tmp_path / "env"
    env.write_text(f"DASHBOARD_TOKEN_FILE={tmp_path / 'token'}\n", encoding="utf-8")
    assert token_of(Settings(_env_file=env)) == TOKEN


def test_a_folder_has_a_file_for_each_secret(settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "dashboard_token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (tmp_path / "log_level").write_text("debug", encoding="utf-8")
    (tmp_path / "of-something-else").mkdir()
    found = settings(SECRETS_DIR=str(tmp_path), LOG_LEVEL="ERROR")
    assert token_of(found) == TOKEN
    assert found.LOG_LEVEL == "ERROR"


def test_without_the_folder_nothing_is_missing(settings: MakeSettings, tmp_path: Path) -> None:
    assert settings(SECRETS_DIR=str(tmp_path / "nowhere")).DASHBOARD_TOKEN is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "it is not text"),
        (b"", "it is empty"),
        (b" \n", "it is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    content: bytes | None,
    problem: str,
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("DASHBOARD_TOKEN_FILE", str(path))
    with pytest.raises(ConfigurationError, match=f"DASHBOARD_TOKEN_FILE: .*{problem}"):
        settings()


def test_a_file_of_the_folder_that_is_empty_is_named(
    settings: MakeSettings, tmp_path: Path
) -> None:
    (tmp_path / "dashboard_token").touch()
    with pytest.raises(ConfigurationError, match=r"SECRETS_DIR: .*dashboard_token: it is empty"):
        settings(SECRETS_DIR=str(tmp_path))
    # Nobody asks it where there is a value.
    assert token_of(settings(SECRETS_DIR=str(tmp_path), DASHBOARD_TOKEN=TOKEN)) == TOKEN


def test_what_is_wrong_with_a_value_does_not_show_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("hunter2", encoding="utf-8")
    monkeypatch.setenv("DASHBOARD_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(ConfigurationError, match="DASHBOARD_TOKEN: ") as error:
        load_settings()
    assert "hunter2" not in str(error.value)
