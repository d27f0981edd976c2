"""Mail: `post(Mail(...))` from anywhere; it leaves in the background, so nobody waits for a mail server."""

from app.services.mail.delivery import Outbox, mail_lifespan, outbox, post
from app.services.mail.mail import Mail, Mailer

__all__ = ["Mail", "Mailer", "Outbox", "mail_lifespan", "outbox", "post"]
