"""Lets the web sites in `CORS_ORIGINS` call the API from a browser."""

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from app.core.config import Settings
from app.core.constants import REQUEST_ID_HEADER


def middleware(config: Settings) -> list[Middleware]:
    """Nothing while no origin is named."""
    if not config.CORS_ORIGINS:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=config.CORS_ORIGINS,
            # Browsers refuse credentials together with "every site".
            allow_credentials="*" not in config.CORS_ORIGINS,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID_HEADER],
        )
    ]
