"""Answers of the assistant in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.component import Component

if TYPE_CHECKING:
    from fastapi import FastAPI


def api(app: FastAPI) -> None:
    from app.components.backend.api import ai_jobs

    app.include_router(ai_jobs.router)


ai_worker = Component(name="ai_worker", api=api)
