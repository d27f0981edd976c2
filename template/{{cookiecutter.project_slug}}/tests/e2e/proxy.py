"""A small proxy that serves an application below a path, and strips that path."""

import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

HEAD_END = b"\r\n\r\n"


@contextmanager
def stripping_proxy(prefix: str, port: int) -> Generator[str]:
    """Yield where the application of this port is below the path."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener, prefix.encode(), port))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{prefix}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def accept(listener: socket.socket, prefix: bytes, port: int) -> None:
    """Take connections until the listener is closed."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(client, prefix, port), daemon=True).start()


def serve(client: socket.socket, prefix: bytes, port: int) -> None:
    """Pass on one request, or one websocket."""
    with suppress(OSError), client, socket.create_connection(("127.0.0.1", port)) as server:
        head = b""
        while HEAD_END not in head:
            data = client.recv(65536)
            if not data:
                return
            head += data
        method, target, rest = head.split(b" ", 2)
        if not target.startswith(prefix):
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        if b"\r\nupgrade:" not in head.lower():
            # The next request on this connection would not come through here.
            rest = re.sub(rb"(?i)\r\nconnection:[^\r]*", b"", rest)
            rest = rest.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        server.sendall(b" ".join((method, target.removeprefix(prefix) or b"/", rest)))
        upwards = threading.Thread(target=pump, args=(client, server), daemon=True)
        upwards.start()
        pump(server, client)


def pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until there is no more."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
