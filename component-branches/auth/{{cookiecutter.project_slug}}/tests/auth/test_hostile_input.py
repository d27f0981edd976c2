"""What strangers send: it is refused, or taken as plain text; it never ends in a 5xx."""

import json

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.models.user import User
from app.services.auth import Client
from tests.auth.support import API, PASSWORD, Mailbox, as_user, is_problem, log_in
from tests.fixtures.auth import GivePhone, MakeUser

NASTY = [
    "' OR '1'='1",
    "ada@example.com' --",
    'ada@example.com"; DROP TABLE "user"; --',
    "%",
    "_",
    "*",
    "${jndi:ldap://evil.example/a}",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\u0000",
    "ada@example.com\u0000",
    "\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("text", NASTY)
def test_injection_is_text(client: TestClient, make_user: MakeUser, text: str) -> None:
    make_user()
    assert log_in(client, text, text).status_code in {401, 422}
    assert log_in(client, "ada@example.com", text).status_code in {401, 422}
    assert log_in(client).status_code == 200


@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("text", ["\\ud83d", "a\\u0000b", "\\udfff\\ud800"])
def test_characters_that_cannot_be_stored_are_refused(
    client: TestClient, field: str, text: str
) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD}
    raw = json.dumps(body | {field: "HERE"}).replace("HERE", text)
    for path in ("login", "register"):
        response = client.post(
            f"{API}/{path}", content=raw, headers={"Content-Type": "application/json"}
        )
        is_problem(response, 422)


@pytest.mark.parametrize("size", [257, 20_000, 10_000_000])
@pytest.mark.parametrize("path", ["login", "register"])
def test_a_huge_password_costs_nothing(client: TestClient, path: str, size: int) -> None:
    body = {"email": "ada@example.com", "password": "x" * size}
    response = client.post(f"{API}/{path}", json=body)
    assert response.status_code in {413, 422}
    assert "xxxx" not in response.text


def test_a_huge_form_costs_nothing(client: TestClient) -> None:
    form = {"username": "ada@example.com", "password": "x" * 10_000_000}
    assert client.post(f"{API}/token", data=form).status_code == 413
    form["password"] = "x" * 5_000
    assert client.post(f"{API}/token", data=form).status_code == 401


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "raw_unicode_escape"])
@pytest.mark.parametrize("field", ["username", "password", "client_secret"])
def test_half_characters_of_a_form_are_a_wrong_login(
    client: TestClient, make_user: MakeUser, give_phone: GivePhone, field: str, charset: str
) -> None:
    """JSON with such is refused; the sender of a form says in which way its bytes are characters."""
    give_phone(make_user())
    half = "+2D0-" if charset == "utf-7" else r"\ud83d"
    form = {"username": "ada@example.com", "password": PASSWORD, "client_secret": "x"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (form | {field: half}).items()
    ]
    content_type = f"multipart/form-data; boundary=x; charset={charset}"
    content = "".join([*parts, "--x--\r\n"])
    response = client.post(f"{API}/token", content=content, headers={"Content-Type": content_type})
    is_problem(response, 401)


def test_a_body_that_comes_in_pieces_is_bounded_too(client: TestClient) -> None:
    response = client.post(
        f"{API}/login",
        content=(b"x" * 1000 for _ in range(100)),
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 413


@pytest.mark.parametrize(
    "raw",
    ["", "null", "[]", "7", '"text"', "{", '{"email": 7, "password": []}', "{}"],
)
def test_what_is_no_login_is_refused(client: TestClient, raw: str) -> None:
    response = client.post(
        f"{API}/login", content=raw, headers={"Content-Type": "application/json"}
    )
    is_problem(response, 422)


def test_what_is_nested_too_deep_is_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    response = client.post(f"{API}/login", content="[" * 5000, headers=headers)
    assert response.status_code in {400, 422}


def test_a_page_of_another_site_cannot_send_json_as_text(client: TestClient) -> None:
    raw = json.dumps({"email": "ada@example.com", "password": PASSWORD})
    response = client.post(f"{API}/login", content=raw, headers={"Content-Type": "text/plain"})
    is_problem(response, 422)


def test_links_in_mails_do_not_come_from_the_request(
    client: TestClient, make_user: MakeUser, mailbox: Mailbox
) -> None:
    make_user()
    headers = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "gopher",
        "Forwarded": "host=evil.example",
        "Origin": "https://evil.example",
        "Referer": "https://evil.example/",
    }
    body = {"email": "ada@example.com"}
    assert client.post(f"{API}/forgot-password", json=body, headers=headers).status_code == 202
    mail = mailbox.take(client)
    assert "evil.example" not in mail.text
    assert "http://localhost:8000/account/reset#" in mail.text


@pytest.mark.parametrize("path", ["/account/verify", "/account/reset", "/dashboard/login"])
def test_nobody_is_sent_elsewhere(client: TestClient, path: str) -> None:
    """No redirect takes an address from the request."""
    for name in ("next", "url", "redirect", "redirect_uri", "return_to", "continue"):
        response = client.get(path, params={name: "https://evil.example"}, follow_redirects=False)
        assert "evil.example" not in response.headers.get("Location", "")
        assert "evil.example" not in response.text


def test_pages_of_links_run_nothing_of_others(client: TestClient) -> None:
    for path in ("/account/verify", "/account/reset"):
        response = client.get(path)
        [policy] = response.headers.get_list("Content-Security-Policy")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Frame-Options"] == "DENY"


def test_what_is_wrong_is_not_repeated(client: TestClient) -> None:
    body = {"email": "no address", "password": "hunter2hunter2", "more": "hunter2"}
    response = client.post(f"{API}/register", json=body)
    is_problem(response, 422)
    assert "hunter2" not in response.text


def test_where_a_request_comes_from_moves_no_terminal() -> None:
    """Proxies write what they were told, and `auth show` prints it."""
    client = Client("10.0.0.1\x9b2J\x1b[2J", "curl\x9b2J")
    assert (client.address, client.user_agent) == ("10.0.0.1?2J?[2J", "curl?2J")


def test_ids_are_ids(client: TestClient, make_user: MakeUser) -> None:
    make_user(role="admin")
    headers = as_user(client)
    for text in ("1", "me", "' OR 1=1", "%00", "00000000-0000-0000-0000-00000000000g"):
        for path in (f"users/{text}", f"users/{text}/sessions"):
            assert client.get(f"{API}/{path}", headers=headers).status_code in {404, 422}
        response = client.delete(f"{API}/sessions/{text}", headers=headers)
        assert response.status_code in {404, 422}


def test_passwords_and_tokens_are_in_no_log(
    client: TestClient,
    make_user: MakeUser,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_user()
    tokens = log_in(client).json()
    log_in(client, password="a wrong one, hunter2")
    client.post(f"{API}/refresh", json={"refresh_token": tokens["refresh_token"]})
    printed = "".join(capfd.readouterr()) + caplog.text
    assert "auth_logged_in" in printed
    for secret in (PASSWORD, "hunter2", tokens["access_token"], tokens["refresh_token"]):
        assert secret not in printed


def test_the_representation_of_an_account_holds_no_hash(
    make_user: MakeUser, db_session: Session
) -> None:
    make_user()
    assert "argon2" not in repr(db_session.exec(select(User)).one())
