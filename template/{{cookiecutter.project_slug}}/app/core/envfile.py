"""Finds typing errors in `.env`, which would otherwise be ignored silently."""

from collections.abc import Iterator

from app.core.config import ENV_FILE, Settings
from app.core.setting_files import SUFFIX


def unknown_names() -> Iterator[str]:
    """One line for each name in `.env` that no setting has, if one is much like it."""
    from difflib import get_close_matches

    from dotenv import dotenv_values

    if ENV_FILE is None or not ENV_FILE.exists():
        return
    known = list(Settings.model_fields)
    for name in dotenv_values(ENV_FILE):
        # Behind `__` stands what is inside of a value.
        setting = name.upper().removesuffix(SUFFIX).partition("__")[0]
        # Two letters that changed places in a name of four are still much alike.
        close = get_close_matches(setting, known, n=1, cutoff=0.75)
        if setting not in known and close:
            yield f"{ENV_FILE.name} sets {name}, which is not a setting. Did you mean {close[0]}?"
