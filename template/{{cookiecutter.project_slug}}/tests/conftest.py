"""What all tests share. Each test stands alone, so they run in parallel and in any order."""

import gc
import logging
import os
from pathlib import Path

# Before anything of the application is imported: the settings are read only once.
os.environ["APP_ENV"] = "test"
# Your environment

from app.stack import COMPONENTS

for component in COMPONENTS:
    os.environ.update(component.test_settings)
# On a busy machine a check may take longer, and be sound all the same.
os.environ["HEALTH_TIMEOUT_SECONDS"] = "60"

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.components.backend.main import create_app
from app.core.config import Settings
from app.core.logging import StructuredFormatter

# Found by their place, as tests are; whichever imports another one.
pytest.register_assert_rewrite("tests.fixtures")
pytest_plugins: list[str] = [
    *(f"tests.fixtures.{p.stem}" for p in sorted(Path(__file__).parent.glob("fixtures/[a-z]*.py"))),
    # Your modules with fixtures
]


def pytest_collection_finish() -> None:
    """What was imported stays: nobody looks again and again whether it is garbage."""
    gc.freeze()


@pytest.fixture(autouse=True)
def end_logs() -> Iterator[None]:
    """Nothing writes logs to where a test has sent them once that is closed."""
    yield
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h.formatter, StructuredFormatter)]


@pytest.fixture
def app() -> FastAPI:
    """The application, not started."""
    return create_app()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of the application, which runs as long as the test."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Makes settings from the given values alone, as if the environment were empty."""

    def make(**values: str) -> Settings:
        for name in list(os.environ):
            if name.upper().partition("__")[0] in Settings.model_fields:
                monkeypatch.delenv(name)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return Settings(_env_file=None)

    return make


# Your fixtures
