"""Backups, as on SQLite."""

from tests.database.test_backups import *  # noqa: F403
