"""The scheduler's health check: is its heartbeat fresh, and did its jobs work?"""

import asyncio
from datetime import UTC, datetime

from app.core.config import settings
from app.services.scheduler.memory import scheduler_memory
from app.services.scheduler.models import Heartbeat, JobInfo, Outcome, Run
from app.services.system.models import CheckResult, Detail

SHOWN_JOBS = 24


async def check_scheduler() -> CheckResult:
    """Look at what the scheduler's process has left."""
    return await asyncio.to_thread(check)


def check() -> CheckResult:
    """The same for threads."""
    memory = scheduler_memory()
    beat = memory.last_beat()
    now = datetime.now(UTC)
    if beat is None:
        return CheckResult.unhealthy("No scheduler has run yet", jobs=0)
    if not beat.is_fresh(now, settings.SCHEDULER_HEARTBEAT_SECONDS):
        silent = round((now - beat.at).total_seconds())
        result = CheckResult.unhealthy("No scheduler is running", silent_seconds=silent)
        result.began_at = beat.at
        return result
    last_runs = memory.last_runs()
    failed = [job.id for job in beat.jobs if is_failed(last_runs.get(job.id))]
    kept = [job.id for job in beat.jobs if job.problem]
    # Those that nobody may miss come first.
    shown = sorted(beat.jobs, key=lambda job: job.next_run is not None)[:SHOWN_JOBS]
    children = {job.id: describe(job, last_runs.get(job.id)) for job in shown}
    messages = [f"The last run failed: {', '.join(failed)}"] if failed else []
    if kept:
        messages.append(f"Kept, for they cannot be imported: {', '.join(kept)}")
    state = CheckResult.degraded if messages else CheckResult.healthy
    if paused := paused_text(beat.jobs):
        # That is how somebody wants it, so nothing is wrong; it should not be forgotten, though.
        messages.append(paused)
    result = state("; ".join(messages) or "Runs", **figures(beat, failed))
    result.children = children
    if failed:
        result.began_at = min(last_runs[job].finished_at for job in failed)
    return result


def figures(beat: Heartbeat, failed: list[str]) -> dict[str, Detail]:
    """The figures for the card."""
    upcoming = min((job.next_run for job in beat.jobs if job.next_run), default=None)
    return {
        "jobs": beat.job_count,
        "running": len(beat.running),
        "failed": len(failed),
        "paused": sum(job.is_paused for job in beat.jobs),
        "next_run": time_text(upcoming),
        "process": f"{beat.host}, {beat.pid}",
        "started": time_text(beat.started_at),
    }


def describe(job: JobInfo, last: Run | None) -> CheckResult:
    """A job as a part of the scheduler."""
    details: dict[str, Detail] = {
        "next_run": time_text(job.next_run),
        "trigger": job.trigger,
        "last_run": time_text(last.finished_at) if last else "",
        "last_duration_ms": last.duration_ms if last else None,
    }
    if job.problem:
        return CheckResult.degraded(f"Cannot be run: {job.problem}", **details)
    if last is not None and is_failed(last):
        return CheckResult.degraded(f"Failed: {last.error}", **details)
    return CheckResult.healthy("Paused" if job.is_paused else "", **details)


def is_failed(run: Run | None) -> bool:
    """Whether a run ended badly."""
    return run is not None and run.outcome is Outcome.FAILED


def paused_text(jobs: list[JobInfo]) -> str:
    """Which jobs are paused, in a sentence; nothing when none is."""
    names = ", ".join(job.id for job in jobs if job.is_paused)
    return f"Paused: {names}" if names else ""


def time_text(at: datetime | None) -> str:
    """A time for people, in UTC; short, for it stands on cards."""
    return f"{at.astimezone(UTC):%d %b %H:%M} UTC" if at else ""
