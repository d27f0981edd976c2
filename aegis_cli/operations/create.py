"""`aegis init`: a new project. Its first commit is the vendor commit."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aegis_cli.errors import AegisError, RepositoryState, UsageError
from aegis_cli.git.repository import Repository
from aegis_cli.model import Answers, ProjectState
from aegis_cli.operations.opening import template_of
from aegis_cli.operations.target import Target, at_revision, questions_at
from aegis_cli.project import journal, merge
from aegis_cli.project.lock import locked
from aegis_cli.project.plan import plan_merge
from aegis_cli.reporter import Reporter
from aegis_cli.template import history, render
from aegis_cli.template.catalog import Catalog, read_catalog
from aegis_cli.template.paths import is_safe
from aegis_cli.template.projection import local_code
from aegis_cli.template.source import TemplateRepository, normalized
from aegis_cli.template.third_party import asked_for, require_free, split
from aegis_cli.template.trust import require_trust, trust
from aegis_cli.vendor.replay import Replayer
from aegis_cli.vendor.tracking import vendor_ref


@dataclass(frozen=True)
class Request:
    """What `aegis init` was asked for.

    Attributes:
        name: The folder's name; also answers `project_name` or `project_slug`.
        parent: Folder to make it in.
        components: Names as typed, and `URL#branch` for those of third parties.
        services: Names as typed.
        source: `embedded`, a path or an address.
        ref: Revision of the template; None: the newest.
        settings: Answers, as typed.
        interactive: Ask at the terminal what is left open.
        trusted: The user trusts the template.
        git: Make a git repository (or merge into the one around).
    """

    name: str
    parent: Path
    components: Sequence[str] = ()
    services: Sequence[str] = ()
    source: str = "embedded"
    ref: str | None = None
    settings: Mapping[str, str] | None = None
    interactive: bool = False
    trusted: bool = False
    git: bool = True


@dataclass(frozen=True)
class Created:
    """A new project.

    Attributes:
        root: Its folder.
        state: Its template and stack.
        reasons: Why components are there that nobody asked for.
        files: How many files it has.
        commit: The commit that holds it; None without git.
        repository: Top of the repository that it became a part of; None when it has one of its own.
        refused: What git said when it would not commit the merge into the repository around.
    """

    root: Path
    state: ProjectState
    reasons: Mapping[str, str]
    files: int
    commit: str | None
    repository: Path | None
    refused: str = ""


class Chooser(Protocol):
    """Asks the user for components; the command line has one."""

    def __call__(self, catalog: Catalog) -> list[str]:
        """Return the names that the user chose."""


def create(request: Request, reporter: Reporter, choose: Chooser | None = None) -> Created:
    """Make a new project.

    Args:
        request: What to make.
        reporter: Told about progress.
        choose: Asks which components the project shall have; for interactive use without a selection.

    Raises:
        AegisError: It cannot be done. Nothing was written.
    """
    _undo_killed(request)
    root = free_place(request.name, request.parent)
    if Repository.is_git_directory(root.parent):
        raise AegisError(
            f"'{root.parent}' is a git directory: what is in there is git's own.",
            "Nothing was written. Name another place with --output-dir.",
        )
    source = normalized(request.source)
    if request.trusted:
        trust(source)
    own, others = split(request.components)
    with template_of(source, reporter, others) as template:
        require_trust(source)
        require_free(template)
        revision = history.resolve(template, request.ref)
        catalog, _ = read_catalog(template, revision)
        names = catalog.parse([*own, *asked_for(template)], None)
        names += catalog.parse(request.services, "service")
        if choose and not names and catalog.components:
            names = choose(catalog)
        answers = _answers(template, revision.commit, request)
        target = at_revision(template, revision, names, answers)
        around = Repository.containing(request.parent.resolve()) if request.git else None
        if around and not around.is_ignored(root):
            return _inside(around, template, target, root, reporter)
        return write_project(template, target, root, reporter, git=request.git)


def _undo_killed(request: Request) -> None:
    """Undo what a killed run left half done in the repository around: it may lie where the project is to go."""
    around = Repository.containing(request.parent.resolve()) if request.git else None
    if around and journal.is_pending(around):
        with locked(around.common_dir):
            journal.undo(around)
        around.close()


def free_place(name: str, parent: Path) -> Path:
    """Return where a new folder goes.

    Raises:
        AegisError: The name will not do, or there is something already.
    """
    if not name.strip() or name == "." or "/" in name or not is_safe(name):
        raise UsageError(
            f"'{name}' will not do as the name of a folder.",
            "Give a plain name, and the folder to make it in with --output-dir.",
        )
    if not parent.is_dir():
        raise UsageError(
            f"There is no folder '{parent}'.", "Make it, or name another with --output-dir."
        )
    root = parent.resolve() / name
    if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
        raise AegisError(
            f"'{root}' is there already, and not empty. Nothing was written.",
            "Choose another name, or another place with --output-dir.",
        )
    return root


def _answers(template: TemplateRepository, commit: str, request: Request) -> Answers:
    asked = questions_at(template, commit).with_defaults(render.user_defaults())
    given = asked.named(request.name)
    given.update({n: asked.read_answer(n, text) for n, text in (request.settings or {}).items()})
    with local_code(template, commit, asked) as search:
        if request.interactive:
            given = render.ask(asked, given, template.source, search)
        return render.complete(asked, given, template.source, search)


def write_project(
    template: TemplateRepository, target: Target, root: Path, reporter: Reporter, *, git: bool
) -> Created:
    """Write a project with a repository of its own, or with none.

    It is made beside its place and moved there as a whole: a killed run leaves no half project.
    """
    reporter.step(f"Rendering template {target.state.release}")
    with tempfile.TemporaryDirectory(dir=root.parent, prefix=f".{root.name}-") as place:
        fresh = Path(place) / root.name
        fresh.mkdir()
        with closing(Repository.create(fresh)) as repository:
            tip = Replayer(repository, template, "", reporter).replay(None, target.state).tip
            merge.move_refs(
                repository, {"HEAD": (tip, None)}, {vendor_ref(""): (tip, None)}, "aegis init"
            )
            repository.fill_worktree()
            files = len(repository.objects.files(repository.objects.commit(tip).tree))
        if not git:
            shutil.rmtree(fresh / ".git")
        fresh.rename(root)
    return Created(root, target.state, target.reasons, files, tip if git else None, None)


def _inside(
    repository: Repository,
    template: TemplateRepository,
    target: Target,
    root: Path,
    reporter: Reporter,
) -> Created:
    """Make the project a folder of the repository around it, by a merge."""
    with closing(repository), locked(repository.common_dir) as lock:
        merge.check_ready(repository)
        head = repository.head()
        if head is None:
            raise RepositoryState(
                f"The repository around, {repository.root}, has no commit yet to merge into.",
                "git commit --allow-empty -m 'Start'",
            )
        prefix = f"{repository.prefix_of(root.parent)}{root.name}/"
        reporter.step(f"Rendering template {target.state.release}")
        tip = Replayer(repository, template, prefix, reporter).replay(None, target.state).tip
        plan = plan_merge(repository, head, tip, None, vendor_ref(prefix))
        merge.check_paths(repository, plan)
        merged = merge.apply(
            repository, plan, head=head, vendor_ref=vendor_ref(prefix),
            message=f"Start {root.name} from template {target.state.release}\n", commit=True, lock=lock,
        )  # fmt: skip
        files = len(plan.changes)
    return Created(
        root, target.state, target.reasons, files, merged.commit, repository.root, merged.refused
    )
