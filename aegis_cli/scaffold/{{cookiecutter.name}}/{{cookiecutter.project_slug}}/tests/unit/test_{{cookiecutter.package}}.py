"""{{ cookiecutter.title }}, without a server."""

import pytest

from app.core.errors import AppError
from app.services.{{ cookiecutter.package }} import check, greet


def test_it_greets_by_name() -> None:
    assert greet("Ada") == "Hello, Ada!"


def test_nobody_cannot_be_greeted() -> None:
    with pytest.raises(AppError, match="Whom"):
        greet(" ")


async def test_it_is_healthy() -> None:
    assert (await check()).state == "healthy"
