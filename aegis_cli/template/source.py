"""Finding a template repository: the embedded one, a folder, or a mirror of an address."""

from __future__ import annotations

import hashlib
import math
import re
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from aegis_cli.errors import AegisError, GitFailed, RepositoryState, TemplateProblem, listed
from aegis_cli.git import foreign
from aegis_cli.git.objects import TREE_MODE, Objects, empty_tree
from aegis_cli.git.process import Git
from aegis_cli.model import ThirdParty
from aegis_cli.reporter import Reporter
from aegis_cli.template import mirrors, questions
from aegis_cli.template.addresses import EMBEDDED, is_address
from aegis_cli.template.folders import cache_folder, make_private
from aegis_cli.text import named, quoted
from aegis_cli.version import SOURCE

if TYPE_CHECKING:
    from aegis_cli.template.compose import Composer

_PACKAGE = Path(__file__).parent.parent
_BUNDLE = _PACKAGE / "embedded" / "template.bundle"
_CHECKOUT = _PACKAGE.parent
_REINSTALL = f"Install it again: uv tool install --reinstall {SOURCE}"


@dataclass(frozen=True)
class TemplateRepository:
    """A template repository, open for reading.

    Attributes:
        source: What the project records: `embedded`, a path or an address.
        git: Runs git in a view of it: with settings of ours, and none of its own.
        alone: The same, without the objects of third parties.
        objects: Reads its objects.
        branches: {branch: commit}.
        tags: {tag: commit}.
        default_branch: The branch that HEAD names.
        quarantine: Where new objects go: the template is never written to.
        embedded: It is the one that came with aegis.
        working_tree: It follows a checkout of this project, so its newest state is the tip and not a release.
        stale: Why it may not be the newest, where an address did not answer; otherwise empty.
        directory: The folder in it that holds the template; empty for its top.
        former: Where the template was before, for commits that do not have it in that folder yet; None: nowhere else.
        third_parties: Components that come from elsewhere, by name. Their objects can be read like the template's own.
        places: Third parties' repositories, by source.
        passed: The gate was passed for all that is rendered of it, and what was added since has no code in it.
    """

    source: str
    git: Git
    alone: Git
    objects: Objects
    branches: Mapping[str, str]
    tags: Mapping[str, str]
    default_branch: str
    quarantine: tempfile.TemporaryDirectory[str]
    embedded: bool = False
    working_tree: bool = False
    stale: str = ""
    directory: str = ""
    former: str | None = None
    third_parties: Mapping[str, ThirdParty] = field(default_factory=dict)
    places: Mapping[str, foreign.Foreign] = field(default_factory=dict)
    passed: bool = False

    def tree_at(self, commit: str) -> str:
        """Return the tree of the template at one of its own commits; an empty one where its folder is not there."""
        whole = self.objects.commit(commit).tree
        if not self.directory and self.former is None:
            return whole
        found = self.tree_in(commit, self.directory)
        if found is None and self.former is not None:
            found = self.tree_in(commit, self.former)
        return found or empty_tree(len(whole))

    def tree_in(self, commit: str, folder: str) -> str | None:
        """Return the tree of the template in a folder at a commit, or None where there is none."""
        found = self.objects.entry(self.objects.commit(commit).tree, folder)
        if found is None or found[0] != TREE_MODE:
            return None
        return found[1] if self.objects.entry(found[1], questions.FILE) else None

    def alone_at(self, source: str) -> Git:
        """Return git for the objects, branches and tags of a third party's repository, without any other's."""
        place = self.places[source]
        if is_address(source):
            return Git(place.git_dir, git_dir=place.git_dir)
        return Git(
            self.git.folder, {"GIT_OBJECT_DIRECTORY": str(place.store)}, git_dir=self.git.folder
        )

    @cached_property
    def composer(self) -> Composer:
        """Composes its snapshots, for all who read it while it is open: the same for all answers."""
        from aegis_cli.template.compose import Composer

        return Composer(self)

    def close(self) -> None:
        """End the background process."""
        self.objects.close()
        self.quarantine.cleanup()


