"""The own sessions."""

from uuid import UUID

from app.components.backend.api.auth import PREFIX
from app.components.backend.api.auth.schemas import SessionPublic
from app.components.backend.api.identity import ClientDep, CurrentIdentity, CurrentUser
from app.components.backend.api.router import ComponentRouter
from app.models.auth import AuthSession
from app.services.auth import sessions

router = ComponentRouter(prefix=f"{PREFIX}/sessions", tags=["auth"])


@router.get("", summary="My sessions")
async def list_own(user: CurrentUser, identity: CurrentIdentity) -> list[SessionPublic]:
    """Where I am signed in."""
    return [shown(row, identity.session_id) for row in await sessions.list_sessions(user)]


@router.delete("/{session_id}", summary="End one of my sessions", status_code=204)
async def end_own(session_id: UUID, user: CurrentUser, client: ClientDep) -> None:
    """Sign out somewhere else."""
    await sessions.end_session(user.id, session_id, client)


def shown(row: AuthSession, current: UUID | None = None) -> SessionPublic:
    """A session without what is internal."""
    return SessionPublic(is_current=row.id == current, **row.model_dump())
