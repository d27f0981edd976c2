"""Values that the packages hand each other. Frozen, without behaviour that touches the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AnswerValue = str | bool | dict[str, Any]
Answers = Mapping[str, AnswerValue]
"""The public answers to a template's questions, by question."""


@dataclass(frozen=True)
class Component:
    """What a manifest says.

    Attributes:
        name: The component's name; also the name of its folder under `components/`.
        kind: `component`, `service` or `bridge`.
        summary: One sentence.
        requires: Names of components that it cannot be without.
        bridges: For a bridge: the components that it comes with.
        option_of: For an option: the component that it is an option of, as in `database[postgres]`.
        source: Where a third party's component comes from; empty for the template's own.
        branch: The branch that holds it, of the template repository or of the third party's.
        brings: What is new in use with it, by kind (`commands`, `pages`, ...).
    """

    name: str
    kind: str
    summary: str
    requires: tuple[str, ...] = ()
    bridges: tuple[str, ...] = ()
    option_of: str | None = None
    source: str = ""
    branch: str = ""
    brings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ThirdParty:
    """Where a component of a third party comes from, for one operation.

    Attributes:
        kind: As in its manifest.
        source: Path or address of its repository.
        branch: Branch or tag there.
        commit: The commit to take: the one that the project has, or the newest.
        problem: Why the newest cannot be had, or none at all; empty where all is well.
        asked: Whether the user has named it by its address just now.
    """

    kind: str
    source: str
    branch: str
    commit: str
    problem: str = ""
    asked: bool = False


@dataclass(frozen=True)
class ComponentState:
    """What a project records of one component.

    Attributes:
        kind: As in the manifest.
        branch: Branch of the template repository, or of the third party's.
        commit: Commit of that branch that the project has.
        requested: Whether the user asked for it by name (or it came along with one that was).
        source: Where a third party's component comes from; empty for the template's own.
    """

    kind: str
    branch: str
    commit: str
    requested: bool
    source: str = ""


@dataclass(frozen=True)
class ProjectState:
    """What a project records of its template: everything that its vendor tree is a function of.

    Attributes:
        source: `embedded`, or the path or address of the template repository.
        release: Name of the release, or a short commit id where there is none.
        commit: Commit of the template's main branch.
        answers: The answers to the template's questions.
        components: The stack, by name.
        directory: The folder of the template repository that holds the template; empty for its top.
    """

    source: str
    release: str
    commit: str
    answers: Answers
    components: Mapping[str, ComponentState] = field(default_factory=dict)
    directory: str = ""

    @property
    def snapshot(self) -> Snapshot:
        """The template commits that the project is made from."""
        return Snapshot(self.commit, {n: c.commit for n, c in self.components.items()})


@dataclass(frozen=True)
class Snapshot:
    """A point in the template's history: main's commit, and one of each component's branch, by name."""

    main: str
    components: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TemplateFile:
    """A file of a composed template: a blob of the template repository, with the parts that fill its slots.

    Attributes:
        mode: git's mode.
        blob: Id of the file's own content.
        parts: The parts, in the catalogue's order.
        slotted: Whether slot lines in it mean anything.
    """

    mode: str
    blob: str
    parts: tuple[Part, ...] = ()
    slotted: bool = False


@dataclass(frozen=True)
class Part:
    """The text with which one component fills one slot."""

    component: str
    slot: str
    blob: str


@dataclass(frozen=True)
class RenderedFile:
    """A file as it goes into the vendor tree."""

    mode: str
    content: bytes


@dataclass(frozen=True)
class Vendor:
    """A vendor commit and the state that it stands for."""

    commit: str
    state: ProjectState
