"""The database.

    with db_session() as session:              # in a plain function
        session.add(Thing(name="lamp"))

    async with db_session() as session:        # in a coroutine
        session.add(Thing(name="lamp"))

The block's end commits; an exception rolls back.
"""

from app.core.db.database import Database, current_database, use_database
from app.core.db.session import SessionBlock, async_db_session, db_session

__all__ = [
    "Database",
    "SessionBlock",
    "async_db_session",
    "current_database",
    "db_session",
    "use_database",
]
