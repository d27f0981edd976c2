"""Opens dashboards of a generated project: `PYTHON dashboards.py URL COUNT`, with the project's own Python.

Prints `open` once each has shown the overview, and keeps them open until its standard input ends.
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit

import msgpack  # type: ignore[import-not-found]
from websockets.asyncio.client import (  # type: ignore[import-not-found]
    ClientConnection,
    connect,
)

REGISTER = 1
PAGE = {"route": "/", "width": 1400, "height": 900, "platform_brightness": "dark"}


async def open_dashboard(url: str) -> ClientConnection:
    """Open one as a browser does, and wait until it shows the overview."""
    address = urlsplit(url)
    socket = await connect(
        f"ws://{address.netloc}/dashboard/ws", origin=url, proxy=None, max_size=None
    )
    body = {"session_id": "", "page_name": "dashboard", "page": PAGE}
    await socket.send(b"\x00" + msgpack.packb([REGISTER, body]))
    while b"Recent requests" not in await socket.recv(decode=False):
        pass
    return socket


async def follow(socket: ClientConnection) -> None:
    """Take all that the server sends, until it closes."""
    async for _message in socket:
        pass


async def main(url: str, count: int) -> None:
    """Open them one after the other, so that no start is a burst."""
    followers = [asyncio.create_task(follow(await open_dashboard(url))) for _ in range(count)]
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for follower in followers:
        follower.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
