"""Checks of a generated docker-compose.yml."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from tests.support.application import run


def checked_compose(project: Path, own: Collection[str] = ()) -> dict[str, Any]:
    """Check that the file fits the Compose specification and that all it refers to is there; return it.

    Args:
        project: The project.
        own: Services of the user's: what they may do is theirs to say.
    """
    run(
        project,
        "uv", "tool", "run", "check-jsonschema", "--builtin-schema", "vendor.compose-spec",
        "docker-compose.yml",
    )  # fmt: skip
    compose: dict[str, Any] = yaml.safe_load((project / "docker-compose.yml").read_text())
    services, volumes = compose["services"], set(compose["volumes"])
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert {volume for volume in named if volume[0] not in "./"} <= volumes, name
        if name in own:
            continue
        assert service["restart"], name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
    return compose
