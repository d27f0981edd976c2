from app.services.queues.health import check_worker

registry.register(
    "worker", check_worker, timeout=settings.HEALTH_TIMEOUT_SECONDS, required=False
)
