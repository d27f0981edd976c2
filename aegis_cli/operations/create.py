"""`aegis init`: a new project. Its first commit is the vendor commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from aegis_cli.errors import AegisError, UsageError
from aegis_cli.git.repository import Repository
from aegis_cli.model import Answers, AnswerValue
from aegis_cli.operations.aftercare import lock
from aegis_cli.operations.answers import questions_at
from aegis_cli.operations.connecting import project_around
from aegis_cli.operations.making import Created, Dialogue, Maker
from aegis_cli.operations.nested import chosen
from aegis_cli.operations.opening_template import Wanted, template_of
from aegis_cli.operations.places import (
    free_place,
    is_occupied,
    nearest,
    place_of,
    require_free_place,
)
from aegis_cli.operations.target import at_revision, tell_left_out, tell_newer, tell_uncommitted
from aegis_cli.project import journal
from aegis_cli.project.lock import locked
from aegis_cli.reporter import Reporter
from aegis_cli.scratch import PREFIX, tidy
from aegis_cli.template import history, render
from aegis_cli.template.addresses import directory_of, normalized
from aegis_cli.template.answered import confirm
from aegis_cli.template.catalog import read_catalog
from aegis_cli.template.questions import Asker, Questions
from aegis_cli.template.render import configuration
from aegis_cli.template.source import TemplateRepository, located
from aegis_cli.template.third_party import asked_for, require_free, split
from aegis_cli.template.trust import permitted
from aegis_cli.template.trusted import trust
from aegis_cli.text import is_plain, named, quoted


@dataclass(frozen=True)
class Request:
    """What `aegis init` was asked for.

    Attributes:
        name: The folder's name, which also answers `project_name` or `project_slug`; `.` for the folder `parent`
            itself, None where it is to be asked for.
        parent: Folder to make it in.
        components: Names as typed, and `URL#branch` for those of third parties.
        services: Names as typed.
        source: `embedded`, a path or an address.
        directory: The folder of its repository that holds the template; empty for the top.
        ref: Revision of the template; None: the newest.
        settings: Answers, as typed.
        trusted: The user trusts the template.
        git: Make a git repository (or merge into the one around).
        dry_run: Only look ahead; nothing at all is written.
        lock: Make and commit the lock file of a project from our own template, where uv is there.
        label: What to call the template beside the first one of a project that is there; empty for a new project.
    """

    name: str | None
    parent: Path
    components: Sequence[str] = ()
    services: Sequence[str] = ()
    source: str = "embedded"
    directory: str = ""
    ref: str | None = None
    settings: Mapping[str, str] | None = None
    trusted: bool = False
    git: bool = True
    dry_run: bool = False
    lock: bool = False
    label: str = ""


def create(request: Request, reporter: Reporter, dialogue: Dialogue | None = None) -> Created:
    """Make a new project, or connect one that is there to another template.

    Args:
        request: What to make.
        reporter: Told about progress.
        dialogue: Asks what is left open; None: defaults are taken.

    Raises:
        AegisError: It cannot be done. Nothing was written.
        Declined: The user said no.
    """
    if request.name is None and dialogue is None and not request.label:
        raise UsageError(
            "A new project needs a name.",
            "aegis init NAME, or for the folder that you are in: aegis init .",
        )
    if request.label:
        root: Path | None = _project(request)
    else:
        root = _prepared(request, request.name) if request.name is not None else None
    source, inside = located(normalized(request.source))
    directory = directory_of(f"{inside}/{request.directory}" if inside else request.directory)
    own, others = split(request.components)
    with template_of(Wanted(source, directory, others), reporter) as repository:
        template = repository
        if request.trusted and not template.embedded:
            trust(source)
        require_free(template)
        revision = history.resolve(template, request.ref)
        if request.ref is None:
            tell_newer(template, revision, "--ref", reporter)
        template = chosen(template, revision, reporter, dialogue)
        if not template.embedded:
            tell_left_out(template, revision, reporter)
        asked = questions_at(template, revision.commit).with_defaults(configuration.user_defaults())
        if root is None and dialogue:
            root = _prepared(
                request, dialogue.name(_name_problem(request, template, revision.commit, asked))
            )
        assert root is not None  # noqa: S101  (one of the two)
        catalog, _ = read_catalog(template, revision)
        names = catalog.parse([*own, *asked_for(template)], None)
        instead = f"aegis init {quoted(request.name or root.name)} --components"
        names += catalog.parse(request.services, "service", instead)
        if dialogue and not names and catalog.components:
            names = dialogue.choose(catalog)
        answers = _answers(template, revision.commit, asked, request, root, dialogue)
        confirm(template, revision.commit, asked, answers, brought={}, typed=answers)
        target = at_revision(template, revision, names, answers)
        made = Created(
            root, target.state, target.reasons, 0, None, None, brings=target.brings(target.state.components)
        )  # fmt: skip
        maker = Maker(
            template, target, made, reporter, dialogue, dry_run=request.dry_run, name=request.label
        )
        tell_uncommitted(template, request.ref, "--ref", reporter)
        made = _made(maker, root, git=request.git)
        # Of a template of somebody else nobody knows what that would ask for, and from where.
        is_top = made.commit is not None and made.repository in (None, root)
        wanted = request.lock and not request.label
        if not (wanted and template.embedded and is_top) or made.planned:
            return made
        return replace(made, ran=lock(root, reporter))


def _made(maker: Maker, root: Path, *, git: bool) -> Created:
    around = Repository.containing(nearest(root)) if git else None
    if around and not around.worktree.is_ignored(root):
        return maker.inside(around)
    if around:
        around.close()
    return maker.here() if is_occupied(root) else maker.apart(git=git)


def _prepared(request: Request, name: str) -> Path:
    """Return the folder of the project, after undoing what a killed run has left there."""
    root = place_of(name, request.parent)
    if Repository.is_git_directory(nearest(root)):
        raise AegisError(
            f"{named(nearest(root))} is a git directory: what is in there is git's own.",
            "Nothing was written. Name another place with --output-dir.",
        )
    if not request.dry_run:
        _undo_killed(root, git=request.git)
        for place in (request.parent, root):
            tidy(place, PREFIX)
    require_free_place(root, is_here=name == ".", git=request.git)
    return root


def _project(request: Request) -> Path:
    """Return the project that is to be connected to another template."""
    if request.name not in (None, "."):
        raise UsageError(
            "--as connects the project around this folder to another template.",
            f"Nothing was written. In that project: aegis init . --template URL --as {request.label}",
        )
    if not request.git:
        raise UsageError(
            "--as connects by a merge, and so does not go with --no-git.",
            "Nothing was written. Leave one of them out.",
        )
    root = project_around(request.parent, request.label)
    if not request.dry_run:
        _undo_killed(root, git=True)
    return root


def _undo_killed(root: Path, *, git: bool) -> None:
    """Undo what a killed run left half done in the repository around: it may lie where the project is to go."""
    around = Repository.containing(nearest(root)) if git else None
    if around:
        with closing(around):
            if journal.is_pending(around):
                with locked(around.common_dir):
                    journal.undo(around)


def _name_problem(
    request: Request, template: TemplateRepository, commit: str, asked: Questions
) -> Callable[[str], str]:
    def problem(name: str) -> str:
        try:
            root = free_place(name, request.parent, git=request.git)
            with permitted(template, commit, asked) as permit:
                render.complete(asked, asked.named(root.name), permit)
        except AegisError as error:
            return error.message
        return ""

    return problem


def _answers(
    template: TemplateRepository,
    commit: str,
    asked: Questions,
    request: Request,
    root: Path,
    asker: Asker | None,
) -> Answers:
    given = asked.named(root.name)
    given.update({n: asked.read_answer(n, text) for n, text in (request.settings or {}).items()})
    suggested = _suggested(asked, root)
    with permitted(template, commit, asked) as permit:
        if asker is None:
            # Somebody else's template comes out as stock Cookiecutter makes it.
            return render.complete(
                asked, {**suggested, **given} if template.embedded else given, permit
            )
        is_open = "project_slug" in asked.names and "project_slug" not in given
        # Where it is the folder's name there is nothing to ask.
        if is_open and render.default(asked, "project_slug", given, permit) == root.name:
            given["project_slug"] = root.name
        return render.complete(asked, render.ask(asked, given, suggested, permit, asker), permit)


_PERSON = ({"author_name", "full_name"}, {"author_email", "email"})


def _suggested(asked: Questions, root: Path) -> dict[str, AnswerValue]:
    """Return what git knows of the author, for questions that the user's own Cookiecutter settings do not answer."""
    known = configuration.user_defaults()
    found: dict[str, AnswerValue] = {}
    for names, value in zip(_PERSON, Repository.person(nearest(root)), strict=True):
        for name in names & set(asked.names) - known.keys():
            if (
                isinstance(asked.raw[name], str)
                and value
                and is_plain(value)
                and not asked.problem(name, value)
            ):
                found[name] = value
    return found
