"""Mails wait in Redis for a worker.

The job of a mail has nothing but its id, so no list of jobs and no log shows what is in it. The text waits
beside, until the mail has left: a job that runs again finds nothing to send.
"""

import asyncio
import json

from redis.exceptions import RedisError

from app.core.logging import get_logger
from app.core.redis import is_embedded, redis_client
from app.services.mail.delivery import outbox
from app.services.mail.mail import Mail
from app.services.queues import get_queue_pool

log = get_logger(__name__)

QUEUE = "system"
KEPT_SECONDS = 24 * 3600
PATIENCE_SECONDS = 60.0
"""How long a mail is handed over again whose first time had no answer."""
LONGEST_PAUSE = 5.0
LOST = (RedisError, OSError)


def key_of(mail_id: str) -> str:
    """Where the text waits."""
    return f"mail:{mail_id}"


async def hand_over(mail: Mail) -> bool:
    """Leave a mail to the workers. False: there is no Redis that they would see, so send it here."""
    if is_embedded():
        return False
    text = json.dumps({"to": mail.to, "subject": mail.subject, "text": mail.text})
    try:
        await redis_client().set(key_of(mail.id), text, ex=KEPT_SECONDS)
    except LOST as error:
        # Without a job nobody sends that one, even if it has arrived.
        log.warning("mail_queue_is_away", reason=type(error).__name__)
        return False
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    pause = 0.1
    while True:
        try:
            await enqueue(mail.id)
        except LOST as error:
            # It may be in the queue: to send it here as well would be once too often.
            if asyncio.get_running_loop().time() + pause > deadline:
                reason = f"the queue went away ({type(error).__name__})"
                log.error("mail_not_sent", subject=mail.subject, reason=reason)
                return True
        else:
            return True
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def enqueue(mail_id: str) -> None:
    """Put the job of a mail into the queue; once, however often this is called."""
    pool, _ = await get_queue_pool(QUEUE)
    try:
        await pool.enqueue_job("send_mail", mail_id, _job_id=f"mail:{mail_id}")
    finally:
        await pool.aclose()


async def send_waiting(mail_id: str) -> None:
    """Send a mail that waits; one that has left does not wait any more.

    Raises:
        MailNotSentError: It did not leave.
    """
    found = await redis_client().get(key_of(mail_id))
    if found is None:
        log.info("mail_does_not_wait", mail_id=mail_id)
        return
    await outbox.send(Mail(**json.loads(found), id=mail_id))
    try:
        await redis_client().delete(key_of(mail_id))
    except LOST as error:
        # It has left, so the job is done.
        log.warning("mail_is_still_there", mail_id=mail_id, reason=type(error).__name__)
