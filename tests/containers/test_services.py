"""The services, with SQLite, in containers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.containers.engine import Engine
from tests.containers.project import Containers


@pytest.fixture(scope="module")
def services(engine: Engine, sealed_session: None) -> Iterator[Containers]:
    """Accounts, an assistant and what is seen from outside, built."""
    project = Containers(engine, "services", "auth,ai,observability", 8300)
    project.generate()
    project.set()
    project.compose("build", "--quiet")
    yield project
    project.compose("down", "--volumes")


def test_they_need_no_more_than_their_volume(services: Containers) -> None:
    """All is healthy; the database is in the volume, and stays."""
    services.up()
    assert services.is_ready()
    assert "database" in services.ask("/health/ready")[1]
    kept = services.inside("web", "find", "data", "-name", "*.db")
    assert kept
    services.compose("down")
    services.up()
    assert services.inside("web", "find", "data", "-name", "*.db") == kept
    assert "Traceback" not in services.compose("logs", "web")
