"""The catalogue: what a template offers, what needs what, and which bridges come along."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import Any

from aegis_cli.errors import AegisError, TemplateProblem, UnknownName, listed, suggestion
from aegis_cli.model import Component, ComponentState
from aegis_cli.template import history
from aegis_cli.template.documents import Unreadable, read_mapping
from aegis_cli.template.source import TemplateRepository
from aegis_cli.text import is_plain, named, quoted

KINDS = ("component", "service", "bridge")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(\+[a-z0-9][a-z0-9_.-]*)*")
_LONGEST_NAME = 100
_LONGEST_SUMMARY = 1000
_MOST_NAMES = 100


def is_name(text: str) -> bool:
    """Return whether a component can be called so."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def manifest_path(name: str) -> str:
    """Return where a component's manifest lies on its branch."""
    return f"components/{name}/component.yml"


def parse_manifest(name: str, content: bytes | None) -> Component:
    """Read a manifest.

    Raises:
        TemplateProblem: It is missing or says something that it cannot.
    """
    where = manifest_path(name)
    if content is None:
        raise TemplateProblem(f"Component {named(name)} has no manifest ({where}).")
    try:
        data = read_mapping(content)
    except Unreadable as error:
        raise TemplateProblem(f"{where} cannot be read: {error}.") from error
    problem = _manifest_problem(name, data)
    if problem:
        raise TemplateProblem(f"{where}: {problem}.")
    return Component(
        name=name,
        kind=data["kind"],
        summary=data["summary"],
        requires=tuple(data.get("requires") or ()),
        bridges=tuple(data.get("bridges") or ()),
        option_of=data.get("option_of"),
        brings={kind: tuple(words) for kind, words in (data.get("brings") or {}).items()},
        branch=f"{'service' if data['kind'] == 'service' else 'component'}/{name}",
    )


MANIFEST_KEYS = ("name", "kind", "summary", "requires", "bridges", "option_of", "brings")
BRINGS = {
    "commands": "commands of the project's own command",
    "routes": "routes of the API",
    "pages": "pages and cards of the dashboard",
    "settings": "names of settings; `*` for the rest of a name",
    "docs": "pages of the documentation",
    "processes": "processes that `serve` runs",
    "servers": "servers that have to run elsewhere",
    "steps": "commands to run after `uv sync`",
}
"""What a manifest can name under `brings`."""


def _manifest_problem(name: str, data: Mapping[str, Any]) -> str | None:
    unknown = set(data).difference(MANIFEST_KEYS)
    if unknown:
        return f"unknown key '{min(unknown, key=str)}'"
    if data.get("name") != name or not is_name(name):
        return f"name '{data.get('name')}' is not the folder's"
    if data.get("kind") not in KINDS:
        return f"kind '{data.get('kind')}' is none of {', '.join(KINDS)}"
    if not isinstance(data.get("summary"), str):
        return "no summary"
    if len(data["summary"]) > _LONGEST_SUMMARY:
        return f"the summary is longer than {_LONGEST_SUMMARY} characters"
    option_of = data.get("option_of")
    if option_of is not None and not (isinstance(option_of, str) and is_name(option_of)):
        return "'option_of' is no name of a component"
    problem = _names_problem(data) or _brings_problem(data.get("brings") or {})
    if problem:
        return problem
    if (data["kind"] == "bridge") != bool(data.get("bridges")):
        return "'bridges' belongs to the kind bridge, and a bridge needs it"
    return None


def _names_problem(data: Mapping[str, Any]) -> str | None:
    for key in ("requires", "bridges"):
        if not _is_list_of(data.get(key) or [], is_name):
            return f"{named(key)} is not a list of names"
    return None


def _brings_problem(brings: object) -> str | None:
    if not isinstance(brings, dict):
        return "'brings' is not a mapping"
    for kind, words in brings.items():
        if kind not in BRINGS:
            return f"{named(kind)} under 'brings' is none of {', '.join(BRINGS)}"
        if not _is_list_of(words, lambda text: len(text) <= _LONGEST_SUMMARY and is_plain(text)):
            return f"{named(kind)} under 'brings' is not a list of short texts"
    return None


def _is_list_of(value: object, fits: Callable[[str], bool]) -> bool:
    if not isinstance(value, list) or len(value) > _MOST_NAMES:
        return False
    return all(isinstance(each, str) and fits(each) for each in value)


