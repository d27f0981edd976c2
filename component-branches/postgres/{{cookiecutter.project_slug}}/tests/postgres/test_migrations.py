"""Migrations, as on SQLite."""

from tests.database.test_migrations import *  # noqa: F403
