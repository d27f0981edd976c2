"""The template, and third parties' components: their copies here, the recorded commits, trust.

Nothing is rendered, and no address is asked but one that this machine has a copy of and its user trusts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from aegis_cli.git import foreign
from aegis_cli.model import ProjectState
from aegis_cli.operations.doctor.findings import (
    PROBLEM,
    Check,
    Finding,
    guarded,
    passed,
    problem,
    warning,
)
from aegis_cli.reporter import Reporter
from aegis_cli.template import mirrors
from aegis_cli.template.addresses import EMBEDDED, is_address
from aegis_cli.template.source import TemplateRepository, open_template
from aegis_cli.template.trusted import is_trusted
from aegis_cli.text import quoted

_AREA = "template"
_FETCH = "If you know that address, fetch it: aegis update --dry-run"


def template(state: ProjectState, reporter: Reporter) -> list[Check]:
    """Look at all that a project is made from."""
    found: list[Check] = []
    for source, commits in _sources(state).items():
        found += guarded(
            _AREA,
            "Template" if source == state.source else "Component",
            lambda source=source, commits=commits: _source(source, commits, state, reporter),  # type: ignore[misc]
        )
    return found


def _sources(state: ProjectState) -> dict[str, dict[str, str]]:
    """Return what is recorded from where: {source: {name: commit}}; the template itself goes without a name."""
    found: dict[str, dict[str, str]] = {state.source: {"": state.commit}}
    for name, component in state.components.items():
        # Where a component comes from is never called `embedded`.
        found.setdefault(component.source or state.source, {})[name] = component.commit
    return found


def _source(
    source: str, commits: Mapping[str, str], state: ProjectState, reporter: Reporter
) -> Iterator[Check]:
    reporter.step(f"Looking at {source}")
    name = "Template" if source == state.source else "Component"
    if is_address(source):
        yield from _copy(source, name, reporter)
        place = mirrors.known(source)
        if place is None or not mirrors.is_whole(place):
            return
    with closing(open_template(source, reporter, fetch=False, new=False)) as repository:
        if not is_address(source):
            yield passed(
                _AREA,
                name,
                "the one that came with aegis" if repository.embedded else f"{source} is there",
            )
        yield from _recorded(repository, commits, state)
    if source != EMBEDDED:
        yield from _trust(source)


def _copy(address: str, name: str, reporter: Reporter) -> Iterator[Check]:
    """Look at this machine's copy of an address, and whether that answers."""
    place, trusts = mirrors.known(address), is_trusted(address)
    if place is None:
        yield warning(
            _AREA,
            name,
            f"{address} has never been fetched on this machine; it was not asked",
            _FETCH,
        )
        return
    lacks = mirrors.lacks(place)
    if lacks and trusts:
        yield Check(
            Finding(
                _AREA, name, PROBLEM, f"the copy of {address} is damaged ({lacks})",
                "aegis doctor --fix", f"fetch {address} anew",
            ),
            lambda: mirrors.make_anew(address, reporter),
        )  # fmt: skip
    elif lacks:
        yield problem(_AREA, name, f"the copy of {address} is damaged ({lacks})", _FETCH)
    else:
        yield passed(_AREA, name, f"the copy of {address} is whole, of {mirrors.age(place)}")
    if not trusts:
        yield passed(_AREA, "Address", "not asked: it is not trusted on this machine")
        return
    reporter.step(f"Asking {address}")
    if mirrors.answers(address):
        yield passed(_AREA, "Address", f"{address} answers")
    else:
        yield warning(
            _AREA, "Address", f"{address} does not answer: updates see what was fetched before",
            f"git ls-remote {quoted(address)}",
        )  # fmt: skip


def _recorded(
    repository: TemplateRepository, commits: Mapping[str, str], state: ProjectState
) -> Iterator[Check]:
    """Look whether a repository has what the project records of it."""
    of_template = repository.source == state.source
    missing = {n: c for n, c in commits.items() if not repository.objects.exists(c)}
    for name, commit in missing.items():
        what = f"the component {name}" if name else "the template"
        then = "aegis update" if of_template else f"aegis remove {name}, or aegis update"
        yield problem(
            _AREA, "Commit", f"{commit[:12]}, which the project has of {what}, is not there any more",
            then,
        )  # fmt: skip
    if missing:
        return
    yield passed(
        _AREA, "Commit",
        f"{state.release} ({state.commit[:12]}) is there" if of_template
        else f"{', '.join(commits)}: what the project has is there",
    )  # fmt: skip
    tag = repository.tags.get(state.release) if of_template else None
    if tag and tag != state.commit:
        yield warning(
            _AREA,
            "Release",
            f"{state.release} names another commit there now ({tag[:12]})",
            "aegis update --dry-run",
        )
    unnamed = foreign.first_unnamed(repository.git, list(commits.values()))
    if unnamed:
        yield warning(
            _AREA,
            "Commit",
            f"{unnamed[:12]} is in no branch or tag any more: it may be gone one day",
            "aegis update",
        )


def _trust(source: str) -> Iterator[Check]:
    if is_trusted(source):
        yield passed(_AREA, "Trust", f"{source} is trusted on this machine")
    else:
        yield warning(
            _AREA, "Trust", f"{source} is not trusted on this machine: what renders asks first",
            "If you trust its authors: aegis update --dry-run --trust",
        )  # fmt: skip
