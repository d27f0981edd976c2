"""Administration: accounts, their sessions, and the audit log. All of it takes the role admin."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from app.components.backend.api.auth import PREFIX
from app.components.backend.api.auth.schemas import (
    Accepted,
    EventPublic,
    RoleRequest,
    SessionPublic,
    UserInvite,
    UserList,
)
from app.components.backend.api.auth.sessions import shown
from app.components.backend.api.identity import ClientDep, CurrentAdmin, require_role
from app.components.backend.api.router import ComponentRouter
from app.core.validation import Line
from app.models.user import Role, User, UserPublic
from app.services.auth import administration, audit, sessions

LARGEST_INTEGER = 2**31 - 1

router = ComponentRouter(
    prefix=PREFIX,
    tags=["auth: administration"],
    dependencies=[Depends(require_role("admin"))],
)


@router.get("/users", summary="Accounts")
async def list_users(
    search: Annotated[Line, Query(description="A part of the address or the name.")] = "",
    role: Role | None = None,
    is_active: bool | None = None,
    offset: Annotated[int, Query(ge=0, le=LARGEST_INTEGER)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> UserList:
    """The accounts that fit, the oldest first."""
    page = await administration.list_users(
        search, role=role, is_active=is_active, offset=offset, limit=limit
    )
    users = [UserPublic.model_validate(user, from_attributes=True) for user in page.users]
    return UserList(users=users, total=page.total)


@router.post("/users", summary="Make an account", status_code=201, response_model=UserPublic)
async def create_user(body: UserInvite, admin: CurrentAdmin, client: ClientDep) -> User:
    """Its owner gets a mail with a link to choose a password."""
    return await administration.create_user(
        body.email, body.full_name, body.role, client=client, actor_id=admin.id
    )


@router.get("/users/{user_id}", summary="An account", response_model=UserPublic)
async def get_user(user_id: UUID) -> User:
    """One account."""
    return await administration.get_user(user_id)


@router.put("/users/{user_id}/role", summary="Give a role", response_model=UserPublic)
async def set_role(
    user_id: UUID, body: RoleRequest, admin: CurrentAdmin, client: ClientDep
) -> User:
    """It counts from the next request on."""
    return await administration.set_role(user_id, body.role, client=client, actor_id=admin.id)


@router.post("/users/{user_id}/deactivate", summary="Close an account", response_model=UserPublic)
async def deactivate(user_id: UUID, admin: CurrentAdmin, client: ClientDep) -> User:
    """End its sessions, and let nobody sign in to it."""
    return await administration.set_active(user_id, False, client=client, actor_id=admin.id)


@router.post("/users/{user_id}/activate", summary="Open an account", response_model=UserPublic)
async def activate(user_id: UUID, admin: CurrentAdmin, client: ClientDep) -> User:
    """Let its owner sign in again."""
    return await administration.set_active(user_id, True, client=client, actor_id=admin.id)


@router.post("/users/{user_id}/reset-password", summary="Mail a link", status_code=202)
async def send_reset(user_id: UUID, admin: CurrentAdmin, client: ClientDep) -> Accepted:
    """The owner gets a link to choose a new password."""
    await administration.send_reset(user_id, client=client, actor_id=admin.id)
    return Accepted(detail="A mail is on its way.")


@router.post(
    "/users/{user_id}/reset-second-factor",
    summary="Remove a second factor",
    response_model=UserPublic,
)
async def reset_second_factor(user_id: UUID, admin: CurrentAdmin, client: ClientDep) -> User:
    """For somebody who has lost theirs. It ends their sessions; the own one takes password and code."""
    return await administration.reset_second_factor(user_id, client=client, actor_id=admin.id)


@router.get("/users/{user_id}/sessions", summary="Sessions of an account")
async def list_sessions(user_id: UUID) -> list[SessionPublic]:
    """Where somebody is signed in."""
    user = await administration.get_user(user_id)
    return [shown(row) for row in await sessions.list_sessions(user)]


@router.delete("/users/{user_id}/sessions", summary="End all sessions", status_code=204)
async def end_sessions(user_id: UUID, admin: CurrentAdmin, client: ClientDep) -> None:
    """Sign somebody out everywhere."""
    await administration.end_sessions(user_id, client=client, actor_id=admin.id)


@router.get("/audit", summary="Audit log")
async def list_events(
    user_id: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_INTEGER)] = None,
) -> list[EventPublic]:
    """What happened, the latest first; `before` is the last id of the page before."""
    events = await audit.list_events(user_id, limit=limit, before=before)
    return [EventPublic.model_validate(event, from_attributes=True) for event in events]
