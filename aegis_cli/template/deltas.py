"""What each point of a template's history changes: its files, and all that has to be known to render them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import LINK, SUBMODULE
from aegis_cli.model import Snapshot, TemplateFile
from aegis_cli.template import ties
from aegis_cli.template.compose import Composer, Composition
from aegis_cli.template.trust import Gate

if TYPE_CHECKING:
    from aegis_cli.template.render import Context


@dataclass(frozen=True)
class Delta:
    """What one point of the template's history changes.

    Attributes:
        snapshot: The point.
        context: What files are rendered with there; None when it does not compose.
        top: The project folder in the template.
        changed: Files that are new or differ from the point before.
        gone: Files that are no more.
        fresh: Everything is in `changed`: nothing can be built upon.
        tied: Files that depend on more than themselves.
        together: The files have to be rendered as a whole.
        hooks: The template's hooks.
        files: All files, where the ones above need them.
        error: Why it does not compose.
    """

    snapshot: Snapshot
    context: Context | None
    top: str = ""
    changed: Mapping[str, TemplateFile] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    fresh: bool = False
    tied: frozenset[str] = frozenset()
    together: bool = False
    hooks: tuple[str, ...] = ()
    files: Mapping[str, TemplateFile] = field(default_factory=dict)
    error: AegisError | None = None

    @property
    def rendered_with(self) -> Context:
        """What files are rendered with there.

        Raises:
            AegisError: It does not compose.
        """
        if self.error is not None:
            raise self.error
        assert self.context is not None  # noqa: S101  (there is one of both)
        return self.context

    def after(self, other: Delta | None) -> Delta:
        """Return this with another one before it that was not applied."""
        if other is None or self.fresh or self.error or other.context is None:
            return self
        changed = {p: f for p, f in other.changed.items() if p not in self.gone}
        gone = tuple(p for p in other.gone if p not in self.changed)
        return replace(
            self, changed={**changed, **self.changed}, gone=(*gone, *self.gone), fresh=other.fresh
        )


@dataclass(frozen=True)
class _Facts:
    """What has to be known about all files of a composition; kept up to date from one to the next."""

    composition: Composition
    context: Context
    tied: frozenset[str]
    changing: frozenset[str]
    templated: frozenset[str]
    hooks: tuple[str, ...]
    together: bool

    @property
    def kind(self) -> tuple[object, ...]:
        """What has to be the same at two points, so that one can be built upon the other."""
        return self.context, self.composition.top, bool(self.hooks), self.together


class Deltas:
    """Compares the points of a history, one with the next.

    Args:
        composer: Composes them.
        order: Names of components, in the catalogue's order.
        gate: Asks for trust before anything of theirs is rendered.
        context_of: Gives what the files of a composition are rendered with.
    """

    def __init__(
        self,
        composer: Composer,
        order: Sequence[str],
        gate: Gate,
        context_of: Callable[[Composition], Context],
    ) -> None:
        self._composer = composer
        self._order = order
        self._gate = gate
        self._context_of = context_of

    def between(self, start: Snapshot | None, snapshots: Iterable[Snapshot]) -> list[Delta]:
        """Return what each of a run of snapshots changes.

        Args:
            start: The point whose files stand already; None: nothing does.
            snapshots: The points, in order.

        Raises:
            NotTrusted: The user has not confirmed whose code would run.
        """
        points = list(snapshots)
        self._gate.require(points)
        if len({point.main for point in (start, *points) if point}) > 1:
            with suppress(AegisError):  # whoever needs what is missing says so
                self._composer.preload([start, *points] if start else points)
        known = self._begin(start)
        found = []
        for snapshot in points:
            try:
                facts, changed, gone = self._next(known, snapshot)
            except AegisError as error:
                # What comes next is compared with the last point that was sound.
                found.append(Delta(snapshot, None, error=error))
                continue
            fresh = facts.together or known is None or known.kind != facts.kind
            composition = facts.composition
            if fresh:
                changed, gone = composition.files, ()
            needs_all = facts.together or facts.hooks or facts.tied
            found.append(
                Delta(
                    snapshot, facts.context, composition.top, changed, gone, fresh, facts.tied,
                    facts.together, facts.hooks, composition.files if needs_all else {},
                )
            )  # fmt: skip
            known = facts
        return found

    def _begin(self, start: Snapshot | None) -> _Facts | None:
        """Return what is known of the point whose files stand already, if it can be built upon."""
        if start is None:
            return None
        try:
            # What only goes need not be trusted: then nothing of it is rendered, not even its names.
            self._gate.require([start])
            facts, _, _ = self._next(None, start)
        except AegisError:
            return None
        # What stands is what hooks have made of it.
        return None if facts.hooks or facts.together else facts

    def _next(
        self, known: _Facts | None, snapshot: Snapshot
    ) -> tuple[_Facts, Mapping[str, TemplateFile], tuple[str, ...]]:
        """Return the facts at a snapshot, what is new or changed since the ones that are known, and what is gone."""
        composition = self._composer.compose(snapshot, self._order)
        context = self._context_of(composition)
        if known is not None and known.context is not context:
            known = None
        changed, gone = self._difference(known.composition if known else None, composition)
        facts = self._facts(known, composition, context, changed, gone)
        return facts, changed, gone

    def _difference(
        self, old: Composition | None, new: Composition
    ) -> tuple[Mapping[str, TemplateFile], tuple[str, ...]]:
        if old is None:
            return dict(new.files), ()
        suspects = sorted(self._composer.suspects(old, new))
        changed = {
            p: new.files[p] for p in suspects if p in new.files and old.files.get(p) != new.files[p]
        }
        gone = tuple(p for p in suspects if p in old.files and p not in new.files)
        return changed, gone

    def _facts(
        self,
        known: _Facts | None,
        composition: Composition,
        context: Context,
        changed: Mapping[str, TemplateFile],
        gone: Sequence[str],
    ) -> _Facts:
        touched = {*changed, *gone}
        other_syntax = bool(composition.questions.raw.get("_jinja2_env_vars"))
        plain = {
            p: f
            for p, f in changed.items()
            if f.mode not in (LINK, SUBMODULE) and composition.below(p)
        }
        self._composer.prefetch(plain.values())
        content = self._composer.content
        tied = {p for p, f in plain.items() if ties.is_tied(content(f), other_syntax=other_syntax)}
        changing = {
            p for p, f in plain.items() if ties.is_changing(content(f), other_syntax=other_syntax)
        }
        start = len(composition.top)
        templated = {p for p in changed if composition.below(p) and "{" in p[start:]}
        if known is not None:
            tied |= known.tied - touched
            changing |= known.changing - touched
            templated |= known.templated - touched
        if known is None or any(map(ties.is_hook, touched)):
            hooks = tuple(sorted(filter(ties.is_hook, composition.files)))
        else:
            hooks = known.hooks
        together = bool(changing) or ties.local_extensions(composition.questions, composition.files)
        if templated and touched and not together:
            together = _collides(composition, context)
        return _Facts(
            composition,
            context,
            frozenset(tied),
            frozenset(changing),
            frozenset(templated),
            hooks,
            together,
        )


def _collides(composition: Composition, context: Context) -> bool:
    """Return whether two files go to the same place: only Cookiecutter can tell which one stays."""
    start = len(composition.top) + 1
    named = [path[start:] for path in composition.files if composition.below(path)]
    outs = [out for out in map(context.output_path, named) if out is not None]
    return len(set(outs)) != len(outs)
