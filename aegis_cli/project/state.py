"""The state under `.aegis/`: short files for people as well as for us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from aegis_cli.errors import NotAProject, RepositoryState
from aegis_cli.model import ComponentState, ProjectState

FOLDER = ".aegis"
PROJECT = f"{FOLDER}/project.yml"
COMPONENTS = f"{FOLDER}/components"
SCHEMA = 1

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_PROJECT_COMMENT = """\
# What this project was made from. aegis keeps this file; change answers with `aegis update --set`.
"""
_COMPONENT_COMMENT = "# A part of this project's stack. aegis keeps this file.\n"


def dump(state: ProjectState) -> dict[str, bytes]:
    """Return the state's files: {path in the project: content}."""
    project = {
        "schema": SCHEMA,
        "template": {
            "source": state.source, "release": state.release, "commit": state.commit,
        },
        "answers": {name: state.answers[name] for name in sorted(state.answers)},
    }  # fmt: skip
    files = {PROJECT: _yaml(_PROJECT_COMMENT, project)}
    for name, component in sorted(state.components.items()):
        facts = {
            "kind": component.kind,
            **({"source": component.source} if component.source else {}),
            "branch": component.branch, "commit": component.commit, "requested": component.requested,
        }  # fmt: skip
        files[f"{COMPONENTS}/{name}.yml"] = _yaml(_COMPONENT_COMMENT, facts)
    return files


def _yaml(comment: str, data: Mapping[str, Any]) -> bytes:
    text = yaml.dump(data, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=10_000)
    return (comment + text).encode()


def load(read: Callable[[str], bytes | None], component_files: list[str]) -> ProjectState:
    """Read the state.

    Args:
        read: Reads a file of the project by path; None where there is none.
        component_files: Paths of the files under `.aegis/components/`.

    Raises:
        NotAProject: There is no state.
        RepositoryState: It cannot be read, for example because of conflict markers.
    """
    content = read(PROJECT)
    if content is None:
        raise NotAProject(
            "This is no project that aegis made: it has no .aegis/project.yml.",
            "Start one with: aegis init NAME",
        )
    data = _parse(PROJECT, content)
    try:
        if data["schema"] > SCHEMA:
            raise RepositoryState(
                "This project was written by a newer aegis.", "uv tool upgrade aegis-stack"
            )
        template = data["template"]
        components = {}
        for path in component_files:
            facts = _parse(path, read(path) or b"")
            name = path.removeprefix(f"{COMPONENTS}/").removesuffix(".yml")
            components[name] = ComponentState(
                str(facts["kind"]), str(facts["branch"]), str(facts["commit"]),
                bool(facts["requested"]), str(facts.get("source", "")),
            )  # fmt: skip
        return ProjectState(
            str(template["source"]), str(template["release"]), str(template["commit"]),
            dict(data["answers"] or {}), components,
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise _broken(PROJECT, f"something is missing: {error}") from error


def _parse(path: str, content: bytes) -> dict[str, Any]:
    try:
        data = yaml.load(content, Loader=_LOADER)  # noqa: S506  (a safe loader, in C where there is one)
    except yaml.YAMLError as error:
        raise _broken(path, str(error).splitlines()[0]) from error
    if not isinstance(data, dict):
        raise _broken(path, "it is not a mapping")
    return data


def _broken(path: str, why: str) -> RepositoryState:
    return RepositoryState(
        f"{path} cannot be read: {why}.",
        f"Take it from the last commit that had it whole: git log --oneline -- {path}",
    )
