"""Sends a mail that waits in Redis."""

from typing import Any

from app.components.worker.retrying import retry_on
from app.core.errors import UnavailableError
from app.services.mail.mail import MailNotSentError
from app.services.mail.queue import send_waiting


@retry_on(UnavailableError, first=2.0)
async def send_mail(ctx: dict[str, Any], mail_id: str) -> None:
    """Send it; when the server may take it later, later."""
    try:
        await send_waiting(mail_id)
    except MailNotSentError as error:
        if error.is_temporary:
            raise UnavailableError(str(error)) from error
        raise
