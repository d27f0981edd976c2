"""Checking one component against a template, in memory: does it only add files, fit every stack, and render?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from aegis_cli.errors import AegisError, CompositionError, suggestion
from aegis_cli.git.objects import LINK, SUBMODULE
from aegis_cli.merging.syntax import parser_for
from aegis_cli.model import Component, Snapshot, TemplateFile
from aegis_cli.template import history, slots
from aegis_cli.template.catalog import Catalog, read_catalog
from aegis_cli.template.code import imported, module_of, settings_of, why_invalid
from aegis_cli.template.compose import Composer, Composition, Overlay
from aegis_cli.template.render import Context
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import permitted
from aegis_cli.text import many, named

_ASKING = re.compile(r"\{%[-+]?\s*(?:if|elif)\b(.*?)%\}", re.DOTALL)
_SETTINGS = "app/core/config.py"  # where a project puts together ...
_OF_COMPONENTS = re.compile(r"app/settings/.*\.py$")  # ... what stands here
_MANY = 10  # components: from here on not every subset of them is tried


@dataclass(frozen=True)
class Finding:
    """Something that a component's author has to put right.

    Attributes:
        path: Where; in the project, or in the component's repository.
        text: What.
    """

    path: str
    text: str


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is called.
        findings: What is wrong; nothing, where all is well.
        note: What else there is to say.
        skipped: It was not looked at; the note says why.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    note: str = ""
    skipped: bool = False


@dataclass
class Linter:
    """Checks one component.

    Attributes:
        template: The template, with the component among its third parties'.
        component: The component.
        commit: Its commit.
    """

    template: TemplateRepository
    component: Component
    commit: str
    _parsed: dict[tuple[str, bytes], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._composer = Composer(self.template)
        self._revision = history.newest(self.template)

    def checks(self) -> Iterator[Check]:
        """Yield what can be checked without a project; what builds upon something broken is skipped."""
        manifest = self._manifest()
        yield manifest
        names = ("files", "slots", "others", "settings", "rendering", "stacks")
        if manifest.findings:
            yield from _skipped(names, "the manifest comes first")
            return
        overlay = self._overlay()
        if isinstance(overlay, Finding):
            yield Check("files", (overlay,))
            yield from _skipped(names[1:], "the files come first")
            return
        files, fitting = self._files(overlay), self._slots(overlay)
        yield files
        yield fitting
        yield self._others(overlay)
        yield self._settings(overlay)
        if files.findings or fitting.findings:
            yield from _skipped(names[4:], "files and slots come first")
            return
        rendering = self._rendering(overlay)
        yield rendering
        if rendering.findings:
            yield from _skipped(names[5:], "rendering comes first")
        else:
            yield self._stacks(overlay)

    # The parts of the template

    @cached_property
    def _known(self) -> tuple[Catalog, dict[str, str]]:
        return read_catalog(self.template, self._revision)

    @cached_property
    def _base(self) -> Composition:
        return self._composer.compose(Snapshot(self._revision.commit), ())

    @cached_property
    def _built_in(self) -> dict[str, Overlay]:
        commits = self._known[1].items()
        return {name: self._composer.overlay(name, c) for name, c in commits if name != self._name}

    @cached_property
    def _mine(self) -> frozenset[str]:
        """The component and all that it requires."""
        return frozenset(self._known[0].close([self._name]).names)

    @property
    def _name(self) -> str:
        return self.component.name

    def _below(self, path: str) -> str:
        return path.removeprefix(f"{self._base.top}/")

    # Manifest, files, slots

    def _manifest(self) -> Check:
        where = f"components/{self._name}/component.yml"
        found = []
        if self._name in history.component_branches(self.template):
            found.append(
                Finding(where, f"the template has a component {named(self._name)} of its own")
            )
        if "+" in self._name:
            found.append(Finding(where, "a name with '+' belongs to the template's bridges"))
        if not found:
            try:
                self._known[0].close([self._name])
            except AegisError as error:
                found.append(Finding(where, error.message.rstrip(".")))
        requires = ", ".join(self.component.requires)
        return Check("manifest", tuple(found), f"requires {requires}" if requires else "")

    def _overlay(self) -> Overlay | Finding:
        try:
            return self._composer.overlay(self._name, self.commit)
        except AegisError as error:
            return Finding(getattr(error, "path", ""), error.message.rstrip("."))

    def _files(self, overlay: Overlay) -> Check:
        found = [*self._unused()]
        owners = {p: name for name, other in self._built_in.items() for p in other.files}
        for path, file in overlay.files.items():
            shown = self._below(path)
            if shown == path:
                text = f"the template's project folder is {named(self._base.top)}"
                found.append(Finding(path, text))
            elif path in self._base.files:
                text = (
                    "the base template has this file; a component only adds files, and fills slots"
                )
                found.append(Finding(shown, text))
            elif path in owners:
                found.append(
                    Finding(shown, f"the component {named(owners[path])} brings this file")
                )
            elif file.mode == SUBMODULE:
                found.append(Finding(shown, "a submodule cannot be part of a component"))
        count = sum(map(len, overlay.parts.values()))
        return Check(
            "files", tuple(found), f"{len(overlay.files)} of its own, {many(count, 'part')}"
        )

    def _unused(self) -> Iterator[Finding]:
        """Yield files in the component's own folder that nobody will look at."""
        home = f"components/{self._name}"
        tree = self.template.objects.commit(self.commit).tree
        for path in self.template.objects.files(tree, home):
            if path == "component.yml":
                continue
            if not path.startswith("parts/") or path.count("/") < 2:
                text = f"a part is called {home}/parts/SHARED FILE.d/SLOT.ending"
                yield Finding(f"{home}/{path}", text)

    def _slots(self, overlay: Overlay) -> Check:
        found = []
        for shared, parts in overlay.parts.items():
            if not shared:  # a file at the wrong place
                continue
            brings = self._brought_by_others(shared)
            if brings:
                text = f"{named(brings)} brings this file: require it in the manifest to fill its slots"
                found.append(Finding(shared, text))
                continue
            known = self._slots_of(shared)
            found += [
                Finding(shared, self._no_slot(shared, part.slot, known))
                for part in parts
                if part.slot not in known
            ]
        return Check("slots", tuple(found), many(sum(map(len, overlay.parts.values())), "part"))

    def _brought_by_others(self, shared: str) -> str:
        """Return which component brings a file without being required; empty if none does."""
        path = f"{self._base.top}/{shared}"
        return next(
            (n for n, o in self._built_in.items() if path in o.files and n not in self._mine), ""
        )

    def _slots_of(self, shared: str) -> list[str]:
        path = f"{self._base.top}/{shared}"
        file = self._base.files.get(path)
        for name in self._mine - {self._name}:
            file = file or self._built_in[name].files.get(path)
        if file is None or file.mode in (LINK, SUBMODULE) or not self._base.questions.slotted:
            return []
        text = self.template.objects.blob(file.blob).decode("utf-8", "surrogateescape")
        return [slot.name for slot in slots.find_slots(slots.split_lines(text))]

    def _no_slot(self, shared: str, slot: str, known: Sequence[str]) -> str:
        if known:
            return f"no slot {named(slot)}.{suggestion(slot, known)} It has: {', '.join(known)}"
        have = [self._below(path) for path in self._base.files]
        for name in self._mine - {self._name}:
            have += [self._below(path) for path in self._built_in[name].files]
        if shared in have:
            return f"no slot {named(slot)}: the file has no slots"
        where = "neither the base template nor what it requires has such a file"
        if not self.component.requires:
            where = "the base template has no such file"
        return f"no slot {named(slot)}: {where}.{suggestion(shared, have)}"

    # Independence of other components

    def _others(self, overlay: Overlay) -> Check:
        """Find questions whether another component is there, and imports of what no component it requires brings."""
        found = []
        modules = self._modules_of_others()
        names = [re.escape(name) for name in self._built_in]
        word = re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?![\w-])") if names else None
        for path, file in overlay.files.items():
            text = self._text(file)
            found += [
                Finding(
                    self._below(path), f"asks whether '{match[0]}' is there; require it instead"
                )
                for condition in _ASKING.findall(text)
                if word and (match := word.search(condition))
            ]
            if path.endswith(".py"):
                found += [
                    Finding(
                        self._below(path),
                        f"imports {module}, which '{modules[module]}' brings: require it in the manifest",
                    )
                    for module in imported(text)
                    if module in modules
                ]
        return Check("others", tuple(dict.fromkeys(found)), "needs none but what it requires")

    def _text(self, file: TemplateFile) -> str:
        if file.mode in (LINK, SUBMODULE):
            return ""
        return self.template.objects.blob(file.blob).decode("utf-8", "replace")

    def _modules_of_others(self) -> dict[str, str]:
        """Return {module: component} of all that built-in components bring and this one does not require."""
        return {
            module: name
            for name, overlay in self._built_in.items()
            if name not in self._mine
            for path in overlay.files
            for module in [module_of(self._below(path))]
            if module
        }

    # Settings

    def _settings(self, overlay: Overlay) -> Check:
        """Find settings and validators whose name is taken: of two classes put together, Python asks one."""
        taken = {"the base template": self._base.files}
        taken |= {named(name): other.files for name, other in self._built_in.items()}
        owners = {
            name: owner for owner, files in taken.items() for _, name in self._settings_in(files)
        }
        found, count = [], 0
        for path, name in self._settings_in(overlay.files):
            count += 1
            if name in owners:
                found.append(
                    Finding(
                        path, f"{owners[name]} has a setting or validator {named(name)} already"
                    )
                )
        return Check("settings", tuple(found), many(count, "name"))

    def _settings_in(self, files: Mapping[str, TemplateFile]) -> Iterator[tuple[str, str]]:
        for path, file in files.items():
            below = self._below(path)
            if below == _SETTINGS or _OF_COMPONENTS.match(below):
                for name in settings_of(self._text(file)):
                    yield below, name

    # Rendering

    def _rendering(self, overlay: Overlay) -> Check:
        stack = self._known[0].close([self._name]).names
        composition = self._compose(stack)
        top = f"{composition.top}/"
        shared = [f"{top}{path}" for path in overlay.parts]
        touched = {path: composition.files[path] for path in (*overlay.files, *shared)}
        found = self._problems(composition, touched)
        return Check("rendering", tuple(found), many(len(touched), "file"))

    def _problems(
        self, composition: Composition, files: Mapping[str, TemplateFile]
    ) -> Iterator[Finding]:
        """Yield what does not render, or is not valid afterwards."""
        top = composition.top
        for path, file in files.items():
            below = path.removeprefix(f"{top}/")
            if file.mode == SUBMODULE:
                continue
            try:
                content = self._composer.content(file)
                result = self._context.render(top, below, file.mode, content)
            except AegisError as error:
                yield Finding(below, f"does not render: {error.message.rstrip('.')}")
                continue
            if result is not None and file.mode != LINK and self._is_checked(path):
                text = self._syntax(result[0], result[1].content)
                if text:
                    yield Finding(below, text)

    @cached_property
    def _context(self) -> Context:
        asked = self._base.questions
        with permitted(self.template, self._revision.commit, asked) as permit:
            return Context(asked, {}, permit)

    def _is_checked(self, path: str) -> bool:
        """Return whether a file's syntax is known: a shared file that is no valid JSON by itself never will be."""
        base = self._base.files.get(path)
        if base is None:
            return True
        below = self._below(path)
        try:
            content = self._composer.content(base)
            result = self._context.render(self._base.top, below, base.mode, content)
        except AegisError:
            return False
        return result is None or not self._syntax(result[0], result[1].content)

    def _syntax(self, path: str, content: bytes) -> str:
        key = path, content
        if key not in self._parsed:
            parses = parser_for(path)
            self._parsed[key] = (
                "" if parses is None or parses(content) else why_invalid(path, content)
            )
        return self._parsed[key]

    # Stacks

    def _stacks(self, overlay: Overlay) -> Check:
        stacks = self._known[0].stacks_with(self._name, _MANY)
        found: dict[Finding, None] = {}
        seen: set[TemplateFile] = set()
        for stack in stacks:
            with_others = ", ".join(n for n in stack if n != self._name) or "nothing else"
            try:
                composition = self._compose(stack)
            except CompositionError as error:
                found[Finding(f"with {with_others}", error.message.rstrip("."))] = None
                continue
            top = composition.top
            shared = {f"{top}/{p}": composition.files[f"{top}/{p}"] for p in overlay.parts}
            new = {path: file for path, file in shared.items() if file not in seen}
            seen.update(new.values())
            for finding in self._problems(composition, new):
                found[Finding(finding.path, f"with {with_others}: {finding.text}")] = None
        return Check("stacks", tuple(found)[:_MANY], many(len(stacks), "stack"))

    def _compose(self, stack: Iterable[str]) -> Composition:
        catalog, commits = self._known
        snapshot = Snapshot(self._revision.commit, {name: commits[name] for name in stack})
        return self._composer.compose(snapshot, catalog.components)


def _skipped(names: Iterable[str], why: str) -> Iterator[Check]:
    return (Check(name, note=why, skipped=True) for name in names)
