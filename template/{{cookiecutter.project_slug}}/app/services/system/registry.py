"""The registry of health checks."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.core.config import settings
from app.core.errors import ConfigurationError
from app.core.explain import error_line
from app.core.this_process import started_at
from app.services.system.models import CheckResult, ComponentHealth, State

STARTED_AT = started_at()
"""When this process started."""

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
        self, name: str, check: Check, *, timeout: float | None = None, required: bool = True
    ) -> None:
        """Add a check, which may take `HEALTH_TIMEOUT_SECONDS` unless it says otherwise.

        Without a `required` component the application is not ready; any other that fails
        makes it degraded.
        """
        if name in self._checks:
            raise ValueError(f"There is a health check called {name!r} already.")
        self._checks[name] = RegisteredCheck(
            name, check, timeout or settings.HEALTH_TIMEOUT_SECONDS, required
        )

    def require(self, names: Collection[str] | None) -> None:
        """Let these alone be required; None: as each check has said.

        Raises:
            ConfigurationError: There is no check of that name.
        """
        if names is None:
            return
        if unknown := sorted(set(names) - self._checks.keys()):
            known = f"there are: {', '.join(self._checks)}"
            raise ConfigurationError([f"READY_REQUIRES: there is no {unknown[0]!r}; {known}"])
        for name, check in self._checks.items():
            self._checks[name] = replace(check, required=name in names)

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
            since=self._since_when(registered.name, result, now),
            checked_at=now,
            duration_ms=round((time.perf_counter() - started) * 1000, 2),
            state=result.state,
            message=result.message,
            details=result.details,
            children=result.children,
        )

    def _since_when(self, name: str, result: CheckResult, now: datetime) -> datetime:
        before = self._since.get(name)
        if before is not None and before[0] is result.state:
            return before[1]
        since = result.began_at or now
        if before is None and result.state is State.HEALTHY:
            # Nobody has looked before, and nothing says that it was not so all the time.
            since = result.began_at or STARTED_AT
        self._since[name] = (result.state, since)
        return since
