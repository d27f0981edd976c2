"""`python -m app.entrypoints NAME [OPTION]...`: be one process, without the command line's weight."""

import sys

from app.core.errors import AppError, ConfigurationError
from app.entrypoints.processes import find_processes, run_process

if __name__ == "__main__":
    try:
        run_process(find_processes(sys.argv[1:2])[0], sys.argv[2:])
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except AppError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
