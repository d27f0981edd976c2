"""The business logic: plain Python that knows neither FastAPI nor Flet nor Typer."""

from pydantic import BaseModel

from app.core.config import settings
from app.core.errors import AppError


class Greeting(BaseModel):
    """What is said to somebody."""

    text: str


def greet(name: str) -> Greeting:
    """Greet somebody with the word that the settings have."""
    if not name.strip():
        raise AppError("Whom shall I greet?")
    return Greeting(text=f"{settings.{{ cookiecutter.prefix }}_WORD}, {name}!")
