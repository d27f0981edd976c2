"""Errors that services raise; the API answers them as problem+json, the CLI as one line."""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class AppError(Exception):
    """Something that the caller can understand; its text is shown to them."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Bad request"
    problem_type: ClassVar[str] = "about:blank"
    """By what programs tell it from others with the same status, such as `urn:problem:wrong-code`."""

    def __init__(
        self,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, str | int] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = dict(headers or {})
        """What the API sends along, such as `Retry-After`."""
        self.members = dict(members or {})
        """What programs need to go on. It stands in the answer beside the rest, and in no log."""


class UnauthorizedError(AppError):
    """The caller did not say who they are, or it is not true."""

    status = 401
    title = "Not authenticated"


class ForbiddenError(AppError):
    """The caller is known, and may not do this."""

    status = 403
    title = "Not allowed"


class NotFoundError(AppError):
    """There is no such thing."""

    status = 404
    title = "Not found"


class ConflictError(AppError):
    """It clashes with what is there already."""

    status = 409
    title = "Conflict"


class TooManyRequestsError(AppError):
    """The caller must wait."""

    status = 429
    title = "Too many requests"


class UnavailableError(AppError):
    """Something that this needs does not answer."""

    status = 503
    title = "Service unavailable"


class StorageError(UnavailableError):
    """A disk is full, or may not be written. Waiting does not help; somebody must act."""


class ConfigurationError(Exception):
    """The settings do not fit; `problems` has one line for each bad value."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"The configuration is not valid:\n{lines}")


# Your errors
