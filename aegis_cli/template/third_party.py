"""Third parties' components: from `URL#branch` to commits that can be composed with a template.

Their repositories stay where they are (a folder, or a mirror of an address); git reads their objects beside those of
the template.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_cli.errors import (
    AegisError,
    GitFailed,
    TemplateProblem,
    UnknownName,
    UsageError,
    listed,
    suggestion,
)
from aegis_cli.git.foreign import Foreign, Refs, first_missing, refs_of
from aegis_cli.git.names import is_branch
from aegis_cli.git.process import Git
from aegis_cli.model import Component, ComponentState, ThirdParty
from aegis_cli.reporter import Reporter
from aegis_cli.template import history
from aegis_cli.template.addresses import is_address, normalized_place
from aegis_cli.template.catalog import is_name, manifest_at, manifest_path
from aegis_cli.template.mirrors import fetch_commit, mirror
from aegis_cli.template.source import TemplateRepository, open_template, repository_in
from aegis_cli.text import named, one_line, quoted

_MANIFEST = re.compile(r"components/([^/]+)/component\.yml")


@dataclass(frozen=True)
class Reference:
    """A component of a third party, as a user names it or as a project records it.

    Attributes:
        source: Path or address of its repository.
        branch: Branch or tag there; empty: the one that has a component.
        name: The component's name; empty until its manifest has been read.
        kind: Its kind, where the project records it.
        commit: The commit that the project has.
        moving: Its newest commit is wanted, and not the one that the project has.
    """

    source: str
    branch: str = ""
    name: str = ""
    kind: str = "component"
    commit: str = ""
    moving: bool = True


def split(words: Iterable[str]) -> tuple[list[str], list[Reference]]:
    """Divide what a user wants to have added into names of the template's components and third parties'.

    Raises:
        BadAddress: An address that will not do, for example with a password in it.
    """
    names, references = [], []
    for piece in (piece.strip() for word in words for piece in word.split(",")):
        if piece in (".", "..") or any(sign in piece for sign in "/:#~"):
            references.append(parse(piece))
        else:
            names.append(piece)
    return names, references


def parse(word: str) -> Reference:
    """Read `URL#branch`; the branch may be left out.

    Raises:
        BadAddress: It will not do, for example because it has a password in it.
        UsageError: No branch can have that name.
    """
    source, sign, branch = word.rpartition("#")
    if not sign or _is_there(word):
        source, branch = word, ""
    if branch and not is_branch(branch):
        raise UsageError(
            f"No branch can be called {named(branch)}.", "Name one: aegis add URL#BRANCH"
        )
    return Reference(normalized_place(source), branch)


def _is_there(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def recorded(
    components: Mapping[str, ComponentState], *, moving: bool, held: Collection[str] = ()
) -> list[Reference]:
    """Return the third parties' components of a project.

    Args:
        components: The project's stack.
        moving: Their newest commits are wanted.
        held: Except for these.
    """
    return [
        Reference(c.source, c.branch, name, c.kind, c.commit, moving and name not in held)
        for name, c in components.items()
        if c.source
    ]


def open_joined(
    source: str,
    references: Sequence[Reference],
    reporter: Reporter,
    *,
    fetch: bool = True,
    new: bool = True,
    since: float = math.inf,
) -> TemplateRepository:
    """Open a template repository together with third parties' components.

    What a project has already and cannot be had here is no error: the component says so, and whoever needs it
    complains.

    Args:
        source: The template.
        references: The components.
        reporter: Told when the network is used, or missed.
        fetch: Ask the template's address for news. Those of components are asked when they are new or to move.
        new: Fetch from addresses that this machine does not know yet.
        since: What the template's address has answered after this time is news enough.

    Raises:
        TemplateProblem: There is no such template, or nothing to add at a new reference.
        UnknownName: A new reference names a branch that does not exist.
        NameTaken: Two components have the same name.
    """
    places = {reference.source: _Place(reference.source, new=new) for reference in references}
    for place in places.values():
        place.find([r for r in references if r.source == place.source], reporter)
    there = {source: place.there for source, place in places.items() if place.there}
    # What git has fetched it has checked. In a folder somebody may have put other contents under ids that are trusted.
    stores = [place.store for at, place in there.items() if is_address(at)]
    copied = {
        place.there.store: place.commits(references)
        for place in places.values()
        if place.there and not is_address(place.source)
    }
    with ExitStack() as stack:
        template = open_template(
            source, reporter, fetch=fetch, new=new, since=since, stores=stores, copied=copied
        )
        stack.callback(template.close)
        found: dict[str, ThirdParty] = {}
        for reference in references:
            name, third = places[reference.source].resolve(reference, template)
            known = found.get(name)
            if known and (known.source, known.branch) != (third.source, third.branch):
                raise _taken(name, known, third)
            found[name] = replace(known, asked=third.asked) if known else third
        stack.pop_all()
    return replace(template, third_parties=found, places=there)


class NameTaken(AegisError):
    """A component of this name is there already."""


def _taken(name: str, known: ThirdParty, other: ThirdParty) -> NameTaken:
    place = f"{quoted(other.source)}#{quoted(other.branch)}"
    return NameTaken(
        f"There is a component {named(name)} already: from {known.source}#{known.branch}. Nothing was changed.",
        f"If it is the same one, and has moved: aegis update --component-source {name}={place}",
    )


def require_free(template: TemplateRepository) -> None:
    """Raise NameTaken if a component that was asked for just now bears the name of one of the template's own."""
    own = history.component_branches(template)
    for name, third in template.third_parties.items():
        if third.asked and name in own:
            raise NameTaken(
                f"The template has a component {named(name)} of its own, so the one of {third.source} cannot be added."
                " Nothing was changed.",
                f"Add the template's: aegis add {name}. Or ask the authors of the other one for another name.",
            )


