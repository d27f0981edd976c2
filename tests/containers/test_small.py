"""The base application in containers."""

from __future__ import annotations

import time

from tests.containers.project import Containers
from tests.support.application import eventually


def test_it_is_built_as_written_and_answers(small: Containers) -> None:
    """`docker compose up -d`, without any setting."""
    small.up()
    assert small.is_ready()
    assert small.ask("/dashboard/")[0] == 200


def test_it_stops_at_once_and_says_that_all_is_well(small: Containers) -> None:
    """Nothing runs, so nobody waits; the exit status is not that of a failure."""
    small.up()
    begun = time.monotonic()
    small.compose("stop")
    assert time.monotonic() - begun < 10
    assert small.states()["web-1"]["State"]["ExitCode"] == 0


def test_production_without_a_token_is_closed(small: Containers) -> None:
    """It runs, and says to nobody what only those may know who operate it."""
    small.set(APP_ENV="production")
    small.up()
    assert small.is_ready()
    assert small.ask("/health/detailed")[0] == 401
    assert "<code>DASHBOARD_TOKEN</code>" in small.ask("/dashboard/")[1]
    assert small.ask("/docs")[0] == 404
    small.set()


def test_the_working_copy_is_reloaded(small: Containers) -> None:
    """A change of a file is served by `dev` a moment later."""
    small.engine.run("chmod", "-R", "go+rX", small.folder)
    small.compose("--profile", "development", "up", "--detach", "--wait", "dev")
    port = small.port + 1
    try:
        assert small.ask("/greeting", port=port)[0] == 404
        small.add_pages()
        eventually(lambda: "hello" in small.ask("/greeting", port=port)[1], "a new page is served")
        page = small.root / "app/components/backend/api/pages.py"
        page.write_text(page.read_text().replace("hello", "good evening"))
        eventually(lambda: "evening" in small.ask("/greeting", port=port)[1], "so is a change")
    finally:
        small.compose("--profile", "development", "down")
