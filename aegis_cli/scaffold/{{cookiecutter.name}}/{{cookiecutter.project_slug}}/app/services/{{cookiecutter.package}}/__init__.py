"""{{ cookiecutter.title }}: says hello. Plain Python that knows neither FastAPI nor Flet nor Typer."""

from app.core.errors import AppError
from app.services.system.models import CheckResult


def greet(name: str) -> str:
    """Greet somebody."""
    if not name.strip():
        raise AppError("Whom shall I greet?")
    return f"Hello, {name}!"


async def check() -> CheckResult:
    """What the health page says about it."""
    return CheckResult.healthy(greet("world"))
