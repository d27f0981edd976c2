"""Statements in traces."""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.config import Settings
from app.core.db import Database, db_session
from app.core.jobs import JobRun
from app.services.observability.otlp import sending
from app.services.observability.tracing import traced
from tests.fixtures.observability import Collector, values


async def test_statements_are_spans_of_what_has_sent_them(
    settings: Callable[..., Settings], collector: Collector, database: Database
) -> None:
    config = settings(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER_ARG="1")
    good_one, bad_one = "SELECT :word AS word", "SELECT * FROM nowhere WHERE word = :word"

    async def execute(statement: str) -> None:
        async with db_session() as session:
            connection = await session.connection()
            await connection.execute(text(statement), {"word": "hunter2"})

    # A test's database is made when it is first used.
    await execute(good_one)
    async with sending(config):
        with traced(JobRun("send", "system")):
            await execute(good_one)
            with suppress(DBAPIError):
                await execute(bad_one)
        # Outside of a trace, a statement makes none.
        await execute(good_one)
    spans = {made.span_id: made for made in collector.spans}
    [job] = [made for made in spans.values() if made.name == "system send"]
    good, bad = [
        made
        for made in spans.values()
        if made.parent_span_id == job.span_id and "word" in values(made.attributes)["db.query.text"]
    ]
    assert good.name == bad.name == "SELECT"
    assert values(good.attributes)["db.system.name"] == database.engine.dialect.name
    assert good.status.code == 0
    assert bad.status.code == 2
    assert all(made.trace_id == job.trace_id for made in spans.values())
    assert b"hunter2" not in b"".join(collector.bodies["/v1/traces"])
