"""Derive the template repository from this repository's history.

    python scripts/derive_template.py --output DIR [--worktree] [--push REMOTE [--force]]

DIR is a bare repository that borrows objects from this checkout. What a bundle or a push takes
from it is whole.

* A commit's id follows from its files, author, dates and message, and those of its ancestors. It
  names no commit of this repository, so rewriting what does not concern the template changes no id.
* Of this repository's history only the first parents of HEAD count: a merged topic is one commit.
* A commit that touches both sides gives the commit on main, the merges, then the component's. When
  a file moves from a component to the base, the component lets go of it first.
* A component that cannot follow (a file of its is in the base, too) is an error while it stands.
  Once a later commit has repaired it, its branch goes on from there.
* A change of the version tags every branch, unless it is a development version. Tags never move.
* Uncommitted files are one more commit on each branch they change, dated like HEAD.
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
for _folder in (_HERE.parent, _HERE):  # so that this file can be loaded by its path, too
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

from derivation import DerivationError, Derived, derive  # noqa: E402

from aegis_cli.errors import AegisError  # noqa: E402

__all__ = ["DerivationError", "Derived", "derive", "main"]


def main(arguments: list[str] | None = None) -> int:
    """Run as a command; the answer is the exit status."""
    import argparse

    parser = argparse.ArgumentParser(
        description="Derive the template repository from this repository's history."
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="the bare repository to keep"
    )
    parser.add_argument(
        "--source",
        type=Path,
        default=_HERE.parent,
        metavar="DIR",
        help="the checkout to read (default: the one that this script is in)",
    )
    parser.add_argument(
        "--worktree", action="store_true", help="include uncommitted and untracked files"
    )
    parser.add_argument("--push", metavar="REMOTE", help="push all branches and tags to this URL")
    parser.add_argument("--force", action="store_true", help="push even what is no fast-forward")
    options = parser.parse_args(arguments)
    if options.push and options.worktree:
        parser.error("uncommitted files are not for others: --push goes without --worktree")
    try:
        derived = derive(options.output, options.source, worktree=options.worktree)
        for warning in derived.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        for ref, oid in sorted(derived.refs.items()):
            print(oid, ref)
        if options.push:
            from derivation.publish import push

            print(push(derived, options.push, force=options.force), file=sys.stderr)
    except AegisError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
