"""Errors, for Sentry or what speaks its language, such as GlitchTip: whatever the log has as ERROR.

That is each exception of a request, a job or the process that nobody expected, and `log.error` of yours. The log
is the one place where all of them come by, so none of Sentry's integrations is needed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from app.core.config import Settings
from app.core.constants import PROJECT_SLUG
from app.core.logging import add_ids, mask_secrets
from app.core.redaction import redact
from app.core.this_process import this_process
from app.core.version import version

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

LAST_SECONDS = 1.0
"""How long a process that ends waits for what is still to be sent."""


@asynccontextmanager
async def reporting(config: Settings) -> AsyncGenerator[None]:
    """Report errors as long as a process runs."""
    dsn = config.SENTRY_DSN
    if dsn is None:
        yield
        return
    logs = LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None)
    sentry_sdk.init(
        dsn.get_secret_value(),
        environment=config.APP_ENV,
        release=f"{PROJECT_SLUG}@{version()}",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[logs, DedupeIntegration()],
        # Variables and requests hold what nobody else is to see.
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        before_send=without_secrets,
        shutdown_timeout=LAST_SECONDS,
    )
    client = sentry_sdk.get_client()
    try:
        yield
    finally:
        await asyncio.to_thread(client.close, LAST_SECONDS)
        sentry_sdk.get_global_scope().set_client(None)


def without_secrets(event: Event, hint: Hint) -> Event | None:
    """Say which request or job it was, and mask what is masked in logs."""
    # Names of keys are theirs.
    found: dict[str, Any] = event  # ty: ignore[invalid-assignment]
    record: logging.LogRecord | None = hint.get("log_record")
    found["tags"] = {"process": this_process() or "command", **add_ids(None, "", {})}
    found["extra"] = mask_secrets(None, "", {**getattr(record, "values", {})})
    if record is not None:
        found["logentry"] = {"message": redact(record.getMessage())}
    for exception in found.get("exception", {}).get("values", ()):
        exception["value"] = redact(exception.get("value") or "")
    return event
