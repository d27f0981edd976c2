"""What can go wrong with accounts."""

from collections.abc import Mapping

from app.core.config import settings
from app.core.errors import AppError, ForbiddenError, UnauthorizedError
from app.services.auth.messages import SECOND_FACTOR_PATH


class WrongLoginError(UnauthorizedError):
    """One text for all reasons: no such account, a wrong password, not confirmed, deactivated."""

    def __init__(self) -> None:
        super().__init__(
            "The e-mail address or the password is wrong, or the address was not confirmed yet."
        )


class CodeNeededError(UnauthorizedError):
    """The password is right, and the account has a second factor."""

    title = "Code needed"
    problem_type = "urn:problem:code-needed"

    def __init__(self, token: str, seconds: int) -> None:
        super().__init__(
            "Send a code of your authenticator app, or a recovery code.",
            headers={"Cache-Control": "no-store"},
            members={"challenge_token": token, "expires_in": seconds},
        )
        self.token = token


class ChallengeOverError(UnauthorizedError):
    """Nobody owes a code for this challenge: it was used, is too old, or was never made."""

    title = "Login not valid"
    problem_type = "urn:problem:challenge-over"

    def __init__(self) -> None:
        super().__init__("This login is not valid any more. Begin again with your password.")


class WrongLoginCodeError(UnauthorizedError):
    """One text for all reasons: not the code, not of now, used before."""

    title = "Wrong code"
    problem_type = "urn:problem:wrong-code"

    def __init__(self) -> None:
        super().__init__("The code is wrong, or was used before. Wait for the next one.")


class WrongCodeError(AppError):
    """The same, from somebody who is signed in."""

    title = "Wrong code"
    problem_type = "urn:problem:wrong-code"

    def __init__(self) -> None:
        super().__init__("The code is wrong, or was used before. Wait for the next one.")


class SecondFactorMissingError(ForbiddenError):
    """The role takes a second factor, and the account has none yet."""

    title = "Second factor missing"
    problem_type = "urn:problem:second-factor-missing"

    def __init__(self, *, headers: Mapping[str, str] | None = None) -> None:
        place = f"{settings.PUBLIC_URL}{SECOND_FACTOR_PATH}"
        super().__init__(
            f"Your role takes a second factor: set one up first, at {place}.", headers=headers
        )


class SessionOverError(UnauthorizedError):
    """The session has ended."""

    def __init__(self) -> None:
        super().__init__("The session is over. Sign in again.")


class WeakPasswordError(AppError):
    """A password that others would guess."""

    status = 422
    title = "Password not accepted"


class DeadLinkError(AppError):
    """A link that was used, replaced or forged, or is too old."""

    title = "Link not valid"

    def __init__(self) -> None:
        super().__init__("This link is not valid any more. Ask for a new one.")
