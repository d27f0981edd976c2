"""The providers of the settings."""

from collections.abc import Mapping
from functools import lru_cache

from app.core.config import settings
from app.core.constants import API_PREFIX
from app.core.errors import NotFoundError
from app.services.oauth.models import Provider
from app.settings.oauth import OAuthProvider


def configured() -> Mapping[str, OAuthProvider]:
    """What the settings say, by name."""
    return settings.OAUTH_PROVIDERS


def find_provider(name: str) -> Provider:
    """One of them.

    Raises:
        NotFoundError: There is none of this name.
    """
    if name not in configured():
        raise NotFoundError("Nobody can sign in with that here.")
    return make_provider(name)


@lru_cache(maxsize=64)
def make_provider(name: str) -> Provider:
    """Made once in each process: it remembers what it has read about the provider."""
    # Where nobody signs in with others, the library is not loaded.
    from app.services.oauth.github import GitHubProvider
    from app.services.oauth.oidc import OpenIDProvider

    config = configured()[name]
    kind = GitHubProvider if config.kind == "github" else OpenIDProvider
    return kind(name, config, redirect_uri(name))


def title_of(issuer: str) -> str:
    """What people call a provider; one that has gone from the settings has only its address."""
    return next((p.title for p in configured().values() if p.issuer == issuer), issuer)


def redirect_uri(name: str) -> str:
    """Where a provider sends people back to. It never comes from a request."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{API_PREFIX}/auth/oauth/{name}/callback"
