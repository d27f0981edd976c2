"""What the user has told Cookiecutter once for all templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aegis_cli.errors import RenderFailed
from aegis_cli.template.render.failures import as_render_failure
from aegis_cli.text import named


def user_defaults() -> dict[str, Any]:
    """Return `default_context` of the user's Cookiecutter configuration.

    Raises:
        RenderFailed: The configuration cannot be read.
    """
    return dict(_configuration()["default_context"])


def user_abbreviations() -> dict[str, str]:
    """Return what the user can write for addresses: Cookiecutter's own abbreviations, and those of its configuration.

    Raises:
        RenderFailed: The configuration cannot be read.
    """
    known = _configuration()["abbreviations"]
    return {str(word): meant for word, meant in known.items() if isinstance(meant, str)}


def _configuration() -> dict[str, Any]:
    from cookiecutter.config import get_user_config

    with as_render_failure("the user's Cookiecutter configuration"):
        found: dict[str, Any] = get_user_config()
    for part in ("default_context", "abbreviations"):
        if not isinstance(found[part], dict):
            raise RenderFailed(
                f"{named(part)} in your Cookiecutter configuration is no mapping.",
                "Put that right: in ~/.cookiecutterrc, or the file that COOKIECUTTER_CONFIG names",
            )
    return found


def replay_folder() -> Path:
    """Return where Cookiecutter keeps what it was last answered, by the template's name.

    Raises:
        RenderFailed: The user's configuration cannot be read.
    """
    return Path(_configuration()["replay_dir"])
