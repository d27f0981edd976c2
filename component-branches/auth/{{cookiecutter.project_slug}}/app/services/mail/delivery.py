"""Lets mails leave in the background, and tries again when a server has no time."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from app.core.logging import get_logger
from app.services.mail.mail import Mail, Mailer, MailNotSentError
from app.services.mail.mailers import configured_mailer

log = get_logger(__name__)

PAUSES = (1.0, 10.0, 60.0)
"""Seconds before each further try."""
MOST_WAITING = 1000
LEAVING_SECONDS = 2.0
"""How long the end of a process waits for what has not left."""


class Outbox:
    """The mails that have not left, and other work for which no answer should wait."""

    def __init__(self, mailer: Mailer | None = None) -> None:
        self.mailer = mailer
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, mail: Mail) -> None:
        """Send a mail soon."""
        self.start(self._deliver(mail))

    async def send(self, mail: Mail) -> None:
        """Send a mail now.

        Raises:
            MailNotSentError: It did not leave.
        """
        await (self.mailer or configured_mailer()).send(mail)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something without anybody waiting for it."""
        if len(self._tasks) >= MOST_WAITING:
            work.close()
            log.error("outbox_is_full", waiting=len(self._tasks))
            return
        task = asyncio.get_running_loop().create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait until all is done that began in this event loop."""
        async with asyncio.timeout(timeout):
            while tasks := self._own_tasks():
                await asyncio.wait(tasks)

    async def close(self) -> None:
        """Wait a moment, then give up."""
        try:
            await self.settle(LEAVING_SECONDS)
        except TimeoutError:
            log.error("mail_not_sent", reason="the process ended", count=len(self._tasks))
        tasks = self._own_tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _own_tasks(self) -> list[asyncio.Task[None]]:
        # Another loop would never wake this one when a task of its own is done.
        loop = asyncio.get_running_loop()
        return [task for task in self._tasks if task.get_loop() is loop]

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.error("background_work_failed", exc_info=error)

    async def _deliver(self, mail: Mail) -> None:
        # slot: handover
        for pause in (*PAUSES, None):
            try:
                await self.send(mail)
            except MailNotSentError as error:
                if error.is_temporary and pause is not None:
                    await asyncio.sleep(pause)
                    continue
                log.error("mail_not_sent", subject=mail.subject, reason=str(error))
            return


outbox = Outbox()
"""That of this process."""


def post(mail: Mail) -> None:
    """Send a mail soon."""
    outbox.post(mail)


@asynccontextmanager
async def mail_lifespan() -> AsyncGenerator[None]:
    """Let what was posted leave before the process ends."""
    try:
        yield
    finally:
        await outbox.close()
