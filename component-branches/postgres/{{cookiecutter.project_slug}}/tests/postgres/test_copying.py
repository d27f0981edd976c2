"""Moving to PostgreSQL, back, and from one to another."""

import pytest

from tests.database.test_copying import *  # noqa: F403
from tests.fixtures.database import Databases


@pytest.fixture(params=["there", "back", "within"])
def systems(
    request: pytest.FixtureRequest, sqlite_databases: Databases, postgres_databases: Databases
) -> tuple[Databases, Databases]:
    """On which systems the old and the new database are."""
    return {
        "there": (sqlite_databases, postgres_databases),
        "back": (postgres_databases, sqlite_databases),
        "within": (postgres_databases, postgres_databases),
    }[request.param]
