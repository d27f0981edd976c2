"""The metrics' history."""

import asyncio

from app.services.metrics import MetricsHistory, metrics, sampling


def test_a_sample_counts_what_came_since_the_one_before() -> None:
    history = MetricsHistory()
    history.take_sample()
    history.count_request(200, 0.010)
    history.count_request(500, 0.030)
    sample = history.take_sample()
    assert sample.requests_per_second > 0
    assert sample.errors_per_second == sample.requests_per_second / 2
    assert round(sample.average_ms) == 20
    assert history.take_sample().requests_per_second == 0


def test_the_oldest_samples_go() -> None:
    history = MetricsHistory(length=3)
    taken = [history.take_sample() for _ in range(5)]
    assert history.samples() == taken[2:]
    assert history.samples(limit=1) == taken[4:]
    assert history.latest() == taken[4]


async def test_sampling_ends_with_its_block() -> None:
    before = metrics.latest()
    async with sampling(interval=0.01), asyncio.timeout(60):
        while metrics.latest() is before:  # noqa: ASYNC110 (nobody tells when there is one)
            await asyncio.sleep(0.01)
    latest = metrics.latest()
    await asyncio.sleep(0.05)
    assert metrics.latest() is latest
