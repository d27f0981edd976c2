"""The registry: no check can fail the run, nor hold it up."""

import asyncio
from datetime import UTC, datetime

import pytest

from app.components.backend import lifespan
from app.components.backend.main import create_app
from app.core.config import settings
from app.core.errors import ConfigurationError
from app.services.system import (
    Alert,
    CheckResult,
    HealthRegistry,
    State,
    checks,
    status,
    watch,
    watching,
)
from app.services.system.registry import STARTED_AT
from app.services.system.status import StatusService, overall_state, status_service


async def fine() -> CheckResult:
    return CheckResult.healthy("Fine", answer=42)


async def broken() -> CheckResult:
    raise ConnectionError("cannot reach postgresql://app:hunter2@db/app")


async def stuck() -> CheckResult:
    await asyncio.sleep(60)
    return CheckResult.healthy()


async def slow() -> CheckResult:
    return CheckResult.degraded("Slow")


async def test_a_check_reports_state_message_and_details() -> None:
    registry = HealthRegistry()
    registry.register("thing", fine)
    result = (await registry.run())["thing"]
    assert (result.state, result.message, result.details) == (
        State.HEALTHY,
        "Fine",
        {"answer": 42},
    )


async def test_an_exception_is_unhealthy_and_keeps_the_password() -> None:
    registry = HealthRegistry()
    registry.register("database", broken)
    result = (await registry.run())["database"]
    assert result.state is State.UNHEALTHY
    assert result.message == "ConnectionError: cannot reach postgresql://app:***@db/app"


async def test_a_check_that_hangs_is_cut_off() -> None:
    registry = HealthRegistry()
    registry.register("stuck", stuck, timeout=0.01)
    result = (await registry.run())["stuck"]
    assert result.state is State.UNHEALTHY
    assert result.message == "No answer within 0.01 s"


async def test_a_setting_says_what_is_required() -> None:
    registry = HealthRegistry()
    registry.register("cache", broken)
    registry.register("database", fine, required=False)
    registry.require(None)
    assert [c.required for c in (await registry.run()).values()] == [True, False]
    registry.require(["database"])
    found = await registry.run()
    assert [c.required for c in found.values()] == [False, True]
    assert overall_state(found) is State.DEGRADED
    registry.require([])
    assert await registry.run(required_only=True) == {}
    with pytest.raises(ConfigurationError, match="no 'databse'; there are: cache, database"):
        registry.require(["databse"])


async def test_the_web_process_does_not_start_with_a_name_that_nobody_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = settings.model_copy(update={"READY_REQUIRES": ["backend", "nobody"]})
    for module in (checks, lifespan):
        monkeypatch.setattr(module, "settings", changed)
    status_service.cache_clear()
    app = create_app()
    with pytest.raises(ConfigurationError, match="READY_REQUIRES: there is no 'nobody'"):
        async with app.router.lifespan_context(app):
            pass
    status_service.cache_clear()


def test_a_name_is_taken_once() -> None:
    registry = HealthRegistry()
    registry.register("thing", fine)
    with pytest.raises(ValueError, match="thing"):
        registry.register("thing", slow)


async def test_since_stays_while_the_state_stays() -> None:
    registry = HealthRegistry()
    answers = [CheckResult.healthy(), CheckResult.healthy(), CheckResult.unhealthy("Gone")]

    async def changing() -> CheckResult:
        return answers.pop(0)

    registry.register("thing", changing)
    first, second, third = [(await registry.run())["thing"].since for _ in range(3)]
    assert first == second
    assert third > second


async def test_since_is_when_it_happened_and_not_when_somebody_looked() -> None:
    registry = HealthRegistry()
    failed = CheckResult.degraded("The last run failed")
    failed.began_at = datetime(2026, 1, 2, tzinfo=UTC)
    again = failed.model_copy(update={"began_at": datetime.now(UTC)})
    answers = [CheckResult.healthy(), failed, again]

    async def changing() -> CheckResult:
        return answers.pop(0)

    registry.register("thing", changing)
    registry.register("broken", broken)
    looked = datetime.now(UTC)
    first, *others = [await registry.run() for _ in range(3)]
    # Healthy: since the process started, for nothing says otherwise.
    assert first["thing"].since == STARTED_AT
    assert first["broken"].since >= looked
    assert [found["thing"].since for found in others] == [failed.began_at] * 2


async def test_somebody_looks_though_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    second_look = asyncio.Event()

    async def look(max_age: float) -> None:
        looks.append(max_age)
        if len(looks) == 1:
            raise RuntimeError("No look this time.")
        second_look.set()

    monkeypatch.setattr(watch, "get_system_status", look)
    async with watching(interval=0.01):
        await asyncio.wait_for(second_look.wait(), 90)
    count = len(looks)
    await asyncio.sleep(0.05)
    assert len(looks) == count


@pytest.mark.parametrize(
    ("check", "required", "expected"),
    [
        (fine, True, State.HEALTHY),
        (slow, True, State.DEGRADED),
        (broken, False, State.DEGRADED),
        (broken, True, State.UNHEALTHY),
    ],
)
async def test_only_what_is_required_makes_the_whole_unhealthy(
    check: object, required: bool, expected: State
) -> None:
    registry = HealthRegistry()
    registry.register("fine", fine)
    registry.register("other", check, required=required)  # ty: ignore[invalid-argument-type]
    assert overall_state(await registry.run()) is expected


async def test_nothing_is_all_healthy_above_an_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = HealthRegistry()
    registry.register("fine", fine)
    alert = Alert(resource="cpu", value=97, threshold=90, message="CPU is at 97 %")
    monkeypatch.setattr(status, "find_alerts", lambda _resources: [alert])
    found = await StatusService(registry).get()
    assert (found.state, found.overall_healthy) == (State.DEGRADED, True)


async def test_many_who_ask_at_once_share_one_run() -> None:
    runs = 0

    async def counted() -> CheckResult:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.01)
        return CheckResult.healthy()

    registry = HealthRegistry()
    registry.register("counted", counted)
    service = StatusService(registry)
    await asyncio.gather(*(service.get() for _ in range(20)))
    await service.get(max_age=600)
    assert runs == 1
    await service.get(max_age=0)
    assert runs == 2
