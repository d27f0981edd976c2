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
        # Without the command line, which takes longer than all else.
        from aegis_cli.cli.commands.about import version
        from aegis_cli.cli.failures import guarded

        sys.exit(guarded(version, argv))
    from aegis_cli.cli.app import run

    sys.exit(run(argv))


if __name__ == "__main__":
    main()
