"""What routes can ask for with `Depends`."""

from fastapi import Request

from app.components.frontend.door import door
from app.core import operators
from app.core.errors import UnauthorizedError
# slot: imports


async def require_operator(request: Request) -> None:
    """Let operators in: whoever sends the token or may see the dashboard, and anybody where none is required."""
    if not operators.token_is_required():
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and operators.is_right_token(given):
        return
    if await door().admit(request) is None:
        raise UnauthorizedError("Send the header Authorization: Bearer DASHBOARD_TOKEN.")


# Your dependencies
