from app.services.database.health import check_database

registry.register("database", check_database, timeout=settings.HEALTH_TIMEOUT_SECONDS)
