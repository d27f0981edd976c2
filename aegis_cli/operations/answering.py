"""`aegis answers`: a project's answers with where each is used, and changing some of them.

With other answers the same template is rendered anew, in a vendor commit of its own that is merged like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_cli.errors import AegisError
from aegis_cli.git.objects import LINK, SUBMODULE
from aegis_cli.model import AnswerValue, ProjectState
from aegis_cli.operations.answers import changed_answers, chosen, questions_at
from aegis_cli.operations.evolve import evolve
from aegis_cli.operations.opening import open_project
from aegis_cli.operations.opening_template import own_template, template_of
from aegis_cli.operations.outcome import Options, Outcome
from aegis_cli.operations.target import Target, revision_of
from aegis_cli.operations.third_parties import explained
from aegis_cli.project.track import FIRST
from aegis_cli.reporter import Reporter
from aegis_cli.template import mentions
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.compose import Composer
from aegis_cli.template.projection import Projection
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import Gate


@dataclass(frozen=True)
class Answer:
    """An answer of a project's, and where it is used.

    Attributes:
        name: The question.
        value: The answer.
        chosen: Whether it is another than the template gives by itself; None where that cannot be told, because the
            template is out of reach, or not trusted to be rendered.
        default: What the template gives; None where it cannot be told, and where it is the answer.
        files: The project's files in which it, or what is made from it, stands.
        paths: Those of which it is a part of the name.
        questions: Other questions whose defaults are made from it.
    """

    name: str
    value: AnswerValue
    chosen: bool | None = None
    default: AnswerValue | None = None
    files: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProjectAnswers:
    """A project's answers, in the order in which the template asks.

    Attributes:
        answers: The answers.
        release: The template's release that the project is at.
        rendered: Files bear the names that they have in the project, and not those that the template gives them.
        unknown: Why it cannot be told where answers are used; empty where it can.
    """

    answers: tuple[Answer, ...]
    release: str
    rendered: bool = False
    unknown: str = ""


def answers(folder: Path, reporter: Reporter, of: str = FIRST) -> ProjectAnswers:
    """Return a project's answers to its first template, or to the one named.

    No code that is not trusted runs, and nothing is fetched or changed.
    """
    reporter.step("Looking at the project")
    with open_project(folder, write=False, of=of) as project:
        state = project.state
        try:
            own = own_template(state, fetch=False, new=False)
            with template_of(own, reporter) as template:
                revision_of(template, state)
                return _used(template, state, project.prefix)
        except AegisError as error:
            plain = tuple(Answer(name, value) for name, value in state.answers.items())
            return ProjectAnswers(plain, state.release, unknown=error.message)


def _used(template: TemplateRepository, state: ProjectState, prefix: str) -> ProjectAnswers:
    asked = questions_at(template, state.commit)
    defaults = chosen(template, state)
    names, contents, rendered = _mentions(template, state, prefix)
    found = tuple(
        Answer(
            name, state.answers[name], None if defaults is None else name in defaults,
            (defaults or {}).get(name), mentions.places(asked, name, contents),
            mentions.places(asked, name, names), mentions.derived(asked, name),
        )
        for name in asked.names
        if name in state.answers
    )  # fmt: skip
    return ProjectAnswers(found, state.release, rendered)


_Named = dict[str, frozenset[str]]


def _mentions(
    template: TemplateRepository, state: ProjectState, prefix: str
) -> tuple[_Named, _Named, bool]:
    """Return what files of the project name: (in their names, in their contents, are they called as in the project)."""
    catalog, _ = read_catalog(template, revision_of(template, state))
    order = tuple(catalog.components)
    composer = Composer(template)
    composition = composer.compose(state.snapshot, order)
    try:
        Gate(template).require(
            [state.snapshot]
        )  # names are rendered, too: those of components as well
        projection = Projection(template, order, state.answers, lambda _: b"", 40)
        context = projection.context_at(state.snapshot)
    except AegisError:  # not trusted, or it does not render any more
        context = None
    names: _Named = {}
    contents: _Named = {}
    for path, file in composition.files.items():
        if not composition.below(path) or file.mode == SUBMODULE:
            continue
        below = path[len(composition.top) + 1 :]
        out = context.output_path(below) if context else below
        if out is None:
            continue
        content = composer.content(file)
        names[prefix + out] = mentions.mentioned(below.encode())
        taken = context is not None and context.is_taken_as_it_is(below, file.mode, content)
        if file.mode == LINK or not taken:
            contents[prefix + out] = mentions.mentioned(content)
    return names, contents, context is not None


def set_answers(
    folder: Path,
    settings: Mapping[str, str],
    options: Options,
    reporter: Reporter,
    *,
    of: str = FIRST,
) -> Outcome:
    """Change answers of a project's, at the template's revision that it has.

    Answers that nobody chose follow those that they are made from.

    Args:
        folder: The project.
        settings: Answers to set, as typed: {question: text}.
        options: How.
        reporter: Told about progress.
        of: Which of its templates is meant.

    Raises:
        AegisError: An answer that will not do, or a repository that cannot take a merge. Nothing was changed.
    """
    with (
        open_project(folder, write=not options.dry_run, of=of, checked=options.dry_run) as project,
        template_of(own_template(project.state, fetch=False), reporter) as template,
    ):
        state = project.state
        revision = revision_of(template, state)
        found = changed_answers(template, state, settings)
        catalog, _ = read_catalog(template, revision)
        target = Target(replace(state, answers=dict(found.values)), {}, catalog, found.changes)
        names = ", ".join(change.name for change in found.changes) or ", ".join(settings)
        with explained(template, state, target.state):
            return evolve(project, template, target, f"Change answers: {names}", options, reporter)
