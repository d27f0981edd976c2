"""The project's answers at another point of the template's history: what is asked there, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from aegis_cli.errors import AegisError, TemplateProblem, listed
from aegis_cli.model import Answers, AnswerValue, ProjectState
from aegis_cli.template import questions
from aegis_cli.template.addresses import is_address
from aegis_cli.template.questions import AnswerGone, Asker, ChoiceGone, Questions
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import Permit, permitted
from aegis_cli.text import named, quoted, set_option

_LONGEST = 300  # characters of an answer that are told


@dataclass(frozen=True)
class QuestionChange:
    """A question that the template asks otherwise than where the project is.

    Attributes:
        kind: `new`; `dropped`; `renamed` (as it seems: the same is asked under another name); `moved` (the project had
            the old default, which is no answer any more, and has the new one). Where the user changes answers: `set`;
            `follows` (nobody had chosen it, and it is made from one that was set).
        name: The question, as it is called now; of a dropped one as it was called.
        before: The project's answer so far.
        after: Its answer now.
        was: For `renamed`: what it was called.
    """

    kind: str
    name: str
    before: AnswerValue | None = None
    after: AnswerValue | None = None
    was: str = ""

    @property
    def wanted(self) -> bool:
        """Whether the user has asked for it."""
        return self.kind in ("set", "follows")

    @property
    def words(self) -> str:
        """What happened, in a sentence or two."""
        before, after = _shown(self.before), _shown(self.after)
        if self.kind == "set":
            return f"{self.name}: {before} -> {after}"
        if self.kind == "follows":
            keep = set_option(self.name, str(self.before))
            return f"{self.name}: {before} -> {after}  (it follows; to keep it: {keep})"
        if self.kind == "new":
            return f"New question {self.name}, answered with {after}. Otherwise: aegis update {set_option(self.name)}"
        if self.kind == "dropped":
            return f"{self.name} is not asked any more; the project's answer was {before}."
        if self.kind == "renamed":
            keep = (
                ""
                if before == after
                else f" To keep your answer: aegis update {set_option(self.name, _typed(self.before))}"
            )
            told = f"The question {self.was} (answered with {before}) seems to be {self.name} now"
            return f"{told}, answered with {after}.{keep}"
        return (
            f"{self.name}: {before} was the template's default and the project's answer, and is no choice any more;"
            f" it is {after} now. Otherwise: aegis update {set_option(self.name)}"
        )


@dataclass(frozen=True)
class NewAnswers:
    """Answers to what a template asks, and what has changed with its questions."""

    values: Answers
    changes: tuple[QuestionChange, ...] = ()


def questions_at(template: TemplateRepository, commit: str) -> Questions:
    """Return what a template asks at a commit of main.

    Raises:
        TemplateProblem: There is no template at that commit, or none in its folder.
        SeveralTemplates: There is a choice of them.
    """
    entry = template.objects.entry(template.tree_at(commit), questions.FILE)
    if entry is None:
        _require_no_others(template, commit)
    return questions.parse(template.objects.blob(entry[1]) if entry else None)


def require_folder(template: TemplateRepository, commit: str) -> None:
    """Raise TemplateProblem unless a commit has the template in the folder that it is said to be in."""
    tree = template.objects.commit(commit).tree
    if template.directory:
        found = template.tree_in(commit, template.directory) is not None
    else:
        found = template.objects.entry(tree, questions.FILE) is not None
    if found:
        return
    where = f"in the folder {named(template.directory)}" if template.directory else "at its top"
    places = sorted(
        path.rpartition("/")[0] or "."
        for path in template.objects.files(tree)
        if path.rpartition("/")[2] == questions.FILE
    )
    raise TemplateProblem(
        f"The template's repository has no {questions.FILE} {where}, at {commit[:12]}.",
        f"It has one in: {', '.join(places[:5])}. Take that: --directory DIR" if places else None,
    )


def _require_no_others(template: TemplateRepository, commit: str) -> None:
    """Raise TemplateProblem with the templates that a commit has elsewhere, or that this one is at another commit."""
    tip = template.branches[template.default_branch]
    folder = Path(template.source, template.directory)
    local = not template.embedded and not is_address(template.source)
    where = f"in the folder {named(template.directory)}" if template.directory else "at its top"
    told = f"The template's repository has no cookiecutter.json {where}, at {commit[:12]}"
    if template.objects.entry(template.tree_at(tip), questions.FILE):
        branch = template.default_branch
        raise TemplateProblem(
            f"{told}; the tip of {branch} has one.",
            f"Take that: --ref {quoted(branch)} (for update: --to)",
        )
    if local and (folder / questions.FILE).is_file():
        raise TemplateProblem(
            f"{told}: there is one, which is not committed.",
            f"Commit it: git -C {quoted(folder)} add . && git -C {quoted(folder)} commit."
            " Or as it stands: --ref worktree",
        )
    files = template.objects.files_at(commit)
    folders = [p.rpartition("/")[0] or "." for p in sorted(files) if _has_questions(p)]
    if folders:
        raise TemplateProblem(
            f"{told}. It has templates in:\n{listed(folders)}",
            f"Name the one that is meant, or where it is now: --directory {quoted(folders[0])}",
        )
    if template.directory:
        raise TemplateProblem(
            f"{told}, nor anywhere else.", "Name another revision, or repository."
        )


def _has_questions(path: str) -> bool:
    return path.rpartition("/")[2] == questions.FILE


def answers_at(
    template: TemplateRepository,
    commit: str,
    state: ProjectState,
    settings: Mapping[str, str],
    asker: Asker | None = None,
    *,
    lenient: bool = False,
) -> NewAnswers:
    """Return answers to what the template asks at a commit: the known ones, the given ones, then new ones.

    An answer that is none any more becomes the new default, if it was the old one: then nobody ever chose it.

    Args:
        template: The template repository.
        commit: Commit of main.
        state: The project's state, with the answers so far.
        settings: `--set` as typed.
        asker: Asks for the others; None: the template's defaults are taken.
        lenient: Let an answer stand that is no choice any more, where it may not matter.

    Raises:
        AnswerGone: An answer that the user chose is none any more.
        ChoiceGone: The same, of a choice.
    """
    asked = questions_at(template, commit)
    known = state.answers
    old = questions_at(template, state.commit) if template.objects.exists(state.commit) else None
    if not settings and old == asked and known.keys() == set(asked.names):
        return NewAnswers(known)
    from aegis_cli.template import render
    from aegis_cli.template.answered import confirm

    before = _Before(template, state, old)

    def may_go(name: str) -> bool:
        return asker is not None or before.is_default(name)

    given, moved = _carried(asked, known, settings, lambda name: lenient or may_go(name))
    with permitted(template, commit, asked) as permit:
        if lenient:
            return NewAnswers(render.Context(asked, given, permit).answers)
        for name, options in render.gone(asked, given, permit).items():
            if not may_go(name):
                raise ChoiceGone(name, given[name], list(map(str, options)))
            del given[name]
            moved.append(name)
        given |= {name: asked.read_answer(name, text) for name, text in settings.items()}
        if asker:
            given = render.ask(asked, given, {}, permit, asker)
        values = render.complete(asked, given, permit)
    confirm(template, commit, asked, values, brought=known, typed=settings)
    return NewAnswers(values, _changes(old, asked, known, values, moved) if old else ())


def chosen(template: TemplateRepository, state: ProjectState) -> Answers | None:
    """Return the answers that are others than the template gives by itself: {question: what it gives}.

    None where that cannot be told: that is made by rendering, and the template is not trusted, or does not render.
    """
    try:
        defaults = _Before(template, state, questions_at(template, state.commit)).defaults()
    except AegisError:
        return None
    return {
        n: value
        for n, value in defaults.items()
        if n in state.answers and state.answers[n] != value
    }


def changed_answers(
    template: TemplateRepository, state: ProjectState, settings: Mapping[str, str]
) -> NewAnswers:
    """Return a project's answers with some changed, at the template's revision that it has.

    An answer that is what the template gives by itself is not the user's choice: it follows those that it is made from.

    Raises:
        AegisError: The template does not ask that, or does not take it for an answer.
    """
    from aegis_cli.template import render
    from aegis_cli.template.answered import confirm

    asked = questions_at(template, state.commit)
    known = state.answers
    given = {name: asked.read_answer(name, text) for name, text in settings.items()}
    kept, _ = _carried(asked, known, settings, lambda _: False)
    with permitted(template, state.commit, asked) as permit:
        picked = chosen(template, state)
        if picked is not None:
            kept = {name: value for name, value in kept.items() if name in picked}
        values = render.complete(asked, {**kept, **given}, permit)
    confirm(template, state.commit, asked, values, brought=known, typed=settings)
    changes = tuple(
        QuestionChange(
            "set" if name in settings else "follows", name, known.get(name), values[name]
        )
        for name in asked.names
        if known.get(name) != values[name]
    )
    return NewAnswers(values, changes)


def _carried(
    asked: Questions, known: Answers, settings: Mapping[str, str], may_go: Callable[[str], bool]
) -> tuple[dict[str, AnswerValue], list[str]]:
    """Return the project's answers to the questions as they are now, and the questions that they are none to."""
    given: dict[str, AnswerValue] = {}
    moved: list[str] = []
    for name in asked.names:
        if name in known and name not in settings:
            try:
                given[name] = asked.carry(name, known[name])
            except AnswerGone:
                if not may_go(name):
                    raise
                moved.append(name)
    return given, moved


