"""What routes can ask for with `Depends`."""

import hmac

from fastapi import Request

from app.core.config import settings
from app.core.errors import UnauthorizedError
# slot: imports


async def require_operator(request: Request) -> None:
    """Let operators in: anybody during development, in production the holder of the token."""
    if not settings.is_production:
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.DASHBOARD_TOKEN
    if (
        token is None
        or scheme.lower() != "bearer"
        or not hmac.compare_digest(given.strip().encode(), token.get_secret_value().encode())
    ):
        raise UnauthorizedError("Send the header Authorization: Bearer DASHBOARD_TOKEN.")
# slot: dependencies


# Your dependencies
