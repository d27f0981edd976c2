"""The own second factor: an authenticator app, and recovery codes.

Also for accounts that can do nothing else before they have one.
"""

from app.components.backend.api.auth import PREFIX
from app.components.backend.api.auth.schemas import (
    CodeRequest,
    EnrolmentPublic,
    OwnPasswordAndCodeRequest,
    OwnPasswordRequest,
    RecoveryCodes,
    SecondFactorPublic,
)
from app.components.backend.api.identity import ClientDep, ConfirmedUser, CurrentIdentity
from app.components.backend.api.router import ComponentRouter
from app.services.auth import second_factor
from app.services.auth.totp import in_groups

router = ComponentRouter(prefix=f"{PREFIX}/second-factor", tags=["auth"])


@router.get("", summary="My second factor")
async def get_status(user: ConfirmedUser) -> SecondFactorPublic:
    """Whether there is one, and how many recovery codes are left."""
    status = await second_factor.get_status(user)
    return SecondFactorPublic.model_validate(status, from_attributes=True)


@router.post("", summary="Set up a second factor")
async def start(
    body: OwnPasswordRequest, user: ConfirmedUser, identity: CurrentIdentity, client: ClientDep
) -> EnrolmentPublic:
    """A secret for an authenticator app. Nothing changes before `/confirm` has seen a code of it."""
    made = await second_factor.start(identity, body.current_password, client)
    return EnrolmentPublic(
        secret=made.secret, secret_in_groups=in_groups(made.secret), otpauth_uri=made.address
    )


@router.post("/confirm", summary="Switch it on")
async def confirm(
    body: CodeRequest, user: ConfirmedUser, identity: CurrentIdentity, client: ClientDep
) -> RecoveryCodes:
    """With the first code of the app. It ends all other sessions, and gives the recovery codes."""
    codes = await second_factor.confirm(identity, body.code, client)
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/recovery-codes", summary="New recovery codes")
async def replace_recovery_codes(
    body: OwnPasswordAndCodeRequest,
    user: ConfirmedUser,
    identity: CurrentIdentity,
    client: ClientDep,
) -> RecoveryCodes:
    """In place of all old ones. It takes the password and a code."""
    codes = await second_factor.replace_recovery_codes(
        identity, body.current_password, body.code, client
    )
    return RecoveryCodes(recovery_codes=list(codes))


@router.post("/disable", summary="Remove my second factor", status_code=204)
async def disable(
    body: OwnPasswordAndCodeRequest,
    user: ConfirmedUser,
    identity: CurrentIdentity,
    client: ClientDep,
) -> None:
    """It takes the password and a code, and ends all other sessions."""
    await second_factor.disable(identity, body.current_password, body.code, client)
