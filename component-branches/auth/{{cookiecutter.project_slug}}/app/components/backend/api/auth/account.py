"""The own account: registering, confirming, changing, and a forgotten password."""

from app.components.backend.api.auth import PREFIX
from app.components.backend.api.auth.schemas import (
    Accepted,
    EmailRequest,
    LinkRequest,
    PasswordRequest,
    ResetRequest,
)
from app.components.backend.api.identity import ClientDep, CurrentIdentity, CurrentUser
from app.components.backend.api.router import ComponentRouter
from app.models.user import User, UserCreate, UserPublic, UserUpdate
from app.services.auth import accounts

router = ComponentRouter(prefix=PREFIX, tags=["auth"])


@router.post("/register", summary="Register", status_code=202)
async def register(body: UserCreate, client: ClientDep) -> Accepted:
    """Mail a link that confirms the address. The answer is the same if there is an account already."""
    await accounts.register(body, client)
    return Accepted(detail="Look into your mail: what comes next is written there.")


@router.post("/verify-email", summary="Confirm an address", status_code=204)
async def verify_email(body: LinkRequest, client: ClientDep) -> None:
    """Use the link of a registration."""
    await accounts.verify_email(body.token, client)


@router.post("/forgot-password", summary="Ask for a new password", status_code=202)
async def forgot_password(body: EmailRequest, client: ClientDep) -> Accepted:
    """Mail a link to choose one. The answer is the same if there is no such account."""
    await accounts.request_reset(body.email, client)
    return Accepted(detail="If there is such an account, a mail is on its way.")


@router.post("/reset-password", summary="Choose a new password", status_code=204)
async def reset_password(body: ResetRequest, client: ClientDep) -> None:
    """Use the link of such a mail. It ends all sessions."""
    await accounts.reset_password(body.token, body.new_password, client)


@router.get("/me", summary="My account", response_model=UserPublic)
async def me(user: CurrentUser) -> User:
    """The account that asks."""
    return user


@router.patch("/me", summary="Change my account", response_model=UserPublic)
async def update_me(
    body: UserUpdate, user: CurrentUser, identity: CurrentIdentity, client: ClientDep
) -> User:
    """Change the name."""
    return await accounts.update_profile(identity, body, client)


@router.post("/change-password", summary="Change my password", status_code=204)
async def change_password(
    body: PasswordRequest, user: CurrentUser, identity: CurrentIdentity, client: ClientDep
) -> None:
    """It takes the present one, and ends all other sessions."""
    await accounts.change_password(identity, body.current_password, body.new_password, client)
