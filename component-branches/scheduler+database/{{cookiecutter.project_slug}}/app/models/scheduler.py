"""What the scheduler remembers."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class JobRun(SQLModel, table=True):
    """A run of a job."""

    __tablename__ = "scheduler_run"

    id: int | None = Field(default=None, primary_key=True)
    job: str = Field(index=True, max_length=191)
    outcome: str = Field(max_length=16)
    scheduled_at: datetime
    finished_at: datetime = Field(index=True)
    duration_ms: float
    error: str = Field(sa_type=Text)
    is_manual: bool


class SchedulerNote(SQLModel, table=True):
    """One value under a name: the heartbeat, the registered jobs, a job that somebody asked for."""

    __tablename__ = "scheduler_note"

    name: str = Field(primary_key=True, max_length=64)
    value: str = Field(sa_type=Text)
