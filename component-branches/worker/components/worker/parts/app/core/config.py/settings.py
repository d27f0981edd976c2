
# Workers
WORKER_MAX_JOBS: Annotated[int, Field(ge=1, le=10_000)] = 50
WORKER_STOP_SECONDS: Annotated[float, Field(ge=0, le=3600)] = 2.0
WORKER_LEASE_SECONDS: Annotated[float, Field(ge=1, le=3600)] = 60.0
WORKER_HEARTBEAT_SECONDS: Annotated[float, Field(ge=0.1, le=60)] = 2.0
WORKER_WAITING_WARNING: Annotated[int, Field(ge=1)] = 1000
WORKER_FAILED_KEPT: Annotated[int, Field(ge=1, le=100_000)] = 1000
WORKER_FAILED_DAYS: Annotated[int, Field(ge=1)] = 30
