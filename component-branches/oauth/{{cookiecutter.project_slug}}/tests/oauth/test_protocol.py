"""What a provider, a browser or somebody between them can do wrong: nobody is signed in by it."""

import base64
import hmac
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc import jwt
from sqlmodel import Session, select
from time_machine import travel

from app.components.backend.api.auth.oauth import COOKIE, MOST_FLOWS
from app.models.user import User
from app.services.oauth import oidc as module
from app.services.oauth import web
from tests.auth.support import is_problem
from tests.oauth.provider import CLIENT_SECRET, KEY, OTHER_KEY, OIDCProvider, compact
from tests.oauth.support import API, agree, begin, come_back, query_of, sign_in, who

Change = Callable[[OIDCProvider], None]


def claims(**changed: object) -> Change:
    def change(provider: OIDCProvider) -> None:
        provider.hostile.claims = changed

    return change


def without(*names: str) -> Change:
    def change(provider: OIDCProvider) -> None:
        provider.hostile.without = names

    return change


def signed(sign: Callable[[dict[str, Any]], str]) -> Change:
    def change(provider: OIDCProvider) -> None:
        provider.hostile.sign = sign

    return change


def answers(path: str, status: int, content: object) -> Change:
    def change(provider: OIDCProvider) -> None:
        provider.instead[path] = (status, content)

    return change


def with_public_key_as_secret(found: dict[str, Any]) -> str:
    """Whoever lets the token choose takes the public key, which everybody has, for a secret."""
    return with_secret(found, KEY.as_pem(private=False))


def with_client_secret(found: dict[str, Any]) -> str:
    return with_secret(found, CLIENT_SECRET.encode())


