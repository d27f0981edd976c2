"""Whoever is signed in asks the assistant as themselves."""

from fastapi import Request, Response

from app.components.backend.api.auth import cookies
from app.components.backend.api.identity import (
    get_current_active_user,
    get_identity,
    oauth2_scheme,
)
from app.core import operators
from app.services.ai import Caller


async def account_that_asks(request: Request, response: Response) -> Caller | None:
    """The account; None for a request without one, which may be an operator's.

    Administrators see how the system is doing and what everybody used, and nobody else's texts.
    """
    token = await oauth2_scheme(request)
    if token is None and cookies.ACCESS not in request.cookies:
        return None
    if token is not None and operators.is_right_token(token):
        return None
    identity = await get_identity(request, response, token)
    user = await get_current_active_user(identity.user)
    return Caller(user_id=str(user.id), is_operator=user.role == "admin")
