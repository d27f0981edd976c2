"""The database: `db_session` for threads, `async_db_session` for coroutines.

    with db_session() as session:
        session.add(Thing(name="lamp"))

The block's end commits; an exception rolls back.
"""

from app.core.db.database import Database, current_database, use_database
from app.core.db.session import async_db_session, db_session

__all__ = ["Database", "async_db_session", "current_database", "db_session", "use_database"]
