"""The `aegis` command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its status."""
    asked = os.environ.get("_AEGIS_COMPLETE") or os.environ.get("_AEGIS_STACK_COMPLETE")
    if asked:
        from aegis_cli import completion

        code = completion.run(asked)
        if code is not None:
            sys.exit(code)
    argv = sys.argv[1:]
    if argv in (["version"], ["--version"]):
        sys.exit(_version(argv))
    from aegis_cli.cli.app import run

    sys.exit(run(argv))


def _version(argv: list[str]) -> int:
    """Tell the version without loading the command line, which takes longer than all else."""
    from aegis_cli.cli.failures import guarded
    from aegis_cli.version import installed

    return guarded(lambda: print(f"aegis {installed()}"), argv)  # noqa: T201


if __name__ == "__main__":
    main()
