"""Who asks the assistant."""

from fastapi import Request, Response

from app.components.backend.api.deps import require_operator
from app.services.ai import OPERATOR, Caller


async def get_ai_caller(request: Request, response: Response) -> Caller:
    """Operators: in production whoever sends DASHBOARD_TOKEN, elsewhere anybody.

    Each answer costs money, so this is never open to strangers.
    """
    # Conversations are for those who had them.
    response.headers["Cache-Control"] = "no-store"
    # slot: users
    await require_operator(request)
    return OPERATOR
