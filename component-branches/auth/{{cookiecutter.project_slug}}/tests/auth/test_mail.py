"""Mails leave in the background, once, or say why they did not."""

import asyncio
from collections.abc import AsyncIterator
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.services.mail import Mail, Outbox, delivery, mailers
from app.services.mail.mail import MailNotSentError
from app.services.mail.mailers import ConsoleMailer, NoMailer, SmtpMailer

MAIL = Mail("ada@example.com", "Grüße", "A link:\n\nhttp://localhost/#secret\n")


class Server:
    """A mail server that keeps what it gets; it can be told what to answer first."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        from email import message_from_bytes, policy

        if self.answers:
            return self.answers.pop(0)
        content: Any = envelope.content
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


@pytest.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    """A real server on a port of its own."""
    handler = Server()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
    async with listening:
        yield handler, f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(delivery, "PAUSES", (0.0, 0.0))


async def test_a_mail_arrives(server: tuple[Server, str]) -> None:
    handler, url = server
    outbox = Outbox(SmtpMailer(url, "Shop <no-reply@example.com>"))
    outbox.post(MAIL)
    await outbox.settle(60)
    [mail] = handler.mails
    assert mail["To"] == "ada@example.com"
    assert mail["From"] == "Shop <no-reply@example.com>"
    assert mail["Subject"] == "Grüße"
    assert mail["Message-ID"]
    assert "http://localhost/#secret" in str(mail.get_payload())


async def test_a_server_that_has_no_time_is_asked_again(server: tuple[Server, str]) -> None:
    handler, url = server
    handler.answers = ["451 later", "451 later"]
    outbox = Outbox(SmtpMailer(url, "no-reply@example.com"))
    outbox.post(MAIL)
    await outbox.settle(60)
    assert len(handler.mails) == 1
    # Whoever gets it a second time after all can tell.
    assert handler.mails[0]["Message-ID"] == f"<{MAIL.id}@localhost>"


async def test_a_server_that_refuses_is_not_asked_again(server: tuple[Server, str]) -> None:
    handler, url = server
    handler.answers = ["550 no"]
    outbox = Outbox(SmtpMailer(url, "no-reply@example.com"))
    outbox.post(MAIL)
    await outbox.settle(60)
    assert (handler.mails, handler.answers) == ([], [])


async def test_encryption_that_was_asked_for_is_a_must(server: tuple[Server, str]) -> None:
    handler, url = server
    with pytest.raises(MailNotSentError):
        await SmtpMailer(url.replace("smtp:", "smtp+starttls:"), "a@example.com").send(MAIL)
    assert handler.mails == []


async def test_a_server_that_is_away_is_no_exception_for_anybody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox = Outbox(SmtpMailer("smtp://127.0.0.1:1", "a@example.com"))
    outbox.post(MAIL)
    await outbox.settle(60)
    assert caplog.text.count("mail_not_sent") == 1


@pytest.mark.parametrize(
    "mail",
    [
        Mail("ada@example.com\r\nBcc: x@example.com", "Hello", ""),
        Mail("ada@example.com", "Hello\r\nBcc: x@example.com", ""),
    ],
)
async def test_no_text_adds_a_header(server: tuple[Server, str], mail: Mail) -> None:
    handler, url = server
    with pytest.raises(MailNotSentError):
        await SmtpMailer(url, "a@example.com").send(mail)
    assert handler.mails == []


async def test_development_prints_mails(capsys: pytest.CaptureFixture[str]) -> None:
    await ConsoleMailer().send(MAIL)
    assert "http://localhost/#secret" in capsys.readouterr().err


async def test_production_without_a_server_prints_none(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    changed = mailers.settings.model_copy(update={"APP_ENV": "production", "MAIL_URL": None})
    monkeypatch.setattr(mailers, "settings", changed)
    mailers.configured_mailer.cache_clear()
    assert isinstance(mailers.configured_mailer(), NoMailer)
    mailers.configured_mailer.cache_clear()
    with pytest.raises(MailNotSentError, match="MAIL_URL is not set"):
        await NoMailer().send(MAIL)
    outbox = Outbox(NoMailer())
    outbox.post(MAIL)
    await outbox.settle(60)
    assert "secret" not in "".join(capfd.readouterr())


async def test_the_end_of_a_process_waits_a_moment_and_no_longer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Slow:
        async def send(self, mail: Mail) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(delivery, "LEAVING_SECONDS", 0.05)
    outbox = Outbox(Slow())
    outbox.post(MAIL)
    await asyncio.wait_for(outbox.close(), 60)
    assert caplog.text.count("mail_not_sent") == 1


async def test_only_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MOST_WAITING", 2)
    sent = []

    class Counting:
        async def send(self, mail: Mail) -> None:
            sent.append(mail)

    outbox = Outbox(Counting())
    for _ in range(5):
        outbox.post(MAIL)
    await outbox.settle(60)
    assert len(sent) == 2
