"""A server on this machine that speaks like a provider, well or badly."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tests.ai.dialects import Dialect

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


@dataclass
class Reply:
    """What to do with a request."""

    pieces: tuple[str, ...] = ("Hel", "lo ", "wörld", "!")
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    tool: tuple[str, str] | None = None
    refuses: bool = False
    breaks_after: int | None = None
    """Break the connection after so many events."""
    ends_early: bool = False
    """End well, but without the last events."""
    hangs_after: int | None = None
    """Say nothing more after so many events."""
    html: bool = False


@dataclass
class Received:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class StandIn:
    """Answers with the replies one after the other, and then with the last one for ever."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.replies: list[Reply] = [Reply()]
        self.requests: list[Received] = []
        self.asked = asyncio.Event()
        """There was a request."""
        self.hung_up = asyncio.Event()
        """The client has hung up while it was being answered."""
        self.url = ""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "StandIn":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead here."""
        found = {name: value.format(url=self.url) for name, value in self.dialect.settings.items()}
        return {"AI_PROVIDER": self.dialect.provider, **found}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._read(reader)
            self.requests.append(request)
            self.asked.set()
            if request.method == "GET":
                self._send(writer, 200, self.dialect.models())
            else:
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                await self._reply(request, reply, reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Received:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        return Received(method, path, headers, json.loads(raw) if raw else {})

    async def _reply(
        self,
        request: Received,
        reply: Reply,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        dialect = self.dialect
        if reply.html:
            self._send(writer, 200, "<html>gateway</html>", "text/html")
        elif reply.status != 200:
            self._send(writer, reply.status, dialect.error(reply.status), headers=reply.headers)
        elif dialect.is_stream(request.path, request.body):
            await self._stream(self._frames(reply), reply, reader, writer)
        elif reply.tool:
            self._send(writer, 200, dialect.tool_full(*reply.tool))
        else:
            self._send(writer, 200, dialect.full("".join(reply.pieces)))

    def _frames(self, reply: Reply) -> list[bytes]:
        if reply.refuses:
            return self.dialect.refusal()
        if reply.tool:
            return self.dialect.tool_stream(*reply.tool)
        return self.dialect.stream(reply.pieces, finish=not reply.ends_early)

    async def _stream(
        self,
        frames: list[bytes],
        reply: Reply,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        writer.write(self._head(200, "text/event-stream", {"Transfer-Encoding": "chunked"}))
        for number, data in enumerate(frames):
            if number == reply.breaks_after:
                writer.transport.abort()
                return
            if number == reply.hangs_after:
                await writer.drain()
                # Whoever hangs up ends what they send.
                await reader.read(1)
                self.hung_up.set()
                return
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))
            await writer.drain()
            # Let the client see each event on its own.
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")

    def _send(
        self,
        writer: asyncio.StreamWriter,
        status: int,
        body: object,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        writer.write(self._head(status, kind, {"Content-Length": str(len(raw)), **(headers or {})}))
        writer.write(raw)

    def _head(self, status: int, kind: str, headers: dict[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}", f"Content-Type: {kind}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode()
