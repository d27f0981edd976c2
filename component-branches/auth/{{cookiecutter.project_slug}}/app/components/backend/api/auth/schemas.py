"""What the routes take and answer. Whatever else somebody sends is refused."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.core.validation import Email, Line, Name, Password, check_encodable
from app.models.user import Role, UserPublic

Token = Annotated[str, Field(min_length=1, max_length=1024)]
Code = Annotated[
    str, StringConstraints(min_length=1, max_length=64), AfterValidator(check_encodable)
]


class Request(BaseModel):
    """A body."""

    model_config = ConfigDict(extra="forbid")


class LoginRequest(Request):
    """Who somebody says they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "ada@example.com", "password": "correct horse battery"}]
        }
    )

    email: Line
    password: Password = Field(repr=False)
    use_cookies: bool = False
    """For browsers: the tokens come in cookies that scripts cannot read."""


class TokenResponse(BaseModel):
    """Tokens, as OAuth 2 writes them. Those in cookies are not repeated here."""

    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    access_token: str | None = None
    refresh_token: str | None = None
    csrf_token: str | None = None
    expires_in: int


class CodeRequest(Request):
    """A code of the authenticator app, or a recovery code."""

    code: Code = Field(repr=False)


class LoginCodeRequest(CodeRequest):
    """The rest of a login."""

    challenge_token: Token = Field(repr=False)


class RefreshRequest(Request):
    """The newest refresh token; a browser with cookies sends none."""

    refresh_token: Token | None = Field(default=None, repr=False)


class LinkRequest(Request):
    """What stands behind `#` in a link."""

    token: Token = Field(repr=False)


class EmailRequest(Request):
    """An address."""

    email: Email


class ResetRequest(LinkRequest):
    """A link, and the password that its owner chose."""

    new_password: Password = Field(repr=False)


class PasswordRequest(Request):
    """The present password and the new one."""

    current_password: Password = Field(repr=False)
    new_password: Password = Field(repr=False)


class OwnPasswordRequest(Request):
    """The present password."""

    current_password: Password = Field(repr=False)


class OwnPasswordAndCodeRequest(OwnPasswordRequest, CodeRequest):
    """All that it takes to sign in."""


class SecondFactorPublic(BaseModel):
    """What an account has."""

    enabled_at: datetime | None
    recovery_codes_left: int
    is_required: bool
    """Whether the role of the account can do nothing without it."""


class EnrolmentPublic(BaseModel):
    """What an authenticator app has to know. It is shown this once."""

    secret: str
    secret_in_groups: str
    """For whoever types it: time-based, SHA-1, 6 digits, 30 seconds, as all apps assume."""
    otpauth_uri: str
    """A phone opens it with its app; as a QR code it comes from a screen to a phone."""


class RecoveryCodes(BaseModel):
    """Each counts once, in place of a code of the app. They are shown this once."""

    recovery_codes: list[str]


class Accepted(BaseModel):
    """The same answer for everybody."""

    detail: str


class SessionPublic(BaseModel):
    """Somebody signed in somewhere."""

    id: UUID
    is_current: bool
    created_at: datetime
    renewed_at: datetime
    expires_at: datetime
    address: str
    user_agent: str


class UserInvite(Request):
    """An account that an administrator makes."""

    email: Email
    full_name: Name = ""
    role: Role = "user"


class RoleRequest(Request):
    """A role."""

    role: Role


class UserList(BaseModel):
    """Some accounts, and how many there are."""

    users: list[UserPublic]
    total: int


class EventPublic(BaseModel):
    """Something that happened."""

    id: int
    at: datetime
    name: str
    user_id: UUID | None
    actor_id: UUID | None
    address: str
    user_agent: str
    request_id: str | None
    details: dict[str, Any]