def open_template(
    source: str,
    reporter: Reporter,
    *,
    fetch: bool = True,
    new: bool = True,
    since: float = math.inf,
    stores: Collection[Path] = (),
    copied: Mapping[Path, Sequence[Collection[str]]] | None = None,
) -> TemplateRepository:
    """Open the template repository that `source` names.

    Args:
        source: `embedded`, a path, or an address that git can clone.
        reporter: Told when the network is used, or missed.
        fetch: Ask an address for news; otherwise what was fetched before is enough.
        new: Fetch from an address that this machine does not know yet.
        since: What an address has answered after this time is news enough.
        stores: Where other repositories keep their objects, to be read as if they were the template's own.
        copied: Stores that are not believed: groups of commits to copy from each, every object under the id that it
            really has. A group that cannot be read is left out.

    Raises:
        TemplateProblem: There is no such repository.
    """
    if source == EMBEDDED:
        reporter.step("Opening the template")
        return _open_embedded(stores, copied)
    if is_address(source):
        mirror = mirrors.mirror(source, reporter, fetch=fetch, new=new, since=since)
        return _open(source, _at(mirror.git_dir, source), stores, copied, stale=mirror.stale)
    place = repository_in(
        source, f"There is no template at {named(source)}.",
        "Look at the path. If a project's template has moved: aegis update --template NEW_PLACE",
    )  # fmt: skip
    return _open(source, place, stores, copied)


def located(source: str) -> tuple[str, str]:
    """Return the repository of a template, and the folder in it, where a path leads to a folder of a repository."""
    folder = Path(source)
    if source == EMBEDDED or is_address(source) or not (folder / questions.FILE).is_file():
        return source, ""
    for parent in (folder, *folder.parents):
        if foreign.find(parent) is not None:
            inside = folder.relative_to(parent).as_posix()
            return str(parent), "" if inside == "." else inside
    return source, ""


def cloned_from(template: TemplateRepository) -> str:
    """Return the path or address of the repository that a template is written in."""
    if not template.embedded:
        return template.source
    return str(_CHECKOUT) if template.working_tree else SOURCE.removeprefix("git+")


def has_uncommitted_work(template: TemplateRepository) -> bool:
    """Return whether somebody works on a template in a folder. Ask of a trusted one: git reads its trees whole."""
    if template.embedded or is_address(template.source):
        return False
    folder = Path(template.source)
    place = foreign.find(folder)
    return place is not None and foreign.is_dirty(template.git, folder, place)


def worktree_commit(template: TemplateRepository) -> tuple[str, str] | None:
    """Return the HEAD of a template in a folder, and its work tree as a commit; None if there is no such.

    That commit is made in a private place: nobody else has it, and nothing of the template's repository changes. It is
    HEAD itself where all is committed. Ask of a trusted one: git reads its work tree.

    Raises:
        RepositoryState: Git cannot take something in it.
    """
    folder = Path(template.source)
    local = not template.embedded and not is_address(template.source)
    place = foreign.find(folder) if local else None
    try:
        found = foreign.worktree(template.git, folder, place) if place else None
    except GitFailed as error:
        raise not_as_it_stands(folder, error) from error
    if found is None:
        return None
    head, tree = found
    known = template.objects.commit(head)
    if tree == known.tree:
        return head, head
    author = "Uncommitted work <template@aegis-stack.invalid>"
    date = known.committer_date
    return head, foreign.commit_tree(template.git, tree, head, date, author, "Uncommitted work")


def not_as_it_stands(folder: Path, error: GitFailed) -> RepositoryState:
    """Return what is to be said where git would not take a work tree as it stands."""
    nested = re.search(r"'(.+?)/?' does not have a commit checked out", error.stderr)
    if nested is None:
        said = error.stderr.strip().rpartition("\n")[2]
        return RepositoryState(
            f"git cannot take the files of {named(folder)} as they stand: {said}",
            "Nothing was changed. Put that right, then run the same command again.",
        )
    return RepositoryState(
        f"{named(folder / nested[1])} is a git repository of its own and has no commit yet: git takes none of it.",
        "Nothing was changed. Commit in it, move it away, or leave it out:"
        f" echo {quoted(f'/{nested[1]}/')} >> {quoted(str(folder / '.gitignore'))}",
    )


def repository_in(source: str, missing: str, hint: str) -> foreign.Foreign:
    """Return the repository in a folder on this machine. Git does not run in it.

    Args:
        source: Its path.
        missing: What to say where there is no such folder.
        hint: And what to do about it.

    Raises:
        TemplateProblem: There is none.
    """
    folder = Path(source)
    if not folder.is_dir():
        raise TemplateProblem(missing, hint)
    return _at(folder, source)


