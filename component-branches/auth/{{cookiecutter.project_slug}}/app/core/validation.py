"""Texts from outside, checked once, where they come in."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

LONGEST_EMAIL = 254
LONGEST_PASSWORD = 256
LONGEST_NAME = 200

# They change the direction in which the text after them is read.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def check_encodable(text: str) -> str:
    """Refuse what no database stores and no hash takes: null characters and half characters."""
    if "\0" in text or not _is_encodable(text):
        raise ValueError("it holds characters that cannot be stored")
    return text


def check_line(text: str) -> str:
    """Accept a line of text, without the characters that nobody sees."""
    check_encodable(text)
    if _OVERRIDES.search(text) or any(unicodedata.category(c) == "Cc" for c in text):
        raise ValueError("it holds characters that cannot be seen")
    return text


def normalise_email(text: str) -> str:
    """The one spelling of an address: whoever writes it in another way means the same account.

    Letters outside of ASCII are refused before the `@`, for many of them look like others; a domain
    becomes its ASCII form.

    Raises:
        ValueError: It is no address.
    """
    from email_validator import EmailNotValidError, validate_email

    if len(text) > LONGEST_EMAIL:
        raise ValueError(f"it is longer than {LONGEST_EMAIL} characters")
    check_line(text)
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return (found.ascii_email or found.normalized).lower()


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=LONGEST_EMAIL),
    AfterValidator(normalise_email),
    Field(json_schema_extra={"format": "email"}, examples=["ada@example.com"]),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_NAME),
    AfterValidator(check_line),
]
Password = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_PASSWORD),
    AfterValidator(check_encodable),
    Field(json_schema_extra={"format": "password", "writeOnly": True}),
]
"""Taken as it is: neither cut nor trimmed, and in upper and lower case as it was written."""
Line = Annotated[str, StringConstraints(max_length=LONGEST_EMAIL), AfterValidator(check_line)]
