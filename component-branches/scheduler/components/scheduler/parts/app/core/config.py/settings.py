
# Scheduler
SCHEDULER_TIMEZONE: str = "UTC"
SCHEDULER_HEARTBEAT_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 5.0
SCHEDULER_MISFIRE_GRACE_SECONDS: Annotated[int, Field(ge=1)] = 3600
SCHEDULER_STOP_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 2.0
