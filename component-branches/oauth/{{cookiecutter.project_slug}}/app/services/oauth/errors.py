"""What can go wrong at a provider, or on the way back from it."""

from typing import ClassVar
from uuid import UUID

from app.core.errors import AppError, ForbiddenError, UnavailableError


class StaleFlowError(AppError):
    """An answer to a question that this browser did not ask, or not lately."""

    title = "Sign-in not known"

    def __init__(self) -> None:
        super().__init__(
            "This sign-in was not begun in this browser, or longer ago than 10 minutes. Begin again."
        )


class NotAgreedError(AppError):
    """Somebody said no, or the provider did."""

    title = "Sign-in not completed"


class BadAnswerError(AppError):
    """What a provider answers is not as it must be. The reason is for logs alone."""

    status = 502
    title = "Bad answer of a provider"

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(
            f"What {title} answered could not be verified, so nobody was signed in. Begin again; "
            "if it stays like this, tell an administrator."
        )
        self.reason = reason


class SilentProviderError(UnavailableError):
    """It does not answer, or not in time."""

    def __init__(self, title: str) -> None:
        super().__init__(f"{title} does not answer. Try again in a moment.")


class RefusedError(ForbiddenError):
    """Somebody is who they say, and gets no session. They may know why: the provider vouches for them."""

    reason: ClassVar[str]
    """For the audit log."""

    def __init__(self, detail: str, user_id: UUID | None = None) -> None:
        super().__init__(detail)
        self.user_id = user_id


class UnverifiedEmailError(RefusedError):
    """Nobody knows whose address it is."""

    reason = "address not verified by the provider"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"{title} does not say that your e-mail address is yours. Confirm it there, then begin again."
        )


class UnconfirmedAccountError(RefusedError):
    """There is an account, but whose it is was never shown: perhaps somebody else made it."""

    reason = "not confirmed"

    def __init__(self, title: str, user_id: UUID) -> None:
        super().__init__(
            "There is an account for this address that was never confirmed. Open the link in the mail "
            f"that came with it, or ask for a new password; then sign in with {title} again.",
            user_id,
        )


class NoAccountError(RefusedError):
    """Strangers get none."""

    reason = "no such account"

    def __init__(self) -> None:
        super().__init__("There is no account for you here. Ask an administrator for one.")


class ClosedAccountError(RefusedError):
    """It was deactivated."""

    reason = "deactivated"

    def __init__(self, user_id: UUID) -> None:
        super().__init__("This account is closed. Ask an administrator.", user_id)


class WrongRoleError(RefusedError):
    """The account may not go there."""

    reason = "not allowed"

    def __init__(self, user_id: UUID) -> None:
        super().__init__("Your account may not open this.", user_id)
