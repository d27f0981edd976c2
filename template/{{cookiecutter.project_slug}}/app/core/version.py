"""The version of this application."""

from functools import lru_cache

from app.core.constants import PROJECT_SLUG


@lru_cache(maxsize=1)
def version() -> str:
    """The installed version; `pyproject.toml` is where it is set."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(PROJECT_SLUG)
    except PackageNotFoundError:
        return "0.0.0"
