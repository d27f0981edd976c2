"""Where the web process listens."""

import errno
import socket
import sys

from app.core.config import settings


def bind_port(*, shared: bool = False) -> socket.socket:
    """A socket at `HOST` and `PORT`, which does not listen yet.

    Of those that share the port, the system gives each its part of the connections.

    Raises:
        OSError: It cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            # As where there is one web process: `::` is not all of IPv4 as well.
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if shared:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((settings.HOST, settings.PORT))
    except OSError:
        found.close()
        raise
    return found


def refuse_taken_port() -> None:
    """End this process if another one serves there already; why else not, the server says."""
    try:
        bind_port().close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            # Exit code 2 keeps the supervisor from trying again.
            print(f"Port {settings.PORT} is taken. End what uses it, or set PORT.", file=sys.stderr)  # noqa: T201
            sys.exit(2)