def asked_for(template: TemplateRepository) -> list[str]:
    """Return the names of the components that were asked for by their address just now."""
    return [name for name, third in template.third_parties.items() if third.asked]


class _Place:
    """A third party's repository on this machine."""

    def __init__(self, source: str, *, new: bool) -> None:
        self.source = source
        self.there: Foreign | None = None
        self._may_fetch = new
        self._problem = ""
        self._refs = Refs({}, {}, "")

    def find(self, references: Sequence[Reference], reporter: Reporter) -> None:
        """Find the repository; fetch it where something new is wanted, or something that is not here."""
        try:
            there = self._find(references, reporter)
            self._require_history(there)
            self._refs = refs_of(there)
        except (TemplateProblem, GitFailed) as problem:
            if any(not reference.name for reference in references):
                raise
            self._problem = problem.message
            return
        self.there = there

    def _require_history(self, there: Foreign) -> None:
        if there.is_shallow:
            raise TemplateProblem(
                f"{named(self.source)} is a shallow clone, and its history is needed.",
                f"git -C {quoted(self.source)} fetch --unshallow",
            )

    def _find(self, references: Sequence[Reference], reporter: Reporter) -> Foreign:
        if not is_address(self.source):
            names = [reference.name for reference in references if reference.name]
            return repository_in(
                self.source,
                f"There is no repository at {named(self.source)}.",
                f"If it has moved: aegis update --component-source {names[0]}=NEW_PLACE"
                if names
                else "Check the path, then run the same command again.",
            )
        wanted = [reference.commit for reference in references if reference.commit]
        moving = any(reference.moving for reference in references)
        found = mirror(self.source, reporter, fetch=moving, new=self._may_fetch).git_dir
        git = Git(found, git_dir=found)
        if first_missing(git, wanted):
            found = mirror(self.source, reporter, fetch=True, new=self._may_fetch).git_dir
            while missing := first_missing(git, wanted):
                fetch_commit(self.source, found, missing)
                wanted.remove(missing)
        return repository_in(str(found), f"There is no repository at {named(self.source)}.", "")

    def commits(self, references: Sequence[Reference]) -> list[list[str]]:
        """Return the commits that may be needed from here, in groups: those it names, those that projects record."""
        named = dict.fromkeys([*self._refs.branches.values(), *self._refs.tags.values()])
        own = [r for r in references if r.source == self.source]
        tips = {self._tip(reference.branch) for reference in own} | {r.commit for r in own}
        return [list(named), *([commit] for commit in sorted(tips - {""}))]

    def resolve(self, reference: Reference, template: TemplateRepository) -> tuple[str, ThirdParty]:
        """Return a component's name, and where it comes from."""
        if not reference.name:
            return self._new(reference, template)
        known = ThirdParty(reference.kind, self.source, reference.branch, reference.commit)
        problem = self._problem
        if reference.moving and not problem:
            tip = self._tip(reference.branch)
            problem = _unfit(template, reference, tip)
            known = known if problem else replace(known, commit=tip)
        if not problem and not template.objects.exists(known.commit):
            problem = f"its repository no longer has the commit {known.commit[:12]}"
        return reference.name, replace(known, problem=problem)

    def _tip(self, branch: str) -> str:
        return self._refs.branches.get(branch) or self._refs.tags.get(branch) or ""

    def _new(self, reference: Reference, template: TemplateRepository) -> tuple[str, ThirdParty]:
        branch = reference.branch or self._only_branch(template)
        if not is_branch(branch):
            raise UsageError(
                f"{named(self.source)} has its component on a branch whose name cannot be recorded:"
                f" {one_line(branch)}.",
                "Ask its authors for another name.",
            )
        tip = self._tip(branch)
        if not tip:
            raise UnknownName(
                f"{named(self.source)} has no branch {named(branch)}.{suggestion(branch, self._refs.branches)}",
                f"It has: {', '.join(sorted(self._refs.branches)) or 'no commits'}.",
            )
        try:
            component = component_at(template, tip, f"{self.source}#{branch}")
        except GitFailed as error:
            raise TemplateProblem(
                f"{named(self.source)} keeps its objects in another format than the template.",
                "Ask its authors for a repository with SHA-1 ids, as git makes it by default.",
            ) from error
        third = ThirdParty(component.kind, self.source, branch, tip, asked=True)
        return component.name, third

    def _only_branch(self, template: TemplateRepository) -> str:
        """Return the branch of the one component that a repository has."""
        head = self._refs.branches.get(self._refs.head)
        if head and template.objects.exists(head) and manifests(template, head):
            return self._refs.head
        offered = [b for b in sorted(self._refs.branches) if b.startswith(history.KIND_FOLDERS)]
        if len(offered) == 1:
            return offered[0]
        if offered:
            raise UsageError(
                f"{named(self.source)} has several components:\n{listed(offered)}",
                f"Name one of them: aegis add {quoted(self.source)}#{quoted(offered[0])}",
            )
        raise _no_component(self.source)