def with_secret(found: dict[str, Any], secret: bytes, kid: str | None = KEY.kid) -> str:
    head = compact({"alg": "HS256", "kid": kid}, found).removesuffix(".")
    signature = hmac.digest(secret, head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def with_key_in_header(found: dict[str, Any]) -> str:
    header = {"alg": "RS256", "jwk": OTHER_KEY.as_dict(private=False)}
    return jwt.encode(header, found, OTHER_KEY)


def tampered(found: dict[str, Any]) -> str:
    head, _, signature = jwt.encode({"alg": "RS256", "kid": KEY.kid}, found, KEY).split(".")
    changed = compact({}, found | {"sub": "sub-of-bob"}).split(".")[1]
    return f"{head}.{changed}.{signature}"


NOW = int(time.time())
HOSTILE: dict[str, Change] = {
    "another nonce": claims(nonce="x"),
    "a nonce that is no text": claims(nonce=["x"]),
    "no nonce": without("nonce"),
    "another issuer": claims(iss="https://evil.example"),
    "no issuer": without("iss"),
    "another audience": claims(aud="another-client"),
    "no audience": without("aud"),
    "one more audience": claims(aud=["our-client", "another-client"]),
    "made for another one of several": claims(
        aud=["our-client", "another-client"], azp="another-client"
    ),
    "made for another one": claims(azp="another-client"),
    "expired": claims(exp=NOW - 60),
    "never expires": without("exp"),
    "expires at a text": claims(exp="tomorrow"),
    "issued in the future": claims(iat=NOW + 3600),
    "not yet valid": claims(nbf=NOW + 3600),
    "no subject": without("sub"),
    "an empty subject": claims(sub=""),
    "a subject that is no text": claims(sub=7),
    "a long subject": claims(sub="x" * 256),
    "not signed": signed(lambda found: compact({"alg": "none"}, found)),
    "signed by a secret that is the public key": signed(with_public_key_as_secret),
    "signed by our own secret": signed(with_client_secret),
    "signed by another key": signed(
        lambda found: jwt.encode({"alg": "RS256", "kid": KEY.kid}, found, OTHER_KEY)
    ),
    "signed by a key that it brings along": signed(with_key_in_header),
    "signed by a key that is not there": signed(
        lambda found: jwt.encode({"alg": "RS256", "kid": "unknown"}, found, KEY)
    ),
    "signed by a secret among the keys": signed(
        lambda found: with_secret(found, b"secret", kid="secret")
    ),
    "changed on its way": signed(tampered),
    "no token": signed(lambda found: ""),
    "no text": signed(lambda found: "ä.ö.ü"),
    "not a token": signed(lambda found: "a.b.c"),
    "a huge one": signed(lambda found: "a" * 20_000),
    "no answer": answers("/token", 200, b""),
    "not JSON": answers("/token", 200, b"<html>"),
    "JSON of another kind": answers("/token", 200, ["access_token"]),
    "keys that are none": answers("/keys", 200, {"keys": "many"}),
    "no keys": answers("/keys", 200, {"keys": []}),
    "keys that are not there": answers("/keys", 404, {}),
    "too many keys": answers("/keys", 200, b'{"keys": [' + b" " * (1 << 21)),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_token_signs_nobody_in(
    browser: TestClient, sso: OIDCProvider, db_session: Session, change: Change
) -> None:
    change(sso)
    response = sign_in(browser)
    is_problem(response, 502)
    assert "Example" in response.json()["detail"]
    assert who(browser) is None
    assert db_session.exec(select(User)).all() == []
    # What is refused does not spoil the next one.
    sso.hostile.claims, sso.hostile.without, sso.hostile.sign = {}, (), None
    sso.instead = {}
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_several_audiences_are_fine_if_it_was_made_for_us(
    browser: TestClient, sso: OIDCProvider
) -> None:
    sso.hostile.claims = {"aud": ["our-client", "another-client"], "azp": "our-client"}
    sign_in(browser)
    assert who(browser) == "ada@example.com"


@pytest.mark.usefixtures("clock")
def test_clocks_may_differ_by_seconds(browser: TestClient, sso: OIDCProvider) -> None:
    now = int(time.time())
    sso.hostile.claims = {"iat": now + 5, "exp": now - 5}
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_keys_may_change(
    browser: TestClient, sso: OIDCProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read again, but not for every token that names an unknown one."""
    monkeypatch.setattr(module, "KEYS_SECONDS", 0.0)
    sign_in(browser)
    sso.key = OTHER_KEY
    sign_in(browser)
    assert who(browser) == "ada@example.com"
    assert sso.asked.count("/keys") == 2
    monkeypatch.setattr(module, "KEYS_SECONDS", 60.0)
    sso.hostile.sign = lambda found: jwt.encode({"alg": "RS256", "kid": "x"}, found, KEY)
    for _ in range(3):
        is_problem(sign_in(browser), 502)
    assert sso.asked.count("/keys") == 2
    assert sso.asked.count("/.well-known/openid-configuration") == 1


def metadata_cases() -> dict[str, dict[str, Any]]:
    return {
        "that of another issuer": {"issuer": "https://evil.example"},
        "a slash too many": {"issuer": "http://127.0.0.1/"},
        "no issuer": {"issuer": None},
        "no endpoint": {"token_endpoint": None},
        "an endpoint that is none": {"token_endpoint": "javascript:alert(1)"},
        "a file": {"jwks_uri": "file:///etc/passwd"},
    }


@pytest.mark.parametrize("change", metadata_cases().values(), ids=metadata_cases())
def test_what_a_provider_says_about_itself_is_checked(
    browser: TestClient, sso: OIDCProvider, change: dict[str, Any]
) -> None:
    sso.metadata = change
    is_problem(browser.get(f"{API}/sso/login", follow_redirects=False), 502)


def test_a_provider_that_encrypts_has_no_endpoint_that_does_not() -> None:
    values = {
        "issuer": "https://sso.example.com",
        "authorization_endpoint": "https://sso.example.com/authorize",
        "token_endpoint": "http://sso.example.com/token",
        "jwks_uri": "https://sso.example.com/keys",
    }
    with pytest.raises(ValueError, match="token_endpoint"):
        module.Metadata.model_validate(values)


def test_the_question_is_bound_to_this_browser(browser: TestClient, sso: OIDCProvider) -> None:
    found = query_of(begin(browser))
    assert found["response_type"] == "code"
    assert found["code_challenge_method"] == "S256"
    assert found["scope"] == "openid email profile"
    assert len({found["state"], found["nonce"], found["code_challenge"]}) == 3
    assert all(len(found[name]) == 43 for name in ("state", "nonce", "code_challenge"))
    assert query_of(begin(browser))["state"] != found["state"]


def test_the_cookie_is_for_this_and_nothing_else(browser: TestClient, sso: OIDCProvider) -> None:
    response = browser.get(f"{API}/sso/login", follow_redirects=False)
    [line] = response.headers.get_list("Set-Cookie")
    assert line.startswith("__Host-")
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"):
        assert attribute in line


def test_another_browser_cannot_end_it(browser: TestClient, sso: OIDCProvider) -> None:
    """Nor can a stranger have somebody end what the stranger began, and be the stranger from then on."""
    url = agree(begin(browser))
    victim = TestClient(browser.app, base_url="https://testserver")
    is_problem(come_back(victim, url), 400)
    begin(victim)
    is_problem(come_back(victim, url), 400)
    assert who(victim) is None


def test_the_state_of_another_sign_in_is_none(browser: TestClient, sso: OIDCProvider) -> None:
    first, second = agree(begin(browser)), agree(begin(browser))
    swapped = first.replace(query_of(first)["state"], query_of(second)["state"])
    # The code is bound to the first question, by PKCE.
    response = come_back(browser, swapped)
    is_problem(response, 400)
    assert "<b>" not in response.text
    assert who(browser) is None


def test_the_nonce_of_another_sign_in_is_none(browser: TestClient, sso: OIDCProvider) -> None:
    other = query_of(begin(browser))["nonce"]
    sso.hostile.claims = {"nonce": other}
    is_problem(sign_in(browser), 502)


@pytest.mark.parametrize("state", ["", "x", "x" * 43, "x" * 4096, "é" * 43, "\0"])
def test_a_state_that_is_none(browser: TestClient, sso: OIDCProvider, state: str) -> None:
    begin(browser)
    response = browser.get(f"{API}/sso/callback", params={"state": state, "code": "x"})
    is_problem(response, 400)
    assert sso.asked.count("/token") == 0


def test_several_tabs_do_not_disturb_each_other(browser: TestClient, sso: OIDCProvider) -> None:
    urls = [agree(begin(browser, next=f"/tab-{number}")) for number in range(3)]
    for number, url in reversed(list(enumerate(urls))):
        assert come_back(browser, url).headers["Location"] == f"/tab-{number}"


def test_what_nobody_ends_does_not_pile_up(browser: TestClient, sso: OIDCProvider) -> None:
    for _ in range(MOST_FLOWS + 3):
        url = begin(browser)
    assert len([name for name in browser.cookies if name.startswith(COOKIE)]) == MOST_FLOWS
    come_back(browser, agree(url))
    assert who(browser) == "ada@example.com"


def test_it_ends_once(browser: TestClient, sso: OIDCProvider) -> None:
    url = agree(begin(browser))
    sealed = {name: value for name, value in browser.cookies.items() if name.startswith(COOKIE)}
    assert come_back(browser, url).status_code == 200
    assert not [name for name in browser.cookies if name.startswith(COOKIE)]
    is_problem(come_back(browser, url), 400)
    # Whoever has a copy of the cookie as well has a code that was used.
    thief = TestClient(browser.app, base_url="https://testserver", cookies=sealed)
    is_problem(come_back(thief, url), 400)
    assert who(thief) is None


def test_it_ends_in_time(browser: TestClient, sso: OIDCProvider) -> None:
    url = agree(begin(browser))
    sealed = {name: value for name, value in browser.cookies.items() if name.startswith(COOKIE)}
    late = TestClient(browser.app, base_url="https://testserver", cookies=sealed)
    with travel(time.time() + 601, tick=False):
        is_problem(come_back(late, url), 400)


def test_what_was_begun_cannot_be_changed(browser: TestClient, sso: OIDCProvider) -> None:
    url = agree(begin(browser))
    [name] = [name for name in browser.cookies if name.startswith(COOKIE)]
    payload, kid, signature = browser.cookies[name].split(".")
    for forged in (
        f"{payload[:-4]}AAAA.{kid}.{signature}",
        f"{payload}.{kid}.{'0' * 64}",
        f"{payload}.{'0' * 16}.{signature}",
        f"{payload}.{kid}",
        "",
        "a.b.c.d",
    ):
        other = TestClient(browser.app, base_url="https://testserver", cookies={name: forged})
        is_problem(come_back(other, url), 400)


def test_the_answer_of_another_provider_is_none(browser: TestClient, sso: OIDCProvider) -> None:
    """Each has an address of its own, and may say who it is (RFC 9207)."""
    url = agree(begin(browser))
    is_problem(come_back(browser, url.replace("/sso/", "/github/")), 400)
    sso.redirect = {"iss": "https://evil.example"}
    is_problem(sign_in(browser), 502)
    assert "/token" not in sso.asked
    sso.redirect = {"iss": sso.issuer}
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_a_provider_that_says_that_it_says_who_it_is_must_do_so(
    browser: TestClient, sso: OIDCProvider
) -> None:
    sso.metadata = {"authorization_response_iss_parameter_supported": True}
    is_problem(sign_in(browser), 502)


def test_whoever_does_not_agree_is_told_so(browser: TestClient, sso: OIDCProvider) -> None:
    state = query_of(begin(browser, next="/reports"))["state"]
    answer = {"state": state, "error": "access_denied", "error_description": "<b>evil</b>"}
    response = browser.get(
        f"{API}/sso/callback", params=answer, headers={"Accept": "text/html,*/*"}
    )
    assert response.status_code == 400
    assert "You did not agree at Example" in response.text
    assert 'href="/reports"' in response.text
    assert "evil" not in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("error", ["server_error", "<script>alert(1)</script>", "x" * 4000])
def test_other_errors_are_not_repeated(browser: TestClient, sso: OIDCProvider, error: str) -> None:
    state = query_of(begin(browser))["state"]
    response = browser.get(f"{API}/sso/callback", params={"state": state, "error": error})
    is_problem(response, 400)
    assert error not in response.text


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_fails_is_said_to(
    browser: TestClient, sso: OIDCProvider, path: str
) -> None:
    sso.instead[path] = (500, {"error": "x"})
    response = browser.get(f"{API}/sso/login", follow_redirects=False)
    if response.status_code == 303:
        response = come_back(browser, agree(response.headers["Location"]))
    is_problem(response, 502)
    assert who(browser) is None


def test_a_provider_that_is_away_is_said_to_be(browser: TestClient, sso: OIDCProvider) -> None:
    sso.__exit__()
    response = browser.get(f"{API}/sso/login", headers={"Accept": "text/html"})
    assert response.status_code == 503
    assert "Example does not answer" in response.text


def test_nobody_waits_for_ever(
    browser: TestClient, sso: OIDCProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All questions together are bounded, however slowly each answer drips."""
    url = agree(begin(browser))
    changed = web.settings.model_copy(update={"API_TIMEOUT": 0.2})
    monkeypatch.setattr(web, "settings", changed)

    answering = sso.slow["/token"] = Event()
    try:
        is_problem(come_back(browser, url), 503)
    finally:
        answering.set()


def test_nobody_is_led_elsewhere_by_a_provider(browser: TestClient, sso: OIDCProvider) -> None:
    """A secret of ours would go along."""
    sso.instead["/token"] = (302, f"{sso.url}/userinfo")
    response = sign_in(browser)
    is_problem(response, 502)
    assert "/userinfo" not in sso.asked


def test_an_address_that_is_not_in_the_token_is_asked_for(
    browser: TestClient, sso: OIDCProvider
) -> None:
    sso.someone.email = None
    sso.userinfo = {"email": "ada@example.com", "email_verified": "true"}
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_what_is_about_somebody_else_is_not_taken(browser: TestClient, sso: OIDCProvider) -> None:
    sso.someone.email = None
    sso.userinfo = {"sub": "sub-of-bob", "email": "bob@example.com", "email_verified": True}
    is_problem(sign_in(browser), 502)
    assert who(browser) is None


def test_a_provider_that_reads_our_secret_in_the_body_only(
    browser: TestClient, sso: OIDCProvider
) -> None:
    sso.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    sign_in(browser)
    assert who(browser) == "ada@example.com"


def test_no_secret_is_in_the_logs(
    browser: TestClient,
    sso: OIDCProvider,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    url = agree(begin(browser))
    response: Response = come_back(browser, url)
    assert response.status_code == 200
    written = caplog.text + "".join(capfd.readouterr())
    secrets = [query_of(url)["code"], query_of(url)["state"], CLIENT_SECRET]
    secrets += [token.removeprefix("Bearer ") for token in sso.tokens]
    assert not [secret for secret in secrets if secret in written]
