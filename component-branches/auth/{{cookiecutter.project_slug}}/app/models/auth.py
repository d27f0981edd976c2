"""What the accounts' service remembers: sessions, links in mails, second factors, and what happened."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.user import utc_now


class AuthSession(SQLModel, table=True):
    """Somebody signed in somewhere. One row, however often its tokens are renewed."""

    __tablename__ = "auth_session"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    epoch: int
    """The account's epoch when it began."""
    generation: int = 0
    """How often its tokens were renewed: only the newest refresh token counts."""
    is_cookie: bool = False
    created_at: datetime = Field(default_factory=utc_now)
    renewed_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime = Field(index=True)
    """Renewing does not move it."""
    ended_at: datetime | None = None
    address: str = Field(default="", max_length=64)
    user_agent: str = Field(default="", max_length=255)


class LinkPurpose(StrEnum):
    """What a link in a mail is for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


class AuthLink(SQLModel, table=True):
    """A link that was mailed. Its secret is stored as a hash, and counts once."""

    __tablename__ = "auth_link"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    purpose: LinkPurpose
    token_hash: str = Field(unique=True, max_length=64, repr=False)
    full_name: str | None = Field(default=None, max_length=200)
    password_hash: str | None = Field(default=None, max_length=255, repr=False)
    """What was given at the registration that this link confirms: whoever registers an address that
    is not theirs must not leave a password behind for its owner."""
    created_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class AuthSecondFactor(SQLModel, table=True):
    """The authenticator app of an account."""

    __tablename__ = "auth_second_factor"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", unique=True, ondelete="CASCADE")
    sealed_secret: str = Field(max_length=255, repr=False)
    """Encrypted: codes are made of it, so no hash would do."""
    created_at: datetime = Field(default_factory=utc_now)
    confirmed_at: datetime | None = None
    """None: its owner has not shown yet that the app makes the right codes, and none is asked for."""
    last_step: int = 0
    """The step of time to which the last code belonged. It counts once, and so do all before it."""
    failures: int = 0
    """How many wrong codes came since the last right one."""
    waits_until: datetime | None = None
    """Until then no code is looked at."""


class AuthRecoveryCode(SQLModel, table=True):
    """A code for who has lost their app. Stored as a hash, and counts once."""

    __tablename__ = "auth_recovery_code"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    code_hash: str = Field(unique=True, max_length=64, repr=False)
    created_at: datetime = Field(default_factory=utc_now)
    used_at: datetime | None = None


class AuthChallenge(SQLModel, table=True):
    """Somebody knew the password, and owes a code. Its secret is stored as a hash, and counts once."""

    __tablename__ = "auth_challenge"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    epoch: int
    """The account's epoch when the password was right: a new password, or signing out everywhere, ends it."""
    token_hash: str = Field(unique=True, max_length=64, repr=False)
    is_cookie: bool = False
    created_at: datetime = Field(default_factory=utc_now)
    expires_at: datetime = Field(index=True)
    used_at: datetime | None = None


class AuthEvent(SQLModel, table=True):
    """Something that happened to an account. Rows are only added."""

    __tablename__ = "auth_event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=utc_now, index=True)
    name: str = Field(max_length=48, index=True)
    user_id: UUID | None = Field(default=None, index=True)
    """The account. No foreign key: what happened stays true when the account has gone."""
    actor_id: UUID | None = None
    """Who did it, if it was another account."""
    address: str = Field(default="", max_length=64)
    user_agent: str = Field(default="", max_length=255)
    request_id: str | None = Field(default=None, max_length=64)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
