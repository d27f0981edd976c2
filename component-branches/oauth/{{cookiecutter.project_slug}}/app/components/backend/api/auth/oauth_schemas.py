"""What the routes of sign-in with others take and answer."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.components.backend.api.auth.schemas import Request


class ProviderPublic(BaseModel):
    """Somebody to sign in with."""

    name: str
    title: str
    login: str
    """The path that a browser opens."""


class LinkOptions(Request):
    """Where the browser goes when it has come back."""

    next: str = Field(default="", max_length=500)


class LinkBegun(BaseModel):
    """Where the browser has to go."""

    url: str


class IdentityPublic(BaseModel):
    """Who somebody is elsewhere."""

    id: UUID
    title: str
    email: str | None
    created_at: datetime
    last_used_at: datetime | None
