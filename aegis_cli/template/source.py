"""Finding a template repository: the embedded one, a folder, or a mirror of an address."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from aegis_cli.errors import AegisError, GitFailed, TemplateProblem
from aegis_cli.git.objects import Objects
from aegis_cli.git.process import Git, quarantined
from aegis_cli.model import ThirdParty
from aegis_cli.reporter import Reporter

EMBEDDED = "embedded"
# As Cookiecutter knows them.
_ABBREVIATIONS = {
    "gh": "https://github.com/{}.git",
    "gl": "https://gitlab.com/{}.git",
    "bb": "https://bitbucket.org/{}",
}
_PACKAGE = Path(__file__).parent.parent
_BUNDLE = _PACKAGE / "embedded" / "template.bundle"
_CHECKOUT = _PACKAGE.parent


@dataclass(frozen=True)
class TemplateRepository:
    """A template repository, open for reading.

    Attributes:
        source: What the project records: `embedded`, a path or an address.
        git: Runs git in it.
        objects: Reads its objects.
        branches: {branch: commit}.
        tags: {tag: commit}.
        default_branch: The branch that HEAD names.
        quarantine: Where new objects go: the template is never written to.
        working_tree: It follows a checkout of this project, so its newest state is the tip and not a release.
        third_parties: Components that come from elsewhere, by name. Their objects can be read like the template's own.
    """

    source: str
    git: Git
    objects: Objects
    branches: Mapping[str, str]
    tags: Mapping[str, str]
    default_branch: str
    quarantine: tempfile.TemporaryDirectory[str]
    working_tree: bool = False
    third_parties: Mapping[str, ThirdParty] = field(default_factory=dict)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether `older` is `newer` or one of its ancestors."""
        return self.git.run("merge-base", "--is-ancestor", older, newer, check=False).code == 0

    def merge_trees(
        self, pairs: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Merge pairs of commits in memory: {pair: tree}, without those that do not merge cleanly."""
        if not pairs:
            return {}
        lines = "".join(f"{ours} {theirs}\n" for ours, theirs in pairs)
        answer = self.git.run(
            "merge-tree", "--write-tree", "--no-messages", "--name-only", "--stdin",
            stdin=lines.encode(), check=False,
        )  # fmt: skip
        if answer.code != 0:  # a git without --stdin
            return {}
        found = {}
        fields = iter(answer.fields)
        for pair, clean in zip(pairs, fields, strict=False):
            tree = next(fields)
            if clean == "1":
                found[pair] = tree
            while next(fields, ""):
                pass  # the names of what is in conflict, up to an empty field
        return found

    def close(self) -> None:
        """End the background process."""
        self.objects.close()
        self.quarantine.cleanup()


def open_template(
    source: str, reporter: Reporter, *, fetch: bool = True, stores: Collection[Path] = ()
) -> TemplateRepository:
    """Open the template repository that `source` names.

    Args:
        source: `embedded`, a path, or an address that git can clone.
        reporter: Told when the network is used, or missed.
        fetch: Ask an address for news; otherwise what was fetched before is enough.
        stores: Where other repositories keep their objects, to be read as if they were the template's own.

    Raises:
        TemplateProblem: There is no such repository.
    """
    if source == EMBEDDED:
        git_dir, working_tree = _embedded()
        return _open(source, git_dir, stores, working_tree=working_tree)
    if is_address(source):
        return _open(source, mirror(source, reporter, fetch=fetch), stores)
    git_dir = folder_git_dir(
        source, f"There is no template at '{source}'.", "If it has moved: aegis update --template NEW_PLACE"
    )  # fmt: skip
    return _open(source, git_dir, stores)


def folder_git_dir(source: str, missing: str, hint: str) -> Path:
    """Return the git directory of a repository on this machine.

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
    answer = Git(folder).run("rev-parse", "--absolute-git-dir", "--show-prefix", check=False)
    git_dir, _, below = answer.text.partition("\n")
    if answer.code != 0 or below:
        raise TemplateProblem(
            f"'{source}' is not a git repository, and a template needs one for its history.",
            f"git -C '{source}' init && git -C '{source}' add --all && git -C '{source}' commit -m 'Start'",
        )
    return Path(git_dir)


def normalized(source: str) -> str:
    """Return how a project records a template: paths absolute, `gh:owner/name` written out, addresses as they are."""
    host, colon, rest = source.partition(":")
    if colon and host in _ABBREVIATIONS:
        return _ABBREVIATIONS[host].format(rest)
    if source == EMBEDDED or is_address(source):
        return source
    return str(Path(source).expanduser().resolve())


def is_address(source: str) -> bool:
    """Return whether git would fetch `source` from elsewhere: a URL, or host:path as for ssh."""
    if "://" in source:
        return True
    head, colon, _ = source.partition(":")
    return bool(colon) and "/" not in head and not Path(source).exists()


def _open(
    source: str, git_dir: Path, stores: Collection[Path] = (), *, working_tree: bool = False
) -> TemplateRepository:
    with ExitStack() as stack:
        quarantine = tempfile.TemporaryDirectory(prefix="aegis-")
        stack.callback(quarantine.cleanup)
        git = Git(git_dir, quarantined(Path(quarantine.name), object_store(git_dir), *stores))
        branches, tags, head = refs(git)
        if not head:
            raise TemplateProblem(f"The template repository '{source}' has no commits.")
        stack.pop_all()
    return TemplateRepository(
        source, git, Objects(git), branches, tags, head, quarantine, working_tree
    )


def object_store(git_dir: Path) -> Path:
    """Return where a repository keeps its objects; work trees share those of the first one."""
    return git_dir / Git(git_dir).run("rev-parse", "--git-common-dir").text / "objects"


def refs(git: Git) -> tuple[dict[str, str], dict[str, str], str]:
    """Return branches, tags, and the branch that HEAD names; an empty one where there are no commits."""
    # An annotated tag's own id comes first, then that of the commit that it names.
    answer = git.run(
        "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)",
        "refs/heads", "refs/tags",
    )  # fmt: skip
    branches, tags = {}, {}
    for line in answer.text.splitlines():
        name, *ids = line.split()
        if name.startswith("refs/heads/"):
            branches[name.removeprefix("refs/heads/")] = ids[-1]
        else:
            tags[name.removeprefix("refs/tags/")] = ids[-1]
    head = git.run("symbolic-ref", "--quiet", "--short", "HEAD", check=False).text
    if head not in branches:
        head = next((name for name in ("main", "master") if name in branches), "")
    return branches, tags, head


# The embedded template


def _embedded() -> tuple[Path, bool]:
    """Return the git directory of the embedded template, and whether it follows a checkout."""
    script = _CHECKOUT / "scripts" / "derive_template.py"
    if script.is_file() and (_CHECKOUT / "template").is_dir():
        return _derive(script), True
    if not _BUNDLE.is_file():
        raise TemplateProblem(
            "This installation of aegis carries no template.", "Install it again: uv tool install aegis-stack"
        )
    return _unpack(_BUNDLE), False


def _derive(script: Path) -> Path:
    """Derive the template repository from the checkout that we run from, uncommitted changes included."""
    key = hashlib.sha256(str(_CHECKOUT).encode()).hexdigest()[:16]
    target = cache_folder() / "checkout" / f"{key}.git"
    result = subprocess.run(
        [sys.executable, str(script), "--worktree", "--output", str(target)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise TemplateProblem(
            f"The template of this checkout could not be derived:\n{result.stderr.strip()}"
        )
    return target


def _unpack(bundle: Path) -> Path:
    key = hashlib.sha256(bundle.read_bytes()).hexdigest()[:16]
    target = cache_folder() / "embedded" / f"{key}.git"
    if not target.is_dir():
        _clone(str(bundle), target)
    return target


# Mirrors


def mirror(address: str, reporter: Reporter, *, fetch: bool) -> Path:
    """Return the git directory of this machine's copy of a repository elsewhere.

    Args:
        address: What git can clone.
        reporter: Told when the network is used, or missed.
        fetch: Ask for news; otherwise what was fetched before is enough.

    Raises:
        TemplateProblem: There is no copy, and none can be had.
    """
    target = cache_folder() / "templates" / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.git"
    if not target.is_dir():
        reporter.step(f"Fetching {address}")
        try:
            _clone(address, target)
        except GitFailed as error:
            last = error.stderr.strip().splitlines()[-1:] or ["git gave no reason"]
            raise TemplateProblem(
                f"'{address}' could not be fetched: {last[0]}",
                "Check the address and the network, then run the same command again.",
            ) from error
    elif fetch:
        reporter.step(f"Fetching {address}")
        result = Git(target).run("fetch", "--prune", "--quiet", "origin", check=False)
        if result.code != 0:
            reporter.warn(f"{address} does not answer: using what was fetched before.")
    return target


def _clone(address: str, target: Path) -> None:
    """Clone into a place beside the target and rename: a killed run leaves no half mirror."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AegisError(
            f"The folder {target.parent} cannot be made: {error.strerror}.",
            "Name a folder that can be written: export AEGIS_CACHE_DIR=...",
        ) from error
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as place:
        fresh = Path(place) / "mirror.git"
        Git(target.parent).run("clone", "--quiet", "--mirror", "--", address, str(fresh))
        try:
            fresh.rename(target)
        except OSError:
            if not target.is_dir():  # or else another run was faster
                raise


def cache_folder() -> Path:
    """Return where mirrors are kept: `$AEGIS_CACHE_DIR`, or the user's cache folder."""
    given = os.environ.get("AEGIS_CACHE_DIR")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "aegis"