@dataclass(frozen=True)
class Stack:
    """A closed set of components.

    Attributes:
        names: All of them, in the catalogue's order.
        reasons: Why the ones that nobody asked for are there: {name: "required by worker"}.
    """

    names: tuple[str, ...]
    reasons: Mapping[str, str]


class StillRequired(AegisError):
    """A component that others need cannot go alone."""


class Catalog:
    """The components of a template at one revision, in a fixed order."""

    def __init__(self, components: Iterable[Component]) -> None:
        known = {component.name: component for component in components}
        self.components = {name: known[name] for name in _ordered(known)}

    def __contains__(self, name: str) -> bool:
        return name in self.components

    def __getitem__(self, name: str) -> Component:
        return self.components[name]

    def of_kind(self, kind: str) -> list[Component]:
        """Return the components of a kind that users can ask for."""
        return [component for component in self.components.values() if component.kind == kind]

    def parse(
        self, words: Iterable[str], kind: str | None = None, instead: str = "aegis add"
    ) -> list[str]:
        """Read names as users type them: by comma or space, options in brackets (`database[postgres]`).

        Args:
            words: What was typed.
            kind: Only names of this kind are meant; None: any that can be asked for.
            instead: The command for those of another kind.

        Raises:
            UnknownName: With a suggestion.
        """
        names: list[str] = []
        for word in " ".join(words).replace(",", " ").split():
            base, bracket, option = word.partition("[")
            found = [self._known(base, kind, instead)]
            if bracket:
                found.append(self._option(base, option.rstrip("]"), option.endswith("]")))
            names += [name for name in found if name not in names]
        return names

    def _known(self, name: str, kind: str | None, instead: str) -> str:
        offered = [
            c.name for c in self.components.values()
            if c.kind != "bridge" and (kind is None or c.kind == kind)
        ]  # fmt: skip
        if name in offered:
            return name
        what = kind or "component"
        if name in self.components and kind is not None:
            other = self.components[name].kind
            raise UnknownName(
                f"{named(name)} is a {other}, not a {kind}.",
                "It comes along by itself." if other == "bridge" else f"{instead} {name}",
            )
        if not offered:
            raise UnknownName(
                f"The template has no {what}s, so no {named(name)} either.",
                "Somebody else's component is named by its address: aegis add URL#BRANCH",
            )
        raise UnknownName(
            f"There is no {what} {named(name)}.{suggestion(name, offered)}",
            f"The template has: {', '.join(offered)}.",
        )

    def _option(self, base: str, option: str, closed: bool) -> str:
        options = [c.name for c in self.components.values() if c.option_of == base]
        if not closed or option not in options:
            have = f"Its options: {', '.join(options)}." if options else "It has no options."
            raise UnknownName(
                f"{named(base)} has no option {named(option)}.{suggestion(option, options)}", have
            )
        return option

    def close(self, names: Collection[str]) -> Stack:
        """Return the stack that follows from what was asked for: requirements, then bridges, until nothing is added.

        Raises:
            TemplateProblem: A manifest requires what the template does not have.
        """
        stack = set(names)
        reasons: dict[str, str] = {}
        while True:
            missing = self._missing(stack)
            if missing is None:
                break
            name, reason = missing
            stack.add(name)
            reasons[name] = reason
        return Stack(tuple(n for n in self.components if n in stack), reasons)

    def stacks_with(self, name: str, most: int) -> list[tuple[str, ...]]:
        """Return the stacks that have a component: of more than `most` others not all subsets."""
        asked = [c.name for c in self.components.values() if c.kind != "bridge" and c.name != name]
        count = len(asked)
        sizes = range(count + 1) if count <= most else (0, 1, 2, count)
        subsets = chain.from_iterable(combinations(asked, size) for size in sizes)
        return [*dict.fromkeys(self.close([name, *names]).names for names in subsets)]

    def _missing(self, stack: Collection[str]) -> tuple[str, str] | None:
        for name, component in self.components.items():
            if name in stack:
                for required in component.requires:
                    if required not in self.components:
                        raise _required_missing(component, required)
                    if required not in stack:
                        return required, f"required by {name}"
            elif component.kind == "bridge" and set(component.bridges) <= set(stack):
                return name, f"comes with {' and '.join(component.bridges)}"
        return None

    def without(self, requested: Collection[str], names: Sequence[str]) -> Stack:
        """Return the stack that is left when some of the requested components go.

        Raises:
            StillRequired: Something that stays needs one of them.
        """
        left = self.close([name for name in requested if name not in names])
        kept = [name for name in names if name in left.names]
        if kept:
            needing = sorted(
                other for other in left.names
                if set(self[other].requires) & set(kept) and other not in kept
            )  # fmt: skip
            raise StillRequired(
                f"{' and '.join(kept)} cannot go: required by {', '.join(needing)}. Nothing was changed.",
                f"Remove them together: aegis remove {' '.join([*needing, *names])}",
            )
        return left


