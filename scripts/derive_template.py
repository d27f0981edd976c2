"""Derive the template repository from this repository's history.

python scripts/derive_template.py --output DIR [--worktree] [--push REMOTE [--force]]
"""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
if str(_HERE) not in sys.path:  # so that this file can be loaded by its path, too
    sys.path.insert(0, str(_HERE))

from derivation import DerivationError, Derived, derive  # noqa: E402

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
    except DerivationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