def _at(folder: Path, source: str) -> foreign.Foreign:
    found = foreign.find(folder)
    if found is None:
        raise TemplateProblem(
            f"{named(source)} is not a git repository, and a template needs one for its history.",
            f"cd {quoted(source)} && git init && git add --all && git commit -m 'Start'",
        )
    if found.has_table_of_refs:
        raise TemplateProblem(
            f"{named(source)} keeps its branches in a table (reftable), which aegis does not read.",
            f"Keep them in files: git -C {quoted(source)} refs migrate --ref-format=files",
        )
    return found


def _open(
    source: str,
    place: foreign.Foreign,
    stores: Collection[Path] = (),
    copied: Mapping[Path, Sequence[Collection[str]]] | None = None,
    *,
    embedded: bool = False,
    working_tree: bool = False,
    stale: str = "",
) -> TemplateRepository:
    with ExitStack() as stack:
        quarantine = tempfile.TemporaryDirectory(prefix="aegis-")
        stack.callback(quarantine.cleanup)
        copies = Path(quarantine.name, "copies")
        copies.mkdir()
        view = foreign.View(Path(quarantine.name, "view"), place, *stores, copies)
        refs = view.refs()
        for store, groups in (copied or {}).items():
            for commits in groups:
                with suppress(GitFailed):  # whoever misses them says so
                    foreign.copy(view, store, commits, copies)
        if not refs.head and refs.branches:
            raise TemplateProblem(
                f"The template repository {named(source)} is on none of its branches, so nothing tells which"
                f" one is its main one:\n{listed(sorted(refs.branches))}",
                f"Switch to that: git -C {quoted(source)} switch BRANCH",
            )
        if not refs.head:
            raise TemplateProblem(f"The template repository {named(source)} has no commits.")
        stack.pop_all()
    return TemplateRepository(
        source, view.git, view.alone, Objects(view.git, _advice(source, place)), refs.branches, refs.tags,
        refs.head, quarantine, embedded, working_tree, stale,
    )  # fmt: skip


def _advice(source: str, place: foreign.Foreign) -> str | None:
    """Return what to do where an object turns out to be missing; None where nobody can have known."""
    if not place.is_partial:
        return None
    return (
        f"{named(source)} is a partial clone, and git does not fetch what it lacks when somebody else reads it."
        f" Have it fetch all: git -C {quoted(source)} fetch --refetch --no-filter. Or name where it was cloned from."
    )


# The embedded template


def _open_embedded(
    stores: Collection[Path], copied: Mapping[Path, Sequence[Collection[str]]] | None
) -> TemplateRepository:
    """Open the embedded template: that of a checkout which we run from, or the bundle's, unpacked; that heals."""
    scripts = _CHECKOUT / "scripts"
    if (scripts / "derivation").is_dir() and (_CHECKOUT / "template").is_dir():
        place = _at(_derive(scripts), EMBEDDED)
        return _open(EMBEDDED, place, stores, copied, embedded=True, working_tree=True)
    if not _BUNDLE.is_file():
        raise TemplateProblem("This installation of aegis carries no template.", _REINSTALL)
    key = hashlib.sha256(_BUNDLE.read_bytes()).hexdigest()[:16]
    target = cache_folder() / "embedded" / f"{key}.git"
    if target.is_dir():
        try:
            return _open(EMBEDDED, _at(target, EMBEDDED), stores, copied, embedded=True)
        except (GitFailed, TemplateProblem):
            mirrors.discard(target)
    try:
        mirrors.clone(_BUNDLE, target)
    except GitFailed as error:
        raise TemplateProblem(
            f"The template that this installation carries cannot be unpacked: {error.stderr.strip()}",
            _REINSTALL,
        ) from error
    return _open(EMBEDDED, _at(target, EMBEDDED), stores, copied, embedded=True)


def _derive(scripts: Path) -> Path:
    """Derive the template repository from the checkout that we run from, uncommitted changes included."""
    sys.path.insert(0, str(scripts))
    try:
        from derivation import derive
    finally:
        sys.path.remove(str(scripts))
    key = hashlib.sha256(str(_CHECKOUT).encode()).hexdigest()[:16]
    target = make_private(cache_folder() / "checkout") / f"{key}.git"
    try:
        derive(target, _CHECKOUT, worktree=True)
    except AegisError as error:
        raise TemplateProblem(
            f"The template of this checkout could not be derived:\n{error.message}"
        ) from error
    return target