def _unfit(template: TemplateRepository, reference: Reference, tip: str) -> str:
    """Return why the tip of a branch is no newer version of a component; empty if it is one."""
    if not tip:
        return f"it has no branch {named(reference.branch)} any more"
    try:
        manifest_at(template, reference.name, tip, third=True)
    except AegisError as error:
        return error.message[0].lower() + error.message[1:].rstrip(".")
    return ""


def manifests(template: TemplateRepository, commit: str) -> list[str]:
    """Return the names of the components whose manifests a commit holds."""
    objects = template.objects
    files = objects.files_at(commit, "components")
    found = (_MANIFEST.fullmatch(f"components/{path}") for path in files)
    return sorted(match[1] for match in found if match and is_name(match[1]))


def component_at(template: TemplateRepository, commit: str, place: str) -> Component:
    """Return the one component that a third party's commit holds.

    Args:
        template: Reads the commit.
        commit: The commit.
        place: Where it comes from, for errors.

    Raises:
        TemplateProblem: There is none, or more than one, or one of a kind that only the template can have.
    """
    names = manifests(template, commit)
    if not names:
        raise _no_component(place)
    if len(names) > 1:
        raise TemplateProblem(
            f"{named(place)} holds several components: {', '.join(names)}.",
            "Its authors should give each a branch of its own.",
        )
    component = manifest_at(template, names[0], commit, third=True)
    if component.kind == "bridge":
        raise TemplateProblem(
            f"{named(component.name)} is a bridge, and those belong to a template.",
            f"Its authors should make it a component that requires {' and '.join(component.bridges)}.",
        )
    return component


def _no_component(place: str) -> TemplateProblem:
    return TemplateProblem(
        f"{named(place)} holds no component: there is no {manifest_path('NAME')}.",
        "Name the branch that has one: aegis add URL#BRANCH",
    )
