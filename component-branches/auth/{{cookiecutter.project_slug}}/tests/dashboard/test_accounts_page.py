"""The page of accounts."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from app.components.frontend.door import Viewer, viewer
from app.components.frontend.pages import accounts
from app.core.db import Database
from app.models.auth import AuthEvent
from app.models.user import User
from app.services.auth import Client, Tokens, authenticate
from app.services.auth.errors import SessionOverError
from app.services.auth.login import log_in
from tests.auth.support import PASSWORD
from tests.dashboard.support import Screen, make_frame
from tests.fixtures.auth import GivePhone, MakeUser

Show = Callable[..., Awaitable[Screen]]


@pytest.fixture
async def screen(show: Show, make_user: MakeUser, database: Database) -> Screen:
    """The page, with an administrator and an account."""
    make_user("admin@example.com", role="admin")
    make_user()
    return await show(make_frame(), route="/accounts")


async def sign_in() -> Tokens:
    """Begin a session of the account."""
    return await log_in("ada@example.com", PASSWORD, Client("192.0.2.1", "tests"))


async def look_again(screen: Screen) -> None:
    """Show what is there now."""
    view = screen.dashboard._view
    assert isinstance(view, accounts.AccountsView)
    view.look_again()
    await screen.dashboard.show(make_frame())
    await screen.browser.settle()


async def test_it_shows_accounts_and_what_happened(screen: Screen) -> None:
    assert screen.shows("ada@example.com")
    assert screen.shows("2 accounts; 0 sessions")
    await sign_in()
    await look_again(screen)
    assert screen.shows("2 accounts; 1 session")
    assert not screen.shows("1 sessions")
    assert screen.shows("logged_in")


def test_the_audit_log_has_columns() -> None:
    """Also where nobody is known by the address that somebody tried."""
    ada = uuid4()
    at = datetime(2026, 11, 30, tzinfo=UTC)
    address = "192.0.2.1"
    known = AuthEvent(at=at, name="logged_in", user_id=ada, address=address)
    unknown = AuthEvent(at=at, name="login_failed", address=address)
    one, other = accounts.event_lines([known, unknown], {ada: "ada@example.com"})
    assert one.index(address) == other.index(address)


async def test_it_shows_who_has_a_second_factor(
    screen: Screen, give_phone: GivePhone, sync_db_session: Session
) -> None:
    assert not screen.shows("second factor")
    give_phone(sync_db_session.exec(select(User).where(User.role == "user")).one())
    await look_again(screen)
    assert screen.shows("user, active, second factor")
    assert screen.shows("admin, active, password alone")


async def test_an_account_is_closed_with_a_click(screen: Screen, sync_db_session: Session) -> None:
    admin = sync_db_session.exec(select(User).where(User.role == "admin")).one()
    token = (await sign_in()).access_token
    viewer.set(Viewer(admin.email, str(admin.id)))
    # The last one that says so: that of the newer account.
    await screen.press("Deactivate")
    await look_again(screen)
    assert screen.shows("deactivated")
    with pytest.raises(SessionOverError):
        await authenticate(token)
    event = sync_db_session.exec(select(AuthEvent).where(AuthEvent.name == "deactivated")).one()
    assert event.actor_id == admin.id
    await screen.press("Activate")
    await look_again(screen)
    assert not screen.shows("deactivated, ")


async def test_sessions_are_ended_with_a_click(screen: Screen) -> None:
    token = (await sign_in()).access_token
    await look_again(screen)
    await screen.press("End all sessions")
    with pytest.raises(SessionOverError):
        await authenticate(token)


async def test_what_does_not_work_is_said(screen: Screen, sync_db_session: Session) -> None:
    for user in sync_db_session.exec(select(User).where(User.role == "user")):
        user.is_active = False
        sync_db_session.add(user)
    sync_db_session.commit()
    await look_again(screen)
    await screen.press("Deactivate")
    assert screen.shows("last administrator")
