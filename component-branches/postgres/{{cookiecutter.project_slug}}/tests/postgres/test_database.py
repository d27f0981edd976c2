"""Locks and health, as on SQLite."""

from tests.database.test_database import *  # noqa: F403
