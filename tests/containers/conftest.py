"""One engine for all of them, and two projects whose images are built once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.engine import CannotRun, Engine, missing
from tests.containers.project import TOKEN, Containers
from tests.support.project import seal

SECRETS = {
    "APP_ENV": "production",
    "ALLOWED_HOSTS": "localhost",
    "DASHBOARD_TOKEN": TOKEN,
    # What `openssl rand -base64` makes, and an @.
    "POSTGRES_PASSWORD": "qk/3+Zp@7hT9xW==",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the engine's folder be kept, which saves minutes."""
    parser.addoption("--engine", metavar="FOLDER", help="keep the engine and its images there")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The engine, with the images that projects are made from."""
    if reason := missing():
        pytest.skip(reason)
    kept = request.config.getoption("engine")
    folder = Path(kept).absolute() if kept else Path(tempfile.mkdtemp(prefix="aegis-engine-"))
    folder.mkdir(parents=True, exist_ok=True)
    engine = Engine(folder)
    try:
        with engine.running():
            yield engine
    except CannotRun as reason:
        pytest.skip(str(reason))
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sealed_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A HOME for what session fixtures do."""
    with pytest.MonkeyPatch.context() as patch:
        seal(tmp_path_factory.mktemp("home"), patch)
        yield


def built(project: Containers) -> Containers:
    """Generate a project, if that has not been done, and build its image."""
    project.set()
    project.compose("build", "--quiet")
    return project


@pytest.fixture(scope="session")
def small(engine: Engine, sealed_session: None) -> Iterator[Containers]:
    """The base application, built."""
    project = Containers(engine, "small", "", 8100)
    project.generate()
    yield built(project)
    project.compose("--profile", "*", "down", "--volumes")


@pytest.fixture(scope="session")
def large(engine: Engine, sealed_session: None) -> Iterator[Containers]:
    """Scheduler, workers, Redis and PostgreSQL, built, with a task of the tests."""
    project = Containers(engine, "large", "scheduler,worker,database[postgres]", 8200)
    project.generate()
    project.add_task()
    project.add_pages()
    yield built(project)
    project.compose("--profile", "*", "down", "--volumes")


@pytest.fixture
def production(large: Containers) -> Containers:
    """The large project, up in production."""
    large.set(**SECRETS)
    large.up("--remove-orphans")
    return large