def read_manifests(
    template: TemplateRepository, components: Mapping[str, ComponentState]
) -> list[Component]:
    """Return the manifests of a project's components, as they are at its commits."""
    found = []
    for name, component in components.items():
        if template.objects.exists(component.commit):
            found.append(
                manifest_at(template, name, component.commit, third=bool(component.source))
            )
        else:  # a commit that was never published: its place in the order is all that matters
            found.append(Component(name, component.kind, ""))
    return found


def read_catalog(
    template: TemplateRepository, revision: history.Revision
) -> tuple[Catalog, dict[str, str]]:
    """Return the catalogue of a template at a revision, and each component's commit there.

    Third parties' components stand among the template's own, at the commits that the operation takes.
    """
    commits: dict[str, str] = {}
    for name, branch in history.component_branches(template).items():
        commit = history.component_commit(template, branch, revision)
        if commit is not None:
            commits[name] = commit
    own = {name: manifest_at(template, name, commit) for name, commit in commits.items()}
    if template.third_parties:
        own = _unshadowed(own, template.third_parties)
        own.update({name: _third(template, name) for name in template.third_parties})
        commits.update({name: third.commit for name, third in template.third_parties.items()})
    return Catalog(own.values()), commits


def _unshadowed(own: Mapping[str, Component], taken: Collection[str]) -> dict[str, Component]:
    """Return a template's own components without those that a project has from somebody else.

    What the template builds upon such a one (a bridge, an option) does not fit the other that bears its name.
    """
    gone = set(taken) & own.keys()
    while True:
        found = {name: component for name, component in own.items() if name not in gone}
        needing = {name for name, c in found.items() if (_needs(c) | {c.option_of}) & gone}
        if not needing:
            return found
        gone |= needing


def _third(template: TemplateRepository, name: str) -> Component:
    third = template.third_parties[name]
    if template.objects.exists(third.commit):
        component = manifest_at(template, name, third.commit, third=True)
    else:  # out of reach: it can still be listed, and removed
        component = Component(name, third.kind, "Out of reach.")
    return replace(component, source=third.source, branch=third.branch)


def manifest_at(
    template: TemplateRepository, name: str, commit: str, *, third: bool = False
) -> Component:
    """Return the manifest of a component at a commit of its branch.

    Args:
        template: Reads the commit.
        name: The component.
        commit: The commit.
        third: It is in a third party's repository, and not where the template is.

    Raises:
        TemplateProblem: It is missing or says something that it cannot.
    """
    tree = template.objects.commit(commit).tree if third else template.tree_at(commit)
    entry = template.objects.entry(tree, manifest_path(name))
    return parse_manifest(name, template.objects.blob(entry[1]) if entry else None)


def _required_missing(component: Component, required: str) -> TemplateProblem:
    if not component.source:
        return TemplateProblem(
            f"{named(component.name)} requires {named(required)}, which is not there."
        )
    return TemplateProblem(
        f"{named(component.name)} requires {named(required)}, which neither the template nor this project has.",
        f"If somebody publishes it, add both at once: aegis add URL_OF_{required.upper()}"
        f" {quoted(component.source)}#{quoted(component.branch)}",
    )


def _ordered(known: Mapping[str, Component]) -> list[str]:
    """Order by requirement, then kind, then name: the same on every machine, whatever was added when."""
    done: list[str] = []
    waiting = sorted(known, key=lambda name: (KINDS.index(known[name].kind), name))
    while waiting:
        ready = next(
            (name for name in waiting if not _needs(known[name]) & (set(waiting) - {name})), None
        )
        if ready is None:
            raise TemplateProblem(f"Components require each other in a circle:\n{listed(waiting)}")
        waiting.remove(ready)
        done.append(ready)
    return done


def _needs(component: Component) -> set[str]:
    return {*component.requires, *component.bridges}
