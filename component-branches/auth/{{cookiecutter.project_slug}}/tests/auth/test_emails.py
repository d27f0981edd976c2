"""Addresses: one account for all spellings, and none that looks like another one."""

import time

import pytest
from fastapi.testclient import TestClient

from app.core.validation import check_line, normalise_email
from tests.auth.support import API, PASSWORD, Mailbox, is_problem, log_in
from tests.fixtures.auth import MakeUser


@pytest.mark.parametrize(
    "spelling", ["ada@example.com", "Ada@Example.COM", " ada@example.com ", "ADA@EXAMPLE.COM"]
)
def test_one_account_has_one_spelling(spelling: str) -> None:
    assert normalise_email(spelling) == "ada@example.com"


def test_a_domain_has_one_spelling() -> None:
    assert normalise_email("ada@Bücher.example") == "ada@xn--bcher-kva.example"
    assert normalise_email("ada@xn--bcher-kva.example") == "ada@xn--bcher-kva.example"
    assert normalise_email("ada@ｅｘａｍｐｌｅ.com") == "ada@example.com"  # noqa: RUF001


@pytest.mark.parametrize(
    "address",
    [
        "аdmin@example.com",  # noqa: RUF001 (a Cyrillic letter)
        "ａdmin@example.com",  # noqa: RUF001 (a full-width letter)
        "admin\u200b@example.com",
        "admin\u202e@example.com",
        "admin@example.com\0",
        "admin@example.com\nBcc: x@example.com",
        "Admin <admin@example.com>",
        "admin",
        "admin@",
        "@example.com",
        "admin@localhost",
        "admin@@example.com",
        "admin@exam ple.com",
        "\ud83d@example.com",
        "admin@example.com" * 20,
        "admin@example..com",
    ],
)
def test_what_is_no_address_or_looks_like_another_one_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalise_email(address)


def test_a_long_address_is_refused_quickly() -> None:
    started = time.thread_time()
    with pytest.raises(ValueError, match="longer"):
        normalise_email("a@" + "b." * 2_000_000 + "com")
    assert time.thread_time() - started < 0.5


def test_every_spelling_signs_in(client: TestClient, make_user: MakeUser) -> None:
    make_user()
    assert log_in(client, "ADA@Example.com").status_code == 200


def test_every_spelling_is_the_same_registration(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox
) -> None:
    make_user()
    body = {"email": "Ada@EXAMPLE.com", "password": PASSWORD}
    assert client.post(f"{API}/register", json=body).status_code == 202
    assert "you have an account" in mailbox.take(client).subject
    body["email"] = "аda@example.com"  # noqa: RUF001
    is_problem(client.post(f"{API}/register", json=body), 422)


@pytest.mark.parametrize("name", ["Ada\0", "Ada\x1b[31m", "Ada\u202etxt", "Ada\ud800", "A\nB"])
def test_names_hold_nothing_that_cannot_be_seen(name: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        check_line(name)


def test_names_of_all_scripts_are_names() -> None:
    for name in ("O'Brien-Müller", "李小龍", "محمد", "क्‍ष", "👩‍🚀"):
        assert check_line(name) == name
