"""Sessions, as on SQLite."""

from tests.database.test_sessions import *  # noqa: F403
