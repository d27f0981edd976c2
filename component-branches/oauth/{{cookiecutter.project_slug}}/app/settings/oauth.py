"""Settings of sign-in with others."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from app.core.secret_rules import TELLTALES
from app.settings.auth import AuthSettings

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_LOCAL = {"localhost", "127.0.0.1", "::1"}
SHORTEST_CLIENT_SECRET = 12

KNOWN: Mapping[str, Mapping[str, str]] = {
    "google": {"title": "Google", "issuer": "https://accounts.google.com"},
    "github": {"title": "GitHub", "issuer": "https://github.com", "kind": "github"},
}
"""What need not be said of them."""


class OAuthProvider(BaseModel):
    """Somebody who says who people are."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: Literal["oidc", "github"] = "oidc"
    title: Annotated[str, Field(min_length=1, max_length=50)]
    """What people read on the button."""
    issuer: Annotated[str, Field(max_length=255)]
    """The provider, exactly as it writes itself; of GitHub (Enterprise Server) where it is."""
    client_id: Annotated[str, Field(min_length=1, max_length=255)]
    client_secret: Annotated[SecretStr, Field(min_length=1)]

    @field_validator("issuer")
    @classmethod
    def issuer_is_an_address(cls, value: str) -> str:
        """Everything else of the provider is found by it."""
        parts = urlsplit(value)
        is_web = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        if not is_web or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("it is not like https://sso.example.com")
        return value


class OAuthSettings(AuthSettings):
    """Who people can sign in with."""

    OAUTH_PROVIDERS: dict[str, OAuthProvider] = {}

    @field_validator("OAUTH_PROVIDERS", mode="before")
    @classmethod
    def known_providers_are_completed(cls, value: object) -> object:
        """Of some, only the two values of their console are needed; the title may be the name."""
        if not isinstance(value, Mapping):
            return value
        return {
            name: {"title": str(name).capitalize(), **KNOWN.get(name, {}), **given}
            if isinstance(given, Mapping)
            else given
            for name, given in value.items()
        }

    @field_validator("OAUTH_PROVIDERS")
    @classmethod
    def providers_can_be_told_apart(
        cls, value: dict[str, OAuthProvider]
    ) -> dict[str, OAuthProvider]:
        """Their names stand in addresses, and whose somebody is goes by the issuer."""
        for name in value:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name: take small letters, digits, - and _")
        issuers = [provider.issuer for provider in value.values()]
        for name, provider in value.items():
            if issuers.count(provider.issuer) > 1:
                raise ValueError(f"{name} and another one have the same issuer")
        return value

    def warnings(self) -> Iterable[str]:
        """What is allowed, but hardly meant."""
        yield from super().warnings()
        for name, provider in self.OAUTH_PROVIDERS.items():
            secret = provider.client_secret.get_secret_value().lower()
            if len(secret) < SHORTEST_CLIENT_SECRET or any(word in secret for word in TELLTALES):
                yield f"OAUTH_PROVIDERS: the client secret of {name} looks like none."
