"""Opening a template, with the third parties' components that belong to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from aegis_cli import remembered
from aegis_cli.errors import AegisError
from aegis_cli.model import ProjectState
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.third_party import Reference, open_joined, recorded


@dataclass(frozen=True)
class Wanted:
    """A template to open.

    Attributes:
        source: `embedded`, a path or an address.
        directory: The folder that holds the template; empty for the repository's top.
        references: Third parties' components to open with it.
        former: Where it was before, if that was elsewhere.
        fetch: Ask an address for news; otherwise what was fetched before is enough.
        new: Fetch from an address that this machine does not know yet.
    """

    source: str
    directory: str = ""
    references: Sequence[Reference] = ()
    former: str | None = None
    fetch: bool = True
    new: bool = True

    def open(self, reporter: Reporter, since: float = math.inf) -> TemplateRepository:
        """Open it.

        Args:
            reporter: Told when the network is used, or missed.
            since: What an address has answered after this time, whoever asked, is news enough.
        """
        opened = open_joined(
            self.source, self.references, reporter, fetch=self.fetch, new=self.new, since=since
        )
        return replace(opened, directory=self.directory, former=self.former)


Opener: TypeAlias = Callable[[Wanted, Reporter], AbstractContextManager[TemplateRepository]]
"""Opens a template for the time of a `with` block, as `template_of` does."""


@contextmanager
def template_of(wanted: Wanted, reporter: Reporter) -> Iterator[TemplateRepository]:
    """Open a template, with third parties' components, for the time of a `with` block.

    Args:
        wanted: The template.
        reporter: Told when the network is used, or missed.
    """
    template = wanted.open(reporter)
    _remember(template)
    try:
        yield template
    finally:
        template.close()


def own_template(
    state: ProjectState,
    *,
    moving: bool = False,
    others: Sequence[Reference] = (),
    fetch: bool = True,
    new: bool = True,
) -> Wanted:
    """Return the template that a project is from, with the third parties' components that it has.

    Args:
        state: The project's state.
        moving: The components' newest commits are wanted.
        others: More third parties' components.
        fetch: As for `Wanted`.
        new: As for `Wanted`.
    """
    references = (*recorded(state.components, moving=moving), *others)
    return Wanted(state.source, state.directory, references, fetch=fetch, new=new)


class Templates:
    """Templates that stay open from one project to the next. An Opener.

    Args:
        since: What an address has answered after this time, whoever asked, is news enough.
    """

    def __init__(self, since: float) -> None:
        self._since = since
        self._open: dict[tuple[str, str], TemplateRepository | AegisError] = {}

    @contextmanager
    def __call__(self, wanted: Wanted, reporter: Reporter) -> Iterator[TemplateRepository]:
        """Open one, if it is not. Third parties' components are read anew: each project has its own of them."""
        if wanted.references or wanted.former is not None:
            with template_of(wanted, reporter) as template:
                yield template
            return
        key = wanted.source, wanted.directory
        if key not in self._open:
            try:
                self._open[key] = wanted.open(reporter, self._since)
            except AegisError as error:
                self._open[key] = error
        kept = self._open[key]
        if isinstance(kept, AegisError):
            raise kept
        yield kept

    def close(self) -> None:
        """Close them."""
        for template in self._open.values():
            if isinstance(template, TemplateRepository):
                template.close()


def _remember(template: TemplateRepository) -> None:
    """Keep what completion offers of a template."""
    names: dict[str, list[str]] = {"component": [], "service": []}
    for name, branch in history.component_branches(template).items():
        if "+" not in name:  # a bridge comes by itself
            names[branch.partition("/")[0]].append(name)
    remembered.remember(
        f"template {template.source}",
        {
            "components": sorted(names["component"]), "services": sorted(names["service"]),
            "releases": [release.name for release in history.releases(template)],
        },
    )  # fmt: skip
