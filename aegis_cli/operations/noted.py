"""What other tools have noted of where a project is from."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.errors import AegisError, UsageError
from aegis_cli.operations.ground import Ground
from aegis_cli.project import other_tools
from aegis_cli.project.other_tools import Broken, Record
from aegis_cli.template.documents import LARGEST
from aegis_cli.template.render import configuration
from aegis_cli.template.source import TemplateRepository
from aegis_cli.text import named


def noted_in(
    ground: Ground, replay: Path | None, *, needed: bool
) -> tuple[Record | None, tuple[str, ...]]:
    """Return what another tool has noted, and what is to be said of it.

    Args:
        ground: The project.
        replay: A replay file of Cookiecutter's; None: what lies in the project.
        needed: Nothing else says where the project is from.
    """
    if replay is not None:
        try:
            with replay.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            raise UsageError(
                f"{named(replay)} cannot be read: {error.strerror}.",
                "Cookiecutter keeps such files here: ls ~/.cookiecutter_replay",
            ) from error
        return other_tools.read_replay(str(replay), content), ()
    try:
        return other_tools.read(ground.read), ()
    except Broken as error:
        if needed:
            raise
        return None, (error.message,)


def last_replay(template: TemplateRepository, ground: Ground) -> Record | None:
    """Return what Cookiecutter noted here of the last project from a template, if that was this one."""
    name = template.source.rstrip("/").rpartition("/")[2].removesuffix(".git")
    try:
        path = configuration.replay_folder() / f"{name}.json"
        with path.open("rb") as file:
            record = other_tools.read_replay(str(path), file.read(LARGEST + 1))
    except (OSError, AegisError):
        return None
    return record if ground.root.resolve().name in record.answers.values() else None
