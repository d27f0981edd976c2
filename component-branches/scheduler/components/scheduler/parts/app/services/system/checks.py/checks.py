from app.services.scheduler.health import check_scheduler

registry.register(
    "scheduler", check_scheduler, timeout=settings.HEALTH_TIMEOUT_SECONDS, required=False
)
