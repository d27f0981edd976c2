"""Accounts of an earlier version are still there after an update."""

from uuid import uuid4

from sqlalchemy import text
from sqlmodel import Session, select

from app.core.db import Database
from app.core.db.migrations import downgrade, upgrade
from app.models.user import User, utc_now

INSERT = """INSERT INTO "user" (id, email, full_name, role, is_active, is_verified, password_hash,
session_epoch, created_at, updated_at)
VALUES (:id, 'ada@example.com', 'Ada', 'admin', :yes, :yes, 'argon2', 3, :now, :now)"""


def test_accounts_from_before_second_factors_sign_in_as_ever(empty_database: Database) -> None:
    upgrade("auth_0001")
    row = {"id": uuid4().hex, "yes": True, "now": utc_now()}
    with empty_database.engine.begin() as connection:
        connection.execute(text(INSERT), row)
    assert "auth_0002" in upgrade()
    for _ in range(2):
        with Session(empty_database.engine) as session:
            user = session.exec(select(User)).one()
        assert (user.email, user.role, user.session_epoch) == ("ada@example.com", "admin", 3)
        assert user.second_factor_at is None
        # Back and forth once more.
        downgrade("auth@auth_0001")
        assert "auth_0002" in upgrade()
