"""Tasks that are tried again, after growing pauses."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from arq import Retry

Context = dict[str, Any]
Task = TypeVar("Task", bound=Callable[..., Awaitable[Any]])


def retry_on(
    *errors: type[Exception], first: float = 1.0, longest: float = 300.0
) -> Callable[[Task], Task]:
    """Try again when one of these errors comes, until the task's `max_tries` are used up.

        @retry_on(UnavailableError, first=2)
        async def send_report(ctx: Context, report_id: int) -> None: ...

    The pauses are `first` seconds, then twice as long each time, and never more than `longest`.
    """

    def decorate(task: Task) -> Task:
        @functools.wraps(task)
        async def run(ctx: Context, /, *args: Any, **kwargs: Any) -> Any:
            try:
                return await task(ctx, *args, **kwargs)
            except errors as error:
                if ctx["job_try"] >= ctx["max_tries"]:
                    raise
                pause = min(first * 2 ** (ctx["job_try"] - 1), longest)
                raise Retry(defer=pause) from error

        # An editor, and arq's `func`, still see the task.
        return cast(Task, run)

    return decorate
