"""The workers' health check: is each queue served, is it short, and did its jobs work?"""

from app.core.config import settings
from app.core.formatting import many
from app.services.queues.models import QueueState
from app.services.queues.records import read_queues
from app.services.system.models import CheckResult, State


async def check_worker() -> CheckResult:
    """Look at what the workers have left in Redis."""
    states = await read_queues()
    parts = {state.name: describe(state) for state in states}
    return CheckResult(
        state=worst([part.state for part in parts.values()]),
        message=summary(parts),
        details={
            "workers": sum(len(state.workers) for state in states),
            "waiting": sum(state.waiting for state in states),
            "running": sum(state.running for state in states),
            "done": sum(state.done for state in states),
            "failed": sum(state.failed for state in states),
            "failed_within_an_hour": sum(state.failed_lately for state in states),
        },
        children=parts,
    )


def describe(queue: QueueState) -> CheckResult:
    """A queue as a part of the workers."""
    result = CheckResult.healthy(
        workers=len(queue.workers),
        waiting=queue.waiting,
        running=queue.running,
        deferred=queue.deferred,
        done=queue.done,
        failed=queue.failed,
        repeated=queue.repeated,
    )
    trouble = []
    if queue.failed_lately:
        trouble.append(f"{many(queue.failed_lately, 'job')} failed within an hour")
    if queue.waiting > settings.WORKER_WAITING_WARNING:
        trouble.append(f"{queue.waiting:,} jobs wait")
    if trouble:
        result.state, result.message = State.DEGRADED, "; ".join(trouble)
    if not queue.workers:
        result.state, result.message = State.UNHEALTHY, "No worker is running"
    return result


def worst(states: list[State]) -> State:
    """The worst of some states."""
    return max(states, key=list(State).index, default=State.HEALTHY)


def summary(parts: dict[str, CheckResult]) -> str:
    """What is wrong, queue by queue."""
    wrong = [f"{name}: {part.message}" for name, part in parts.items() if part.message]
    return "; ".join(wrong) or "Works"
