"""The web process: API and dashboard."""

from app.core.config import settings

# `serve` promises to end within four seconds, and an open dashboard would keep uvicorn waiting.
GRACEFUL_SHUTDOWN_SECONDS = 2


def main(reload: bool = False) -> None:
    """Serve until told to stop."""
    import uvicorn

    uvicorn.run(
        "app.components.backend.main:create_app",
        factory=True,
        host=settings.HOST,
        port=settings.PORT,
        reload=reload,
        reload_dirs=["app"] if reload else None,
        # One process: the dashboard's sessions live in its memory.
        workers=1,
        # The application logs requests itself, with their ids.
        access_log=False,
        log_config=None,
        log_level=settings.LOG_LEVEL.lower(),
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    main()
