"""Plain `alembic`, as on SQLite."""

from tests.database.test_alembic import *  # noqa: F403
