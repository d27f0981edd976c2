"""Which passwords are taken: long ones that are on no list. There are no rules for their characters."""

from functools import lru_cache
from pathlib import Path

from app.core.config import settings
from app.core.constants import PROJECT_NAME, PROJECT_SLUG
from app.core.validation import LONGEST_PASSWORD, check_encodable
from app.services.auth.errors import WeakPasswordError

COMMON = Path(__file__).with_name("common_passwords.txt")
DECORATION = "0123456789!?.,-_*#$@+ "
"""What people put before and after a word to make it a password."""


def check_password(password: str, email: str = "", full_name: str = "") -> None:
    """Accept a new password.

    Raises:
        WeakPasswordError: Others would guess it.
    """
    try:
        check_encodable(password)
    except ValueError as error:
        raise WeakPasswordError(f"The password cannot be taken: {error}.") from None
    if len(password) > LONGEST_PASSWORD:
        raise WeakPasswordError(f"The password must have at most {LONGEST_PASSWORD} characters.")
    shortest = settings.AUTH_PASSWORD_MIN_LENGTH
    if len(password) < shortest:
        raise WeakPasswordError(f"The password must have at least {shortest} characters.")
    lower = password.casefold()
    if lower in common_passwords():
        raise WeakPasswordError("This password is one of the most common ones. Choose another.")
    if lower.strip(DECORATION) in words_around(email, full_name):
        raise WeakPasswordError(
            "This password is your name, your address or the name of this application."
        )
    if len(set(lower)) < 4:
        raise WeakPasswordError("This password repeats the same few characters.")


def words_around(email: str, full_name: str) -> set[str]:
    """What whoever knows the account would try first."""
    local, _, domain = email.casefold().partition("@")
    name = full_name.casefold()
    words = {local, domain, f"{local}@{domain}", name, name.replace(" ", "")}
    words |= {PROJECT_NAME.casefold(), PROJECT_SLUG.casefold()}
    return {word.strip(DECORATION) for word in words} - {""}


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """The list, in lower case."""
    return frozenset(COMMON.read_text(encoding="utf-8").splitlines())
