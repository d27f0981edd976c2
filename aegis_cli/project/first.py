"""The first commit of a repository that has none yet, in a folder that may hold files of the user's."""

from __future__ import annotations

from pathlib import Path

from aegis_cli.errors import AegisError, GitFailed, RepositoryState, listed
from aegis_cli.git.repository import Repository
from aegis_cli.interruption import saying
from aegis_cli.project import journal
from aegis_cli.project.checks import Place, occupied, require_unmoved
from aegis_cli.project.merge import move_refs
from aegis_cli.text import named, quoted

_FEW = 5


class Clash(RepositoryState):
    """Files of the user's are where the template brings its own."""

    def __init__(self, folder: Path, paths: list[str], *, committed: bool) -> None:
        super().__init__(
            f"{named(folder)} has files where the template brings its own:\n{listed(paths)}",
            f"Nothing was written. {_way_out(folder, paths, committed=committed)}",
        )


def _way_out(folder: Path, paths: list[str], *, committed: bool) -> str:
    """Return how to make room: commands to copy, where they are few enough to be read."""
    if len(paths) > _FEW:
        return (
            "Move them aside (and commit that, where they are committed), run the same command again,"
            " then put into the template's files what you need of yours."
        )
    move = "git mv" if committed else "mv"
    files = " ".join(map(quoted, paths))
    commit = " && git commit -m 'Make room'" if committed else ""
    return (
        f"Make room: cd {quoted(folder)} && mkdir -p before && {move} {files} before/{commit}"
        "\n  Then run the same command again, and put into the template's files what you need of yours."
    )


def prepare(repository: Repository, tip: str) -> None:
    """Note what `write` is about to do, so that a run that is killed in it is undone by the next.

    Args:
        repository: A repository without commits.
        tip: The commit that is to be its first.
    """
    files = repository.objects.files_at(tip)
    before = dict.fromkeys(files)
    after = {path: (entry[1],) for path, entry in files.items()}
    refs = (repository.branch() or "HEAD",)
    journal.write(repository, journal.Journal("", tip, refs, before, after))


def write(repository: Repository, tip: str, vendor_ref: str) -> None:
    """Write a commit's files and make it the repository's first. What else lies there stays as it is, untracked.

    Args:
        repository: A repository without commits, after `prepare`.
        tip: The commit.
        vendor_ref: Full name of the vendor branch.

    Raises:
        AegisError: Something is in the way, or git refused. Nothing was written.
    """
    seen = Place(None, repository.branch())
    with saying(lambda: journal.words(repository, None)):
        try:
            require_unmoved(repository, seen, "Nothing was written. Run the same command again.")
            paths = repository.objects.files_at(tip)
            clashes = occupied(repository.root, paths)
            if clashes:
                raise Clash(repository.root, clashes, committed=False)
            repository.worktree.fill_beside(tip)
        except AegisError as error:
            journal.clear(repository)
            if isinstance(error, GitFailed):
                raise AegisError(
                    f"git could not write the project: {error.stderr.strip()}",
                    "Nothing was written. Put right what git says, then run the same command again.",
                ) from error
            raise
        move_refs(repository, {"HEAD": (tip, None)}, {vendor_ref: (tip, None)}, "aegis init")
        journal.clear(repository)
