"""What routes can ask for with `Depends`."""

from fastapi import Request

from app.core import operators
from app.core.errors import UnauthorizedError
# slot: imports


async def require_operator(request: Request) -> None:
    """Let operators in: whoever sends the token, and anybody where none is required."""
    if not operators.token_is_required():
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not operators.is_right_token(given):
        raise UnauthorizedError("Send the header Authorization: Bearer DASHBOARD_TOKEN.")
# slot: dependencies


# Your dependencies
