"""Which passwords are taken, and how they are kept."""

import pytest

from app.core import security
from app.core.security import passwords as hashes
from app.services.auth.errors import WeakPasswordError
from app.services.auth.passwords import check_password


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "zwölf Äpfel am Morgen",
        "    leading and trailing    ",
        "8301946275",
        "aaaabbbbccccd",
        "a b c d e" * 20,
        "パスワードはながいほうがよい",
    ],
)
def test_what_is_long_and_on_no_list_is_taken(password: str) -> None:
    check_password(password, "ada@example.com", "Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "too short",
        "1234567890",
        "QWERTYUIOP",
        "password12",
        "ada.lovelace@example.com",
        "Ada.Lovelace99",
        "AdaLovelace!!",
        "ababababab",
        "...........",
        "a long sentence " * 20,
        "a null character \0",
        "half a character \ud83d",
    ],
)
def test_what_others_would_guess_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password, "ada.lovelace@example.com", "Ada Lovelace")


def test_the_name_of_the_application_is_no_password() -> None:
    from app.core.constants import PROJECT_SLUG

    with pytest.raises(WeakPasswordError):
        check_password(f"{PROJECT_SLUG}-2026-2027", "ada@example.com")


def test_passwords_are_taken_as_they_are() -> None:
    hashed = security.hash_password("Café au lait ")
    assert security.verify_password("Café au lait ", hashed)[0]
    for other in ("Café au lait", "café au lait ", "Cafe\u0301 au lait "):
        assert not security.verify_password(other, hashed)[0]
    long = "a" * 200
    assert not security.verify_password(long + "b", security.hash_password(long + "c"))[0]


def test_hashes_are_argon2id_and_all_different() -> None:
    first, second = (security.hash_password("correct horse battery") for _ in range(2))
    assert first.startswith("$argon2id$")
    assert first != second


def test_production_hashes_are_expensive(monkeypatch: pytest.MonkeyPatch) -> None:
    real = hashes.settings.model_copy(update={"APP_ENV": "production"})
    monkeypatch.setattr(hashes, "settings", real)
    hashes.hasher.cache_clear()
    try:
        hashed = security.hash_password("correct horse battery")
        assert "m=65536,t=3,p=1" in hashed
        # Another one is renewed when its owner comes.
        cheap = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$"
        assert hashes.hasher().current_hasher.check_needs_rehash(cheap + hashed.split("$")[-1])
    finally:
        hashes.hasher.cache_clear()


@pytest.mark.parametrize("stored", [None, "", "!", "plain", "$2b$12$unknown"])
def test_an_account_without_a_usable_hash_lets_nobody_in(stored: str | None) -> None:
    assert security.verify_password("correct horse battery", stored) == (False, None)
