"""GitHub. It speaks OAuth 2 and has an API of its own to ask who somebody is."""

from typing import Any

from authlib.integrations.httpx_client import AsyncOAuth2Client

from app.services.oauth.models import Challenge, Person
from app.services.oauth.web import asking, oauth_client, read_json
from app.settings.oauth import OAuthProvider

GITHUB = "https://github.com"
GITHUB_API = "https://api.github.com"
SCOPES = "read:user user:email"


class GitHubProvider:
    """github.com, or a GitHub Enterprise Server."""

    def __init__(self, name: str, config: OAuthProvider, redirect_uri: str) -> None:
        self.name = name
        self.title = config.title
        self.issuer = config.issuer
        self.config = config
        self.redirect_uri = redirect_uri
        self.site = config.issuer.rstrip("/")
        self.api = GITHUB_API if self.site == GITHUB else f"{self.site}/api/v3"

    async def begin(self, challenge: Challenge) -> str:
        """Ask for a code."""
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                f"{self.site}/login/oauth/authorize",
                state=challenge.state,
                code_verifier=challenge.verifier,
            )
        return str(url)

    async def finish(self, challenge: Challenge, code: str, iss: str | None) -> Person:
        """Exchange the code, and ask whose it is. There is no token to verify: GitHub itself answers."""
        async with asking(self.title), self._client() as client:
            await client.fetch_token(
                f"{self.site}/login/oauth/access_token",
                grant_type="authorization_code",
                code=code,
                code_verifier=challenge.verifier,
            )
            user = read_json(await client.get(f"{self.api}/user"))
            emails = read_json(await client.get(f"{self.api}/user/emails"))
            return person_from(self.issuer, user, emails)

    def _client(self) -> AsyncOAuth2Client:
        return oauth_client(
            client_id=self.config.client_id,
            client_secret=self.config.client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_post",  # noqa: S106
            redirect_uri=self.redirect_uri,
            scope=SCOPES,
        )


def person_from(issuer: str, user: dict[str, Any], emails: list[dict[str, Any]]) -> Person:
    """Who it is: the number stays, while names and addresses change."""
    number = user["id"]
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError("the id is no number")
    primary = [found for found in emails if found.get("primary") is True]
    email = primary[0].get("email") if primary else None
    name = user.get("name") or user.get("login")
    return Person(
        issuer=issuer,
        subject=str(number),
        email=email if isinstance(email, str) else None,
        is_email_verified=bool(primary) and primary[0].get("verified") is True,
        name=name if isinstance(name, str) else "",
    )
