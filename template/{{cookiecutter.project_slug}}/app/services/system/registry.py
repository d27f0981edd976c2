"""The registry of health checks."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.explain import error_line
from app.services.system.models import CheckResult, ComponentHealth, State

Check = Callable[[], Awaitable[CheckResult]]


@dataclass(frozen=True, slots=True)
class RegisteredCheck:
    """A check under its name."""

    name: str
    check: Check
    timeout: float
    required: bool


class HealthRegistry:
    """Runs named checks side by side. No check can fail the run, nor hold it up."""

    def __init__(self) -> None:
        self._checks: dict[str, RegisteredCheck] = {}
        self._since: dict[str, tuple[State, datetime]] = {}

    @property
    def names(self) -> list[str]:
        """The checks in the order of their registration."""
        return list(self._checks)

    def register(
        self, name: str, check: Check, *, timeout: float = 2.0, required: bool = True
    ) -> None:
        """Add a check.

        Without a `required` component the application is not ready; any other that fails
        makes it degraded.
        """
        if name in self._checks:
            raise ValueError(f"There is a health check called {name!r} already.")
        self._checks[name] = RegisteredCheck(name, check, timeout, required)

    async def run(self, *, required_only: bool = False) -> dict[str, ComponentHealth]:
        """Run the checks at the same time."""
        chosen = [c for c in self._checks.values() if c.required or not required_only]
        results = await asyncio.gather(*(self._run_one(check) for check in chosen))
        return {result.name: result for result in results}

    async def _run_one(self, registered: RegisteredCheck) -> ComponentHealth:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(registered.timeout):
                result = await registered.check()
        except TimeoutError:
            result = CheckResult.unhealthy(f"No answer within {registered.timeout:g} s")
        except Exception as error:
            result = CheckResult.unhealthy(error_line(error))
        now = datetime.now(UTC)
        return ComponentHealth(
            name=registered.name,
            required=registered.required,
            since=self._since_when(registered.name, result.state, now),
            checked_at=now,
            duration_ms=round((time.perf_counter() - started) * 1000, 2),
            state=result.state,
            message=result.message,
            details=result.details,
            children=result.children,
        )

    def _since_when(self, name: str, state: State, now: datetime) -> datetime:
        before = self._since.get(name)
        if before is None or before[0] is not state:
            self._since[name] = (state, now)
            return now
        return before[1]
