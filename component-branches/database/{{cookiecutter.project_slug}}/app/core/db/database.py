"""The database with its engines. Nothing connects before somebody asks for a session."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from app.core.config import settings
from app.core.db.dialect import Dialect, dialect_for


class Database:
    """One database. Each process has one engine for threads and one for coroutines."""

    def __init__(self, url: str) -> None:
        self.dialect: Dialect = dialect_for(url)
        self._lock = Lock()
        self._engine: Engine | None = None
        self._async_engine: AsyncEngine | None = None

    @property
    def engine(self) -> Engine:
        """The engine for threads."""
        with self._lock:
            if self._engine is None:
                self.prepare()
                self._engine = create_engine(self.dialect.sync_url, **self.options())
                event.listen(self._engine, "connect", self._on_connect)
            return self._engine

    @property
    def async_engine(self) -> AsyncEngine:
        """The engine for coroutines."""
        with self._lock:
            if self._async_engine is None:
                self.prepare()
                self._async_engine = create_async_engine(self.dialect.async_url, **self.options())
                event.listen(self._async_engine.sync_engine, "connect", self._on_connect)
                self.dialect.prepare_coroutines(self._async_engine)
            return self._async_engine

    def prepare(self) -> None:
        """What must be there before somebody connects; tests bring a database along here."""

    def hold(self, name: str) -> AbstractContextManager[Callable[[], bool]]:
        """A lock that one process at a time can have; what it gives says whether it is ours."""
        with self._lock:
            self.prepare()
        return self.dialect.hold(name)

    def session(self) -> Session:
        """A new session. What it has loaded stays readable after a commit."""
        return Session(self.engine, expire_on_commit=False)

    def async_session(self) -> AsyncSession:
        """A new session for coroutines."""
        return AsyncSession(self.async_engine, expire_on_commit=False)

    async def aclose(self) -> None:
        """Close all connections; the next session opens new ones."""
        with self._lock:
            engine, self._async_engine = self._async_engine, None
        if engine is not None:
            await engine.dispose()
        self.close()

    def close(self) -> None:
        """Close the connections of threads."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()

    def options(self) -> dict[str, Any]:
        """What engines are made with."""
        return {
            "echo": settings.DATABASE_ECHO,
            # Else errors repeat them, in logs and on the dashboard: addresses, hashes, texts of people.
            "hide_parameters": not settings.DATABASE_ECHO,
            "pool_size": settings.DATABASE_POOL_SIZE,
            "max_overflow": settings.DATABASE_POOL_SIZE,
            "pool_pre_ping": True,
        } | self.dialect.engine_options()

    def _on_connect(self, connection: Any, record: object) -> None:
        self.dialect.prepare_connection(connection)


@lru_cache(maxsize=1)
def _configured() -> Database:
    return Database(settings.DATABASE_URL)


_used: list[Database] = []


def current_database() -> Database:
    """The database that sessions are opened on: that of `DATABASE_URL`."""
    return _used[-1] if _used else _configured()


@contextmanager
def use_database(database: Database) -> Generator[Database]:
    """Use another database as long as the block runs, in a test or a script."""
    _used.append(database)
    try:
        yield database
    finally:
        _used.remove(database)
