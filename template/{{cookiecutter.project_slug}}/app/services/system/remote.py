"""Asks a server of this application how it is doing."""

import urllib.error
import urllib.request

from pydantic import ValidationError

from app.core.config import settings
from app.core.constants import PROJECT_SLUG
from app.services.system.models import SystemStatus


def fetch_status(timeout: float = 3.0) -> SystemStatus | None:
    """The status of the server on this machine; None when there is none, or when it is not ours."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104
    url = f"http://{host}:{settings.PORT}/health/detailed"
    request = urllib.request.Request(url)
    if settings.DASHBOARD_TOKEN is not None:
        token = settings.DASHBOARD_TOKEN.get_secret_value()
        request.add_header("Authorization", f"Bearer {token}")
    # A proxy of the environment has no business with this machine's own address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            status = SystemStatus.model_validate_json(response.read())
    except (OSError, urllib.error.URLError, ValidationError):
        return None
    return status if status.app == PROJECT_SLUG else None
