"""Access tokens: what is forged, late, early, or for somebody else."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from fastapi.testclient import TestClient

from app.core.security import KeyRing, key_ring, tokens
from app.core.security.keys import new_secret
from tests.auth.support import API, bearer, is_problem, tokens_of
from tests.fixtures.auth import MakeUser

Claims = dict[str, Any]
Header = dict[str, Any]


def encode(part: object) -> str:
    return encode_bytes(json.dumps(part).encode())


def encode_bytes(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forge(
    token: str,
    *,
    change: Callable[[Claims], object] = lambda claims: None,
    header: Header | None = None,
    key: bytes | None = None,
) -> str:
    """A token like another one, with another content, and signed with the right key by default.

    By hand: the library would not sign what is wrong.
    """
    claims = jwt.decode(token, options={"verify_signature": False})
    change(claims)
    headers = jwt.get_unverified_header(token) | (header or {})
    key = key if key is not None else key_ring().current.derive(tokens.PURPOSE)
    signed = f"{encode(headers)}.{encode(claims)}"
    digest = headers["alg"].replace("HS", "sha")
    return f"{signed}.{encode_bytes(hmac.digest(key, signed.encode(), digest))}"


@pytest.fixture
def token(client: TestClient, make_user: MakeUser) -> str:
    """A token that is accepted."""
    make_user()
    return tokens_of(client)["access_token"]


def status(client: TestClient, token: str) -> int:
    response = client.get(f"{API}/me", headers={b"Authorization": f"Bearer {token}".encode()})
    return response.status_code


def test_a_token_is_accepted(client: TestClient, token: str) -> None:
    assert status(client, token) == status(client, forge(token)) == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c.update(exp=int(time.time()) - 11), id="expired"),
        pytest.param(lambda c: c.update(nbf=int(time.time()) + 60), id="not yet valid"),
        pytest.param(lambda c: c.update(iat=int(time.time()) + 60), id="made in the future"),
        pytest.param(lambda c: c.update(aud="another:api"), id="another audience"),
        pytest.param(lambda c: c.update(aud=[c["aud"], "another"]), id="several audiences"),
        pytest.param(lambda c: c.update(iss="another"), id="another issuer"),
        pytest.param(lambda c: c.update(sub=str(uuid4())), id="another account"),
        pytest.param(lambda c: c.update(sid=str(uuid4())), id="no session"),
        pytest.param(lambda c: c.update(sid=7), id="a session that is a number"),
        pytest.param(lambda c: c.update(sub="' OR 1=1 --"), id="injection"),
        *(
            pytest.param(lambda c, name=name: c.pop(name), id=f"without {name}")
            for name in tokens.REQUIRED
        ),
    ],
)
def test_a_token_that_says_something_else_is_refused_though_it_is_signed(
    client: TestClient, token: str, change: Callable[[Claims], object]
) -> None:
    assert status(client, forge(token, change=change)) == 401


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "HS384"},
        {"alg": "HS512"},
        {"typ": "JWT"},
        {"typ": "refresh"},
        {"kid": "0000000000000000"},
        {"kid": "../../../etc/passwd"},
        {"jku": "https://evil.example/keys", "kid": "theirs"},
    ],
)
def test_the_token_does_not_choose_how_it_is_checked(
    client: TestClient, token: str, header: Header
) -> None:
    assert status(client, forge(token, header=header)) == 401


def test_an_unsigned_token_is_refused(client: TestClient, token: str) -> None:
    _, claims, signature = token.split(".")
    for algorithm in ("none", "None", "NONE", "nOnE"):
        header = encode(jwt.get_unverified_header(token) | {"alg": algorithm})
        assert status(client, f"{header}.{claims}.") == 401
        assert status(client, f"{header}.{claims}.{signature}") == 401


def test_a_public_key_is_no_secret(client: TestClient, token: str) -> None:
    """Key confusion: what everybody may know must not sign."""
    kid = jwt.get_unverified_header(token)["kid"]
    for key in (
        kid.encode() * 2,
        b"\0" * 32,
        b'{"kty":"oct","k":"AAAA"}',
        b"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
    ):
        assert status(client, forge(token, key=key)) == 401


def test_keys_for_other_purposes_sign_no_access_token(client: TestClient, token: str) -> None:
    ring = key_ring().current
    for key in (ring.secret.encode(), ring.derive("refresh-token"), ring.derive("csrf-token")):
        assert status(client, forge(token, key=key)) == 401


def test_a_token_that_was_changed_is_refused(client: TestClient, token: str) -> None:
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        # The last character has bits that mean nothing.
        if place < len(token) - 1 and changed.count(".") == 2:
            assert status(client, changed) == 401, place


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "x" * 100_000,
        "[" * 5000,
        f"{encode([])}.{encode([])}.",
        f"{encode({'alg': 'HS256', 'kid': ['x']})}.{encode({})}.AAAA",
        f"{encode({'alg': 'HS256', 'kid': None, 'crit': ['x']})}.{encode({})}.AAAA",
        "é" * 50,
        "\0",
    ],
)
def test_what_is_no_token_is_refused_quickly(client: TestClient, text: str) -> None:
    started = time.thread_time()
    with pytest.raises(tokens.InvalidTokenError):
        tokens.decode_access_token(text)
    assert time.thread_time() - started < 0.5
    if text.isprintable():
        assert status(client, text) in {401, 431}


def test_a_token_of_another_application_is_refused(
    client: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "key_ring", lambda: KeyRing([new_secret()]))
    assert status(client, token) == 401


def test_keys_rotate_while_people_are_signed_in(
    client: TestClient, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.services.auth import sessions

    make_user()
    before = tokens_of(client)
    old, new = key_ring().current.secret, new_secret()

    def use(*secrets: str) -> None:
        ring = KeyRing(secrets)
        for module in (tokens, sessions):
            monkeypatch.setattr(module, "key_ring", lambda: ring)

    use(new, old)
    assert status(client, before["access_token"]) == 200
    after = client.post(f"{API}/refresh", json={"refresh_token": before["refresh_token"]}).json()
    use(new)
    assert status(client, before["access_token"]) == 401
    assert status(client, after["access_token"]) == 200
    response = client.post(f"{API}/refresh", json={"refresh_token": after["refresh_token"]})
    assert response.status_code == 200


def test_only_the_header_says_who_asks(client: TestClient, token: str) -> None:
    is_problem(client.get(f"{API}/me", params={"access_token": token}), 401)
    is_problem(client.get(f"{API}/me", headers={"Authorization": token}), 401)
    is_problem(client.get(f"{API}/me", headers={"Authorization": f"Basic {token}"}), 401)
    assert client.get(f"{API}/me", headers={"Authorization": f"bearer {token}"}).status_code == 200
    assert bearer(token)
