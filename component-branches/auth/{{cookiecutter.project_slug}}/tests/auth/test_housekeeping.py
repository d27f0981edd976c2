"""What has no use any more goes; what somebody may still need stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from app.core.db import Database
from app.models.auth import (
    AuthChallenge,
    AuthEvent,
    AuthLink,
    AuthSecondFactor,
    AuthSession,
    LinkPurpose,
)
from app.models.user import User, utc_now
from app.services.auth.housekeeping import purge
from tests.fixtures.auth import GivePhone, MakeUser

LONG_AGO = utc_now() - timedelta(days=8)


def link(user: User, purpose: LinkPurpose) -> AuthLink:
    return AuthLink(
        user_id=user.id,
        purpose=purpose,
        token_hash=f"{user.email}-{purpose}",
        expires_at=LONG_AGO - timedelta(days=1),
    )


async def test_what_is_over_goes(
    make_user: MakeUser, sync_db_session: Session, database: Database
) -> None:
    user = make_user()
    now = utc_now()
    later = now + timedelta(days=30)
    kept = AuthSession(user_id=user.id, epoch=0, expires_at=later)
    ended = AuthSession(user_id=user.id, epoch=0, expires_at=later, ended_at=LONG_AGO)
    just_ended = AuthSession(user_id=user.id, epoch=0, expires_at=later, ended_at=now)
    expired = AuthSession(user_id=user.id, epoch=0, expires_at=LONG_AGO)
    events = [
        AuthEvent(name="logged_in", at=now - timedelta(days=days), user_id=user.id)
        for days in (364, 366)
    ]
    sync_db_session.add_all([kept, ended, just_ended, expired, *events])
    sync_db_session.add(link(user, LinkPurpose.RESET_PASSWORD))
    ids = {kept.id, just_ended.id}
    sync_db_session.commit()
    assert await purge() == 4
    assert {row.id for row in sync_db_session.exec(select(AuthSession))} == ids
    assert sync_db_session.exec(select(AuthLink)).all() == []
    assert len(sync_db_session.exec(select(AuthEvent)).all()) == 1
    assert await purge() == 0
    await database.aclose()


async def test_it_does_not_stop_who_writes_in_the_event_loop(
    make_user: MakeUser, database: Database
) -> None:
    """As the scheduler does with its jobs."""
    make_user()
    purging = asyncio.create_task(purge())
    while not purging.done():
        await asyncio.sleep(0)
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE auth_event SET name = name"))
    assert await purging == 0
    await database.aclose()


async def test_logins_and_second_factors_that_nobody_finished_go(
    make_user: MakeUser, give_phone: GivePhone, sync_db_session: Session, database: Database
) -> None:
    user, other = make_user(), make_user("grace@example.com")
    give_phone(other)
    started = AuthSecondFactor(user_id=user.id, sealed_secret="x", created_at=LONG_AGO)
    sync_db_session.add(started)
    for number, expires in enumerate([LONG_AGO, utc_now()]):
        challenge = AuthChallenge(
            user_id=user.id, epoch=0, token_hash=str(number), expires_at=expires
        )
        sync_db_session.add(challenge)
    for factor in sync_db_session.exec(select(AuthSecondFactor)):
        factor.created_at = LONG_AGO
        sync_db_session.add(factor)
    sync_db_session.commit()
    assert await purge() == 2
    assert [f.user_id for f in sync_db_session.exec(select(AuthSecondFactor))] == [other.id]
    assert [c.token_hash for c in sync_db_session.exec(select(AuthChallenge))] == ["1"]
    await database.aclose()


@pytest.mark.parametrize("purposes", [["verify_email"], ["verify_email", "reset_password"], []])
async def test_registrations_that_nobody_confirmed_go_and_invitations_stay(
    make_user: MakeUser, sync_db_session: Session, database: Database, purposes: list[str]
) -> None:
    user = make_user(password=None, is_verified=False)
    make_user("confirmed@example.com")
    make_user("new@example.com", password=None, is_verified=False)
    user.created_at = LONG_AGO
    sync_db_session.add(user)
    sync_db_session.add_all([link(user, LinkPurpose(purpose)) for purpose in purposes])
    sync_db_session.commit()
    await purge()
    left = {found.email for found in sync_db_session.exec(select(User))}
    assert ("ada@example.com" in left) == (purposes != ["verify_email"])
    assert {"confirmed@example.com", "new@example.com"} <= left
    await database.aclose()
