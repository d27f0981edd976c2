"""What the web process opens and closes."""

import asyncio
import threading

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.components.backend.main import create_app


def test_building_the_application_starts_nothing() -> None:
    threads = threading.active_count()
    create_app()
    create_app()
    assert threading.active_count() == threads


def test_it_can_start_again_after_it_has_stopped(app: FastAPI) -> None:
    for _ in range(2):
        with TestClient(app) as client:
            assert client.get("/health").status_code == 200


async def test_nothing_keeps_running_after_it_has_stopped(app: FastAPI) -> None:
    before = asyncio.all_tasks()
    async with app.router.lifespan_context(app):
        assert asyncio.all_tasks() > before
    assert asyncio.all_tasks() == before