@dataclass(frozen=True)
class _Before:
    """What the template asked where the project is."""

    template: TemplateRepository
    state: ProjectState
    asked: Questions | None

    def is_default(self, name: str) -> bool:
        """Return whether the project's answer is what the template gave itself."""
        return name in self._defaults and self._defaults[name] == self.state.answers[name]

    @cached_property
    def _defaults(self) -> Answers:
        try:
            return self.defaults()
        except AegisError:
            return {}

    def defaults(self) -> Answers:
        """Return what the template gave itself for each question, with the others answered as they are.

        Raises:
            AegisError: It is not trusted to be rendered, or does not render.
        """
        asked = self.asked
        if asked is None:
            return {}
        with permitted(self.template, self.state.commit, asked) as permit:
            return {name: self._default(asked, name, permit) for name in asked.names}

    def _default(self, asked: Questions, name: str, permit: Permit) -> AnswerValue:
        from aegis_cli.template.render import Context

        others = {key: value for key, value in self.state.answers.items() if key != name}
        return Context(asked, others, permit).answers[name]


def _changes(
    old: Questions, new: Questions, known: Answers, values: Answers, moved: list[str]
) -> tuple[QuestionChange, ...]:
    dropped = [name for name in old.names if name not in new.raw and name in known]
    fresh = [name for name in new.names if name not in old.raw and name not in known]
    found = [QuestionChange("moved", name, known[name], values[name]) for name in moved]
    for name in fresh:
        twins = [was for was in dropped if old.raw[was] == new.raw[name]]
        alike = [other for other in fresh if twins and new.raw[other] == old.raw[twins[0]]]
        if len(twins) == len(alike) == 1:
            (was,) = twins
            dropped.remove(was)
            found.append(QuestionChange("renamed", name, known[was], values[name], was))
        else:
            found.append(QuestionChange("new", name, None, values[name]))
    return (*found, *(QuestionChange("dropped", name, known[name]) for name in dropped))


def _shown(value: AnswerValue | None) -> str:
    text = named(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _typed(value: AnswerValue | None) -> str:
    return value if isinstance(value, str) else json.dumps(value)
