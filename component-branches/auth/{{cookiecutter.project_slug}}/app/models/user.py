"""Accounts."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid4

from pydantic import ConfigDict
from sqlalchemy import String
from sqlmodel import Field, SQLModel

from app.core.validation import LONGEST_EMAIL, LONGEST_NAME, Email, Name, Password

Role = Literal["user", "admin"]
"""What an account may do. Add your own here; `require_role` completes them."""


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class User(SQLModel, table=True):
    """An account. Never an answer of the API: `UserPublic` is."""

    __tablename__ = "user"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(unique=True, index=True, max_length=LONGEST_EMAIL)
    """In the one spelling that `normalise_email` makes."""
    full_name: str = Field(default="", max_length=LONGEST_NAME)
    role: Role = Field(default="user", sa_type=String(32))
    is_active: bool = True
    is_verified: bool = False
    password_hash: str | None = Field(default=None, max_length=255, repr=False)
    """None: nobody can sign in with a password."""
    session_epoch: int = 0
    """Sessions of an earlier epoch are over: adding one ends all of them, however many begin meanwhile."""
    created_at: datetime = Field(default_factory=utc_now)
    updated_at: datetime = Field(default_factory=utc_now, sa_column_kwargs={"onupdate": utc_now})
    last_login_at: datetime | None = None
    password_changed_at: datetime | None = None
    second_factor_at: datetime | None = None
    """Since when signing in takes a code as well as the password; None: it does not."""


class UserCreate(SQLModel):
    """What somebody says who registers. Nothing else is taken: no role, no "verified"."""

    model_config = ConfigDict(extra="forbid")  # ty: ignore[invalid-assignment]

    email: Email
    password: Password = Field(repr=False)
    full_name: Name = ""


class UserUpdate(SQLModel):
    """What people may change about themselves."""

    model_config = ConfigDict(extra="forbid")  # ty: ignore[invalid-assignment]

    full_name: Name


class UserPublic(SQLModel):
    """An account as its owner and administrators see it."""

    id: UUID
    email: str
    full_name: str
    role: str
    is_active: bool
    is_verified: bool
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None
    second_factor_at: datetime | None
