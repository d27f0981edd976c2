"""A repository of several templates: which one a new project is made from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from aegis_cli.errors import TemplateProblem
from aegis_cli.operations.answers import questions_at
from aegis_cli.reporter import Reporter
from aegis_cli.template.addresses import BadAddress, directory_of
from aegis_cli.template.history import Revision
from aegis_cli.template.questions import Asker, Question, SeveralTemplates
from aegis_cli.template.source import TemplateRepository
from aegis_cli.template.trust import require_trust
from aegis_cli.text import named

_DEEPEST = 5  # choices that lead to choices


def chosen(
    template: TemplateRepository, revision: Revision, reporter: Reporter, asker: Asker | None
) -> TemplateRepository:
    """Return a template repository at the one template that is meant, where it leaves a choice.

    Args:
        template: The repository, at the folder that was named.
        revision: Where to look.
        reporter: Told which one is taken where nobody is asked.
        asker: Asks; None: the first one is taken, as Cookiecutter does.

    Raises:
        TemplateProblem: There is no template.
        NotTrusted: There is something to ask, and the user has not confirmed whose words that would be.
    """
    for _ in range(_DEEPEST):
        try:
            questions_at(template, revision.commit)
        except SeveralTemplates as several:
            template = replace(template, directory=_choice(template, several, reporter, asker))
        else:
            return template
    raise TemplateProblem(
        "The repository's choice of templates leads to another choice, again and again.",
        "Name the template's folder: --directory DIR",
    )


def _choice(
    template: TemplateRepository, several: SeveralTemplates, reporter: Reporter, asker: Asker | None
) -> str:
    offered = {_folder(template, path): words for path, words in several.offered.items()}
    first, *others = offered
    if asker is None:
        if others:
            reporter.warn(
                f"The repository has several templates; {named(first)} is its first."
                f" Others: --directory {', '.join(others)}"
            )
        return first

    require_trust(template.source)  # as before all other questions

    def problem(text: str) -> str:
        return "" if text in offered else f"must be one of: {', '.join(offered)}"

    wording = "Which of the repository's templates"
    question = Question(f"templates in {template.directory}", wording, first, offered, problem, str)
    return str(asker.answer(question))


def _folder(template: TemplateRepository, path: str) -> str:
    """Return a nested template's folder as a project records it."""
    try:
        return directory_of(str(PurePosixPath(template.directory, path)))
    except BadAddress as error:
        raise TemplateProblem(
            f"The template's cookiecutter.json leads to {named(path)}, which is no folder of its repository.",
            "Name the template's folder: --directory DIR",
        ) from error
