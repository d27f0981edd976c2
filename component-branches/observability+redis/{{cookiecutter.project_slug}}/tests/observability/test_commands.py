"""Commands of Redis in traces."""

from collections.abc import Callable

from redis.asyncio import Redis

from app.core.config import Settings
from app.core.jobs import JobRun
from app.services.observability.otlp import sending
from app.services.observability.tracing import traced
from tests.fixtures.observability import Collector


async def test_commands_are_spans_of_what_has_sent_them(
    settings: Callable[..., Settings], collector: Collector, redis_client: Redis
) -> None:
    config = settings(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_TRACES_SAMPLER_ARG="1")
    async with sending(config):
        with traced(JobRun("send", "system")):
            await redis_client.set("greeting", "hunter2")
            async with redis_client.pipeline() as pipeline:
                pipeline.get("greeting")
                await pipeline.execute()
        # Outside of a trace, a command makes none.
        await redis_client.get("greeting")
    [job] = [made for made in collector.spans if made.name == "system send"]
    others = [made for made in collector.spans if made is not job and made.span_id != job.span_id]
    assert len(others) == 2
    assert {made.trace_id for made in others} == {job.trace_id}
    assert b"hunter2" not in b"".join(collector.bodies["/v1/traces"])
