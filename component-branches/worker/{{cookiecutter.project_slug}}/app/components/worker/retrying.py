"""Tasks that are tried again, after growing pauses."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from arq import Retry

P = ParamSpec("P")
T = TypeVar("T")
Context = dict[str, Any]
Task = Callable[Concatenate[Context, P], Awaitable[T]]


def retry_on(
    *errors: type[Exception], first: float = 1.0, longest: float = 300.0
) -> Callable[[Task[P, T]], Task[P, T]]:
    """Try again when one of these errors comes, until the task's `max_tries` are used up.

        @retry_on(UnavailableError, first=2)
        async def send_report(ctx: Context, report_id: int) -> None: ...

    The pauses are `first` seconds, then twice as long each time, and never more than `longest`.
    """

    def decorate(task: Task[P, T]) -> Task[P, T]:
        @functools.wraps(task)
        async def run(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return await task(ctx, *args, **kwargs)
            except errors as error:
                if ctx["job_try"] >= ctx["max_tries"]:
                    raise
                pause = min(first * 2 ** (ctx["job_try"] - 1), longest)
                raise Retry(defer=pause) from error

        return run

    return decorate
