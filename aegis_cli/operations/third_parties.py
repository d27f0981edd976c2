"""Third parties' components in an update: which versions are wanted, and the way out where they do not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from aegis_cli.errors import AegisError, CompositionError, OutOfReach, RenderFailed, UnknownName
from aegis_cli.model import ProjectState, Snapshot
from aegis_cli.template import history
from aegis_cli.template.catalog import Catalog, read_catalog, read_manifests
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.third_party import Reference, parse, recorded
from aegis_cli.text import named, quoted


def wanted(state: ProjectState, hold: Sequence[str], sources: Mapping[str, str]) -> list[Reference]:
    """Return the third parties' components of a project, as an update wants them.

    Args:
        state: The project's state.
        hold: Those that stay as they are.
        sources: Those that have moved: {name: URL#branch}.

    Raises:
        UnknownName: One of them is no third party's component of this project.
    """
    third = {name: c for name, c in state.components.items() if c.source}
    unknown = sorted({*hold, *sources} - third.keys())
    if unknown:
        have = ", ".join(third) or "none"
        raise UnknownName(
            f"{', '.join(unknown)}: not a third party's component of this project.",
            f"It has: {have}.",
        )
    references = {r.name: r for r in recorded(third, moving=True, held=hold)}
    for name, word in sources.items():
        place = parse(word)
        branch = place.branch or third[name].branch
        references[name] = replace(references[name], source=place.source, branch=branch)
    return list(references.values())


def require_newest(template: TemplateRepository, state: ProjectState, hold: Sequence[str]) -> None:
    """Raise AegisError if the newest version of a component cannot be had, and nobody said to hold it."""
    for name, third in template.third_parties.items():
        if name in hold or not third.problem:
            continue
        if not template.objects.exists(state.components[name].commit):
            raise OutOfReach(name, third.source, third.problem)
        raise AegisError(
            f"There is no newer version of {named(name)} at {third.source}: {third.problem}. Nothing was changed.",
            f"Update the rest: aegis update --hold {name}",
        )


def moved_third_parties(before: ProjectState, after: ProjectState) -> list[str]:
    """Return the third parties' components that go from one version to another."""
    return [
        name
        for name, component in after.components.items()
        if component.source and before.components.get(name, component) != component
    ]


@contextmanager
def explained(
    template: TemplateRepository, before: ProjectState, after: ProjectState
) -> Iterator[None]:
    """Give what does not compose a next step, where third parties' components have a share in it."""
    try:
        yield
    except (CompositionError, RenderFailed) as error:
        if error.hint is None:
            error.advise(_way_out(template, before, after))
        raise


def _way_out(template: TemplateRepository, before: ProjectState, after: ProjectState) -> str | None:
    """Return a command that does what can be done, tried in memory before it is named."""
    third = {name: c for name, c in after.components.items() if c.source}
    added = [name for name in third if name not in before.components]
    moved = [n for n in moved_third_parties(before, after) if n not in added]
    if added:
        if _fits_newest(template, after):
            return "Nothing was changed. It is made for a newer template: aegis update, then add it again."
        sources = ", ".join(sorted({third[name].source for name in added}))
        return f"Nothing was changed. Its authors can put it right: {sources}"
    order = Catalog(read_manifests(template, {**before.components, **after.components})).components
    held = {name: before.components[name].commit for name in moved}
    if moved and _composes(template, _with_commits(after, held), order):
        words = " ".join(f"--hold {name}" for name in moved)
        return f"Nothing was changed. Update the rest: aegis update {words}"
    newest = {name: third[name].commit for name in moved}
    if moved and _composes(template, _with_commits(before, newest), order):
        words = quoted(before.release)
        return f"Nothing was changed. Update {', '.join(moved)} alone: aegis update --to {words}"
    if not third:
        return None
    return f"Nothing was changed. Wait for a version that fits, or take it out: aegis remove {' '.join(third)}"


def _fits_newest(template: TemplateRepository, state: ProjectState) -> bool:
    newest = history.newest(template)
    catalog, commits = read_catalog(template, newest)
    there = {name: commits[name] for name in state.components if name in commits}
    return _composes(template, Snapshot(newest.commit, there), catalog.components)


def _with_commits(state: ProjectState, commits: Mapping[str, str]) -> Snapshot:
    snapshot = state.snapshot
    return Snapshot(snapshot.main, {**snapshot.components, **commits})


def _composes(template: TemplateRepository, snapshot: Snapshot, order: Iterable[str]) -> bool:
    try:
        template.composer.compose(snapshot, order)
    except AegisError:
        return False
    return True
