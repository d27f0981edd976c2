"""Answers 503 while the database is away, or lacks migrations: the request was good, and may work in a moment."""

import asyncio

from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError

from app.components.backend.errors import ProblemResponse, problem
from app.core.db.outage import explain_outage, is_storage_problem
from app.core.db.unmigrated import explain_unmigrated
from app.core.logging import get_logger

log = get_logger(__name__)

RETRY_SECONDS = 5


async def handle_database_error(request: Request, error: Exception) -> ProblemResponse:
    """An error of the database; a statement that is wrong remains what nobody expected."""
    reason = explain_outage(error)
    answer = "The database does not answer. Try again in a moment."
    if reason is None:
        # That asks the database.
        reason = await asyncio.to_thread(explain_unmigrated, error)
        answer = "The database lacks migrations: nobody has applied them yet."
    elif is_storage_problem(error):
        answer = "The database cannot work: its disk is full or refuses, or it is damaged."
    if reason is None:
        raise error
    log.error("database_outage", reason=reason, path=request.url.path)
    return problem(
        503,
        answer,
        instance=request.url.path,
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def add_outage_handler(app: FastAPI) -> None:
    """Register the handler."""
    app.add_exception_handler(SQLAlchemyError, handle_database_error)
