"""Sign-in with others."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.core.component import Component

if TYPE_CHECKING:
    from fastapi import FastAPI


def api(app: FastAPI) -> None:
    from app.components.backend.api.auth.oauth import include_oauth

    include_oauth(app)


oauth = Component(
    name="oauth",
    api=api,
    # They would write addresses with codes in them.
    log_levels=dict.fromkeys(("authlib", "httpcore2", "httpx2"), logging.WARNING),
    test_settings={"OAUTH_PROVIDERS": ""},
)
