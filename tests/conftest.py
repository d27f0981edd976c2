"""Every test runs sealed: a HOME of its own, fixed dates, no user's git configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from aegis_cli.git.process import LOCAL_VARIABLES

DATE = "2026-01-02T03:04:05+00:00"


@pytest.fixture(autouse=True)
def sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Seal the environment and return the HOME that holds."""
    home = tmp_path_factory.mktemp("home")
    for name in (*LOCAL_VARIABLES, "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "COOKIECUTTER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    settings = {
        "HOME": str(home),
        "AEGIS_CACHE_DIR": str(home / "cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_AUTHOR_DATE": DATE,
        "GIT_COMMITTER_DATE": DATE,
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = User\n\temail = user@example.org\n[init]\n\tdefaultBranch = main\n"
    )
    return home
