"""Where changes of a template go that are to be handed over: which repository, branch and folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aegis_cli.git.objects import Commit
from aegis_cli.git.series import Content, Step
from aegis_cli.model import ProjectState, Snapshot
from aegis_cli.operations.handing_over import Series
from aegis_cli.replay.trailers import without_trailers
from aegis_cli.template.source import TemplateRepository, cloned_from
from aegis_cli.template.turner import Place


@dataclass(frozen=True)
class OfferedFile:
    """A file with changes that are turned back.

    Attributes:
        path: The project's file.
        branch: The template's branch; empty where it is written in folders.
        template_path: The file there.
    """

    path: str
    branch: str
    template_path: str


class Destinations:
    """Collects the changes of a template, by where they go.

    Args:
        template: The template.
        state: The state of the project that they come from.
    """

    def __init__(self, template: TemplateRepository, state: ProjectState) -> None:
        self._template, self._state = template, state
        self._series: dict[tuple[str, str], Series] = {}
        self._last: dict[tuple[str, str], str] = {}

    def add(self, commit: Commit, parts: Mapping[str, Mapping[str, Content | None]]) -> None:
        """Keep what is to be handed over, by where it goes."""
        state, objects = self._state, self._template.objects
        for component, files in parts.items():
            where = self._where(component)
            key = where.source, where.onto
            series = self._series.setdefault(key, where)
            step = Step(commit.author, commit.author_date, without_trailers(commit.message))
            if self._last.get(key) == commit.id:
                step = series.steps[-1]
            else:
                series.steps.append(step)
            self._last[key] = commit.id
            folder = self._folder(component)
            tree = objects.commit(at(state.snapshot, component)).tree
            for path, file in files.items():
                entry = objects.entry(tree, self.inside(component) + path)
                before = entry and (entry[0], objects.blob(entry[1]))
                series.before.setdefault(folder + path, before)
                step.files[folder + path] = file

    def _where(self, component: str) -> Series:
        """Return where a component's changes go. The embedded template is written in aegis's own repository."""
        state, template = self._state, self._template
        source = state.components[component].source if component else ""
        if self._is_embedded(component):
            return Series("", "", cloned_from(template))
        return Series(
            self._branch(component), at(state.snapshot, component), source or cloned_from(template)
        )

    def _is_embedded(self, component: str) -> bool:
        return self._template.embedded and component not in self._template.third_parties

    def inside(self, component: str) -> str:
        """Return the folder that holds the template in its repository, with `/` at its end."""
        directory = self._template.directory
        return (
            f"{directory}/" if directory and component not in self._template.third_parties else ""
        )

    def _folder(self, component: str) -> str:
        """Return the folder in which a branch of the template is written, with `/` at its end."""
        if not self._is_embedded(component):
            return self.inside(component)
        return f"component-branches/{component}/" if component else "template/"

    def of(self, path: str, place: Place) -> OfferedFile:
        """Return where a change of a project's file goes."""
        folder = self._folder(place.component)
        branch = "" if self._is_embedded(place.component) else self._branch(place.component)
        return OfferedFile(path, branch, folder + place.path)

    def _branch(self, component: str) -> str:
        if not component:
            return self._template.default_branch
        return self._state.components[component].branch

    @property
    def series(self) -> list[Series]:
        """What is to be handed over, by where it goes."""
        return list(self._series.values())


def at(snapshot: Snapshot, component: str) -> str:
    """Return the commit of a component at a point; of the base template where it has no name."""
    return snapshot.components[component] if component else snapshot.main
