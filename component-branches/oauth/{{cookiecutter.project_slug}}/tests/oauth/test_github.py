"""GitHub, by a stand-in for its endpoints."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from app.models.oauth import AuthIdentity
from app.services.oauth.github import GitHubProvider
from app.settings.oauth import OAuthProvider
from tests.auth.support import is_problem
from tests.fixtures.auth import MakeUser
from tests.oauth.provider import GitHubServer, OIDCProvider
from tests.oauth.support import agree, begin, come_back, query_of, sign_in, who


def test_somebody_is_their_number(
    browser: TestClient, sso: OIDCProvider, github: GitHubServer, db_session: Session
) -> None:
    sign_in(browser, "github")
    assert who(browser) == "ada@example.com"
    [identity] = db_session.exec(select(AuthIdentity))
    assert (identity.issuer, identity.subject) == (github.url, "583231")
    # Names and addresses change hands; the number does not.
    github.user = {"id": 583231, "login": "countess", "name": None}
    github.emails = [{"email": "new@example.com", "primary": True, "verified": True}]
    sign_in(browser, "github")
    assert who(browser) == "ada@example.com"
    github.user = {"id": 7, "login": "ada", "name": None}
    sign_in(browser, "github")
    assert who(browser) == "new@example.com"


def test_the_question_has_pkce(browser: TestClient, sso: OIDCProvider) -> None:
    found = query_of(begin(browser, "github"))
    assert found["code_challenge_method"] == "S256"
    assert found["scope"] == "read:user user:email"
    assert found["redirect_uri"] == "https://testserver/api/auth/oauth/github/callback"


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [{"email": "ada@example.com", "primary": True, "verified": False}],
        [{"email": "ada@example.com", "primary": False, "verified": True}],
        [{"email": "ada@example.com", "primary": True}],
        [{"email": None, "primary": True, "verified": True}],
    ],
)
def test_only_the_primary_verified_address_counts(
    browser: TestClient,
    sso: OIDCProvider,
    github: GitHubServer,
    make_user: MakeUser,
    emails: list[dict[str, Any]],
) -> None:
    make_user()
    github.emails = emails
    is_problem(sign_in(browser, "github"), 403)
    assert who(browser) is None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/api/v3/user", []),
        ("/api/v3/user", {"id": None}),
        ("/api/v3/user", {"id": True}),
        ("/api/v3/user", {"id": "583231"}),
        ("/api/v3/user/emails", {"message": "Not Found"}),
        ("/api/v3/user/emails", [7]),
        ("/login/oauth/access_token", {"scope": ""}),
    ],
)
def test_odd_answers_sign_nobody_in(
    browser: TestClient, sso: OIDCProvider, github: GitHubServer, path: str, content: object
) -> None:
    github.instead[path] = (200, content)
    is_problem(sign_in(browser, "github"), 502)
    assert who(browser) is None


def test_a_code_works_once_though_github_says_so_with_200(
    browser: TestClient, sso: OIDCProvider, github: GitHubServer
) -> None:
    url = agree(begin(browser, "github"))
    for code in github.codes.values():
        code.is_used = True
    is_problem(come_back(browser, url), 400)


def test_github_itself_needs_no_more_than_two_values() -> None:
    config = OAuthProvider.model_validate(
        {
            "kind": "github",
            "title": "GitHub",
            "issuer": "https://github.com",
            "client_id": "x",
            "client_secret": "y",
        }
    )
    found = GitHubProvider("github", config, "https://example.com/callback")
    assert (found.site, found.api) == ("https://github.com", "https://api.github.com")
