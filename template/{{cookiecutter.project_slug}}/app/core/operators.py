"""Operators: whoever knows `DASHBOARD_TOKEN` may see the dashboard and the details of the health."""

import hmac

from app.core.config import settings


def token_is_required() -> bool:
    """In production always; elsewhere only if a token is set."""
    return settings.is_production or settings.DASHBOARD_TOKEN is not None


def token() -> bytes | None:
    """The token. Without one, nobody gets in where it is required."""
    found = settings.DASHBOARD_TOKEN
    return found.get_secret_value().encode() if found is not None else None


def is_right_token(given: str) -> bool:
    """Compare in constant time."""
    right = token()
    return right is not None and hmac.compare_digest(given.strip().encode(), right)
