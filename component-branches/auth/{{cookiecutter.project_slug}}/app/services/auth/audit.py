"""The audit log: what happened to which account, by whom, from where."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.context import request_id
from app.core.db import db_session
from app.core.logging import get_logger
from app.models.auth import AuthEvent
from app.services.auth.models import Client

log = get_logger(__name__)


class Event(StrEnum):
    """What can happen."""

    REGISTERED = "registered"
    REGISTERED_AGAIN = "registered_again"
    EMAIL_VERIFIED = "email_verified"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    REFRESH_REPEATED = "refresh_repeated"
    REFRESH_REUSED = "refresh_reused"
    SESSION_ENDED = "session_ended"
    ALL_SESSIONS_ENDED = "all_sessions_ended"
    PROFILE_CHANGED = "profile_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_CHANGE_FAILED = "password_change_failed"  # noqa: S105
    RESET_REQUESTED = "reset_requested"
    PASSWORD_RESET = "password_reset"  # noqa: S105
    CODE_ASKED = "code_asked"
    CODE_FAILED = "code_failed"
    SECOND_FACTOR_STARTED = "second_factor_started"
    SECOND_FACTOR_ENABLED = "second_factor_enabled"
    SECOND_FACTOR_DISABLED = "second_factor_disabled"
    SECOND_FACTOR_RESET = "second_factor_reset"
    SECOND_FACTOR_REFUSED = "second_factor_refused"
    RECOVERY_CODES_REPLACED = "recovery_codes_replaced"
    USER_CREATED = "user_created"
    ROLE_CHANGED = "role_changed"
    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    # slot: events
    # Your events


def record(
    session: AsyncSession,
    event: Event,
    client: Client,
    *,
    user_id: UUID | None = None,
    actor_id: UUID | None = None,
    **details: Any,
) -> None:
    """Add an event to what the session will commit, and to the logs. No secrets, no addresses of strangers."""
    session.add(
        AuthEvent(
            name=event.value,
            user_id=user_id,
            actor_id=actor_id,
            address=client.address,
            user_agent=client.user_agent,
            request_id=request_id.get(),
            details=details,
        )
    )
    log.info(
        f"auth_{event.value}",
        user_id=str(user_id) if user_id else None,
        actor_id=str(actor_id) if actor_id else None,
        address=client.address,
        **details,
    )


async def list_events(
    user_id: UUID | None = None, limit: int = 50, before: int | None = None
) -> Sequence[AuthEvent]:
    """The latest events; `before` is the id of the last one that is known already."""
    query = select(AuthEvent).order_by(col(AuthEvent.id).desc()).limit(limit)
    if user_id is not None:
        query = query.where(AuthEvent.user_id == user_id)
    if before is not None:
        query = query.where(col(AuthEvent.id) < before)
    async with db_session() as session:
        return (await session.exec(query)).all()
