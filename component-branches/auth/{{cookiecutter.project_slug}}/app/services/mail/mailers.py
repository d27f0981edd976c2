"""The ways for mails to leave. `MAIL_URL` chooses."""

import sys
from email.message import EmailMessage
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from app.core.config import settings
from app.services.mail.mail import Mail, Mailer, MailNotSentError

TIMEOUT_SECONDS = 20.0
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class ConsoleMailer:
    """Prints mails, during development."""

    async def send(self, mail: Mail) -> None:
        """Print it, with a frame around it."""
        lines = [f"To: {mail.to}", f"Subject: {mail.subject}", "", *mail.text.splitlines()]
        body = "\n".join(f"| {line}" for line in lines)
        print(f"+-- mail (MAIL_URL is not set)\n{body}\n+--", file=sys.stderr, flush=True)  # noqa: T201


class NoMailer:
    """Production without a mail server: a log is no place for what a mail says."""

    async def send(self, mail: Mail) -> None:
        """Refuse."""
        raise MailNotSentError("MAIL_URL is not set", is_temporary=False)


class SmtpMailer:
    """Hands mails to a server."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.scheme = parts.scheme
        self.host = parts.hostname or "localhost"
        self.port = parts.port or PORTS[parts.scheme]
        self.username = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None
        self.sender = sender

    async def send(self, mail: Mail) -> None:
        """Send it over a connection of its own; what the URL says about encryption is a must."""
        import aiosmtplib

        try:
            await aiosmtplib.send(
                self.build(mail),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.scheme == "smtps",
                start_tls=self.scheme == "smtp+starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            is_temporary = all(400 <= code < 500 for code in codes)
            raise MailNotSentError("the recipient was refused", is_temporary=is_temporary) from None
        except aiosmtplib.SMTPResponseException as error:
            is_temporary = 400 <= error.code < 500
            reason = f"the server answered {error.code}"
            raise MailNotSentError(reason, is_temporary=is_temporary) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailNotSentError(type(error).__name__, is_temporary=True) from None

    def build(self, mail: Mail) -> EmailMessage:
        """The message. Line breaks in addresses and subjects are refused: they would add headers."""
        message = EmailMessage()
        try:
            message["From"] = self.sender
            message["To"] = mail.to
            message["Subject"] = mail.subject
        except ValueError as error:
            raise MailNotSentError(str(error), is_temporary=False) from None
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = f"<{mail.id}@{urlsplit(settings.PUBLIC_URL).hostname}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


@lru_cache(maxsize=1)
def configured_mailer() -> Mailer:
    """What the settings ask for."""
    if settings.MAIL_URL is not None:
        return SmtpMailer(settings.MAIL_URL.get_secret_value(), settings.mail_sender)
    return NoMailer() if settings.is_production else ConsoleMailer()
