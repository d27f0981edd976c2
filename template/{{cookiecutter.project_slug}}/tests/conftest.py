"""What all tests share. Each test stands alone, so they run in parallel and in any order."""

import os

# Before anything of the application is imported: the settings are read only once.
os.environ["APP_ENV"] = "test"
# slot: environment
# Your environment

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.components.backend.main import create_app
from app.core.config import Settings

pytest_plugins: list[str] = [
    # slot: plugins
    # Your modules with fixtures
]


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
        for name in Settings.model_fields:
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        return Settings(_env_file=None)

    return make
# slot: fixtures


# Your fixtures
