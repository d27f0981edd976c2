"""The components that a template has (`aegis components`, `aegis services`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aegis_cli.errors import AegisError, UnknownName
from aegis_cli.model import Component
from aegis_cli.operations.opening import open_project
from aegis_cli.operations.opening_template import Wanted, own_template, template_of
from aegis_cli.project.state import BrokenState
from aegis_cli.project.track import FIRST
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.addresses import EMBEDDED, normalized
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.source import located


@dataclass(frozen=True)
class Offered:
    """A component that a template has.

    Attributes:
        component: Its manifest.
        present: Whether the project has it; None outside of a project.
    """

    component: Component
    present: bool | None


def offers(
    source: str | None, folder: Path, kind: str, reporter: Reporter, of: str = FIRST
) -> tuple[Offered, ...]:
    """Return the components of a kind: of the template at `source`, of the project's, or of the embedded one.

    `of` names one of the project's templates.
    """
    state = None
    if source is None:
        try:
            with open_project(folder, write=False, of=of) as project:
                state = project.state
        except (BrokenState, UnknownName):
            raise
        except AegisError:
            state = None
    if source:
        wanted = Wanted(*located(normalized(source)), fetch=False)
    elif state:
        wanted = own_template(state, fetch=False, new=False)
    else:
        wanted = Wanted(EMBEDDED, fetch=False)
    with template_of(wanted, reporter) as template:
        catalog, _ = read_catalog(template, history.newest(template))
        return tuple(
            Offered(component, component.name in state.components if state else None)
            for component in catalog.of_kind(kind)
        )
