"""What a template's files are rendered with, at each point of its history: made once for each, and its twin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aegis_cli.git.objects import LINK, SUBMODULE
from aegis_cli.model import Answers, Snapshot
from aegis_cli.template import ties
from aegis_cli.template.compose import Composition
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import permitted

if TYPE_CHECKING:
    from aegis_cli.template.render import Context


class Contexts:
    """The contexts of one template repository, for one set of answers.

    Args:
        repository: The template repository.
        order: Names of components, in the catalogue's order.
        answers: Answers to all questions that the template asked at any of the points.
    """

    def __init__(
        self, repository: TemplateRepository, order: Sequence[str], answers: Answers
    ) -> None:
        self._repository, self._order, self._answers = repository, order, answers
        self._composer = repository.composer
        self._contexts: dict[tuple[str, ...], Context] = {}
        self._twins: dict[Context, Context] = {}
        self._varies: dict[Context, bool] = {}

    def of(self, composition: Composition) -> Context:
        """Return what the files of a composition are rendered with."""
        key = composition.key, *self._changing_hooks(composition)
        if key not in self._contexts:
            self._contexts[key] = self.new(composition, self._answers)
        return self._contexts[key]

    def _changing_hooks(self, composition: Composition) -> list[str]:
        """Return the texts of hooks that change what the files see: their Jinja acts before the files are rendered."""
        other_syntax = bool(composition.questions.raw.get("_jinja2_env_vars"))
        first = [
            composition.files[p] for p in sorted(filter(ties.is_first_hook, composition.files))
        ]
        contents = [
            self._composer.content(file) for file in first if file.mode not in (LINK, SUBMODULE)
        ]
        changing = [c for c in contents if ties.is_changing(c, other_syntax=other_syntax)]
        return [content.decode("utf-8", "surrogateescape") for content in changing]

    def twin(self, context: Context, snapshot: Snapshot) -> Context:
        """Return the same context at another time, to find out what varies."""
        if context not in self._twins:
            composition = self._composer.compose(snapshot, self._order)
            self._twins[context] = self.new(composition, self._answers, later=True)
        return self._twins[context]

    def vary(self, context: Context, snapshot: Snapshot) -> bool:
        """Return whether any file may vary: the answers do, or the template loads extensions."""
        if context not in self._varies:
            raw = json.dumps(context.questions.raw).encode()
            may_vary = context.is_changed or ties.may_vary(raw)
            varies = may_vary and not context.agrees(self.twin(context, snapshot))
            self._varies[context] = varies or context.questions.extensions
        return self._varies[context]

    def new(self, composition: Composition, answers: Answers, *, later: bool = False) -> Context:
        """Return what the files of a composition are rendered with, with other answers or at another time."""
        from aegis_cli.template.render import Context

        asked = composition.questions
        with permitted(self._repository, composition.snapshot.main, asked) as permit:
            hooks = self._changing_hooks(composition)
            return Context(asked, answers, permit, later=later, hooks=hooks)
