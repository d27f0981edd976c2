"""Here everything runs on PostgreSQL."""

import pytest

from tests.fixtures.database import Databases


@pytest.fixture(scope="session")
def databases(postgres_databases: Databases) -> Databases:
    """PostgreSQL; without a server the tests are skipped."""
    return postgres_databases
