"""What the scheduler does and did: its jobs, its heartbeat and its history.

The scheduler is a process of its own. It leaves what others want to know in its memory: files, or
the database where there is one.
"""

from app.services.scheduler.memory import Memory, scheduler_memory
from app.services.scheduler.models import Action, Heartbeat, JobInfo, Outcome, Run, Wish

__all__ = [
    "Action",
    "Heartbeat",
    "JobInfo",
    "Memory",
    "Outcome",
    "Run",
    "Wish",
    "scheduler_memory",
]
