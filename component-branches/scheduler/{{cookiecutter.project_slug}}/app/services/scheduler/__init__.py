"""What the scheduler does and did: its jobs, its heartbeat and its history.

The scheduler is a process of its own. It leaves what others want to know in its memory: files, or
the database where there is one.
"""

from app.services.scheduler.memory import Memory, scheduler_memory
from app.services.scheduler.models import Heartbeat, JobInfo, Outcome, Run

__all__ = ["Heartbeat", "JobInfo", "Memory", "Outcome", "Run", "scheduler_memory"]
