"""Where the web process listens."""

import socket

import pytest

from app.core.config import settings
from app.entrypoints import port


@pytest.mark.parametrize("shared", [False, True])
def test_all_of_ipv6_is_not_all_of_ipv4(shared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "settings", settings.model_copy(update={"HOST": "::", "PORT": 0}))
    try:
        found = port.bind_port(shared=shared)
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with found:
        assert found.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
