"""What of the environment git gets to see."""

from __future__ import annotations

import pytest

from aegis_cli.git.process import LOCAL_VARIABLES, sealed, serves_safely, with_setting

KEPT = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "url.x.insteadOf",
    "GIT_CONFIG_VALUE_0": "y",
    "GIT_SSH_COMMAND": "ssh -i key",
    "GIT_ASKPASS": "/bin/ask",
    "GIT_SSL_CAINFO": "/ca.pem",
    "GIT_CONFIG_GLOBAL": "/x",
    "GIT_ALLOW_PROTOCOL": "https",
    "PATH": "/bin",
}


def test_the_user_s_own_settings_stay() -> None:
    assert sealed(KEPT) == KEPT


@pytest.mark.parametrize("name", LOCAL_VARIABLES)
def test_what_names_another_repository_is_dropped(name: str) -> None:
    assert sealed({**KEPT, name: "/elsewhere"}) == KEPT


def test_nothing_is_changed_in_place() -> None:
    given = {"GIT_DIR": "/elsewhere"}
    sealed(given)
    assert given == {"GIT_DIR": "/elsewhere"}


@pytest.mark.parametrize(("count", "number"), [(None, 0), ("", 0), ("2", 2), ("x", 0)])
def test_one_more_setting_comes_after_the_user_s(count: str | None, number: int) -> None:
    given = {} if count is None else {"GIT_CONFIG_COUNT": count}
    assert with_setting(given, "a.b", "c") == {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": "a.b",
        f"GIT_CONFIG_VALUE_{number}": "c",
    }


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((2, 38, 5), False), ((2, 39, 3), False), ((2, 39, 4), True), ((2, 42, 1), False), ((2, 43, 3), False),
        ((2, 43, 4), True), ((2, 44, 0), False), ((2, 45, 0), False), ((2, 45, 1), True), ((2, 46, 0), True),
        ((3, 0, 0), True),
    ],
)  # fmt: skip
def test_an_old_git_serves_no_repository_of_somebody_else(
    version: tuple[int, int, int], *, is_safe: bool
) -> None:
    """Before these releases, what it serves could name commands."""
    assert serves_safely(version) is is_safe
