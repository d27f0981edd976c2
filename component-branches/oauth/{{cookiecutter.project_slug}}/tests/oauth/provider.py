"""A provider that speaks OpenID Connect, and one that speaks as GitHub does, on real ports.

They check what a strict one checks (client, secret, redirect URI, PKCE, one use of a code), and can be told to be
hostile: `provider.claims(aud="somebody-else")`, `provider.sign = ...`.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self, cast
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "our-client"
CLIENT_SECRET = "a secret of the tests"

Answer = tuple[int, Any]
Query = dict[str, str]


@dataclass
class Code:
    """What somebody agreed to."""

    redirect_uri: str
    challenge: str
    nonce: str
    is_used: bool = False


class Handler(BaseHTTPRequestHandler):
    """Passes requests on to the provider."""

    def do_GET(self) -> None:
        """Answer."""
        self._answer({})

    def do_POST(self) -> None:
        """Answer a form."""
        length = int(self.headers.get("Content-Length", "0"))
        self._answer(dict(parse_qsl(self.rfile.read(length).decode())))

    def _answer(self, form: Query) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        provider = cast("Server", self.server).provider
        status, content = provider.answer(parts.path, query, form, dict(self.headers))
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", content)
            body = b""
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Be quiet."""


class Server(ThreadingHTTPServer):
    """Serves a provider."""

    daemon_threads = True

    def __init__(self, provider: "LocalProvider") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.provider = provider


class LocalProvider:
    """What both have in common: people agree, and a code is exchanged for a token."""

    authorize_path = ""
    token_path = ""

    def __init__(self) -> None:
        self.codes: dict[str, Code] = {}
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.instead: dict[str, Answer] = {}
        """Answers in place of the right ones, by path."""
        self.slow: dict[str, Event] = {}
        """What an answer waits for, by path."""
        self.redirect: Query = {}
        """Changes to what the browser is sent back with."""
        self.server = Server(self)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Serve."""
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, path: str, query: Query, form: Query, headers: Query) -> Answer:
        """What a request gets."""
        self.asked.append(path)
        if path in self.slow:
            self.slow[path].wait(60)
        if path in self.instead:
            return self.instead[path]
        if path == self.authorize_path:
            return self._authorize(query)
        if path == self.token_path:
            return self._token(form, headers)
        return self.resource(path, headers.get("Authorization", ""))

    def resource(self, path: str, authorization: str) -> Answer:
        """What is left."""
        raise NotImplementedError

    def token_of(self, code: Code) -> dict[str, Any]:
        """What a code is exchanged for."""
        raise NotImplementedError

    def _authorize(self, query: Query) -> Answer:
        """Somebody is signed in there, and agrees."""
        if query["client_id"] != CLIENT_ID or query["response_type"] != "code":
            return 400, {"error": "invalid_request"}
        if query.get("code_challenge_method") != "S256":
            return 400, {"error": "invalid_request"}
        code = secrets.token_urlsafe()
        self.codes[code] = Code(
            query["redirect_uri"], query["code_challenge"], query.get("nonce", "")
        )
        answer = {"code": code, "state": query["state"]} | self.redirect
        return 302, f"{query['redirect_uri']}?{urlencode(answer)}"

    def _token(self, form: Query, headers: Query) -> Answer:
        given = form.get("client_id"), form.get("client_secret")
        if "Authorization" in headers:
            basic = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
            given = tuple(basic.split(":", 1))
        if given != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        code = self.codes.get(form.get("code", ""))
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if (
            code is None
            or code.is_used
            or code.redirect_uri != form.get("redirect_uri")
            or code.challenge != challenge
        ):
            return self.bad_code()
        code.is_used = True
        token = secrets.token_urlsafe()
        self.tokens.add(f"Bearer {token}")
        return 200, {"access_token": token, "token_type": "Bearer"} | self.token_of(code)

    def bad_code(self) -> Answer:
        """How it refuses one."""
        return 400, {"error": "invalid_grant", "error_description": "<b>no</b>"}


@dataclass
class Someone:
    """Who is signed in at the provider."""

    sub: str = "sub-of-ada"
    email: str | None = "ada@example.com"
    email_verified: object = True
    name: str = "Ada Lovelace"


KEY = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)
OTHER_KEY = RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"}, auto_kid=True)


@dataclass
class Hostile:
    """How the ID token differs from the right one."""

    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    sign: Callable[[dict[str, Any]], str] | None = None


class OIDCProvider(LocalProvider):
    """OpenID Connect."""

    authorize_path = "/authorize"
    token_path = "/token"

    def __init__(self) -> None:
        super().__init__()
        self.someone = Someone()
        self.hostile = Hostile()
        self.key = KEY
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}

    @property
    def issuer(self) -> str:
        """Its address."""
        return self.url

    def resource(self, path: str, authorization: str) -> Answer:
        """What it says about itself, its keys and its people."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "userinfo_endpoint": f"{self.url}/userinfo",
            } | self.metadata
        if path == "/keys":
            # Not all of them are for us.
            secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"}
            return 200, {"keys": [secret, self.key.as_dict(private=False)]}
        if path == "/userinfo" and authorization in self.tokens:
            return 200, {"sub": self.someone.sub} | self.userinfo
        return 401, {}

    def token_of(self, code: Code) -> dict[str, Any]:
        """An ID token."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": self.someone.sub,
            "iat": now,
            "exp": now + 300,
            "nonce": code.nonce,
            "name": self.someone.name,
        }
        if self.someone.email is not None:
            claims["email"] = self.someone.email
            claims["email_verified"] = self.someone.email_verified
        claims |= self.hostile.claims
        for name in self.hostile.without:
            claims.pop(name, None)
        sign = self.hostile.sign or self.signed
        return {"id_token": sign(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        """As it should be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token as somebody makes it who has no key."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


class GitHubServer(LocalProvider):
    """GitHub's endpoints, as those of an Enterprise Server."""

    authorize_path = "/login/oauth/authorize"
    token_path = "/login/oauth/access_token"

    def __init__(self) -> None:
        super().__init__()
        self.user: dict[str, Any] = {"id": 583231, "login": "ada", "name": "Ada Lovelace"}
        self.emails: list[dict[str, Any]] = [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "ada@example.com", "primary": True, "verified": True},
        ]

    def resource(self, path: str, authorization: str) -> Answer:
        """Its API."""
        if authorization not in self.tokens:
            return 401, {"message": "Requires authentication"}
        if path == "/api/v3/user":
            return 200, self.user
        if path == "/api/v3/user/emails":
            return 200, self.emails
        return 404, {}

    def token_of(self, code: Code) -> dict[str, Any]:
        """Nothing besides the access token."""
        return {"scope": "read:user,user:email"}

    def bad_code(self) -> Answer:
        """GitHub says it with 200."""
        return 200, {"error": "bad_verification_code", "error_description": "The code is wrong."}
