"""Who an account is elsewhere."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.core.validation import LONGEST_EMAIL
from app.models.user import utc_now

LONGEST_ISSUER = 255
LONGEST_SUBJECT = 255


class AuthIdentity(SQLModel, table=True):
    """Somebody of a provider who may sign in to an account. No tokens of the provider are kept."""

    __tablename__ = "auth_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_auth_identity_issuer_subject"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    issuer: str = Field(max_length=LONGEST_ISSUER)
    """The provider itself. Not its name in the settings, which may come to mean another one."""
    subject: str = Field(max_length=LONGEST_SUBJECT)
    """Who it is there, for ever. Addresses change hands."""
    email: str | None = Field(default=None, max_length=LONGEST_EMAIL)
    """What the provider said last, to tell several apart. Nobody is found by it."""
    created_at: datetime = Field(default_factory=utc_now)
    last_used_at: datetime | None = None
