"""PostgreSQL's own programs: pg_dump, pg_restore and psql."""

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from app.core.config import settings
from app.core.errors import AppError
from app.core.redaction import redact

# The schema `public` stays, for it is not part of a dump; so do extensions, which only few may make.
EMPTY_EVERYTHING = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP SCHEMA %I CASCADE', n.nspname)
        FROM pg_namespace n
        WHERE n.nspname NOT IN ('public', 'information_schema') AND n.nspname !~ '^pg_'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = n.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('DROP %s IF EXISTS public.%I CASCADE', kind, c.relname)
        FROM pg_class c
        JOIN (VALUES ('r', 'TABLE'), ('p', 'TABLE'), ('f', 'FOREIGN TABLE'), ('v', 'VIEW'),
                     ('m', 'MATERIALIZED VIEW'), ('S', 'SEQUENCE')) AS kinds (code, kind)
          ON c.relkind::text = code
        WHERE c.relnamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
        FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('DROP TYPE IF EXISTS public.%I CASCADE', t.typname)
        FROM pg_type t
        WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd', 'r')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('SELECT lo_unlink(%s)', oid) FROM pg_largeobject_metadata
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
"""
BEGIN = """
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '30s';
SET LOCAL statement_timeout = 0;
"""


class Target(NamedTuple):
    """Where a program connects to. The password does not stand in the list of processes."""

    conninfo: str
    password: str | None

    def environment(self) -> dict[str, str]:
        """What the program finds in its environment."""
        found = os.environ | {"PGCONNECT_TIMEOUT": str(settings.DATABASE_CONNECT_TIMEOUT_SECONDS)}
        return found if self.password is None else found | {"PGPASSWORD": self.password}


def dump(source: Target, path: Path) -> None:
    """Write a dump in PostgreSQL's own format."""
    options = ["--format=custom", "--no-owner", "--no-privileges", "--no-password"]
    _run("pg_dump", [*options, f"--file={path}", f"--dbname={source.conninfo}"], source)


def read(path: Path) -> None:
    """Read a dump to its end."""
    command = [_program("pg_restore"), f"--file={os.devnull}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise AppError(f"The copy {path.name} is damaged: {_first(done.stderr)}")


def restore(target: Target, path: Path) -> None:
    """Replace everything by what a dump holds, in one transaction.

    pg_restore alone removes only what the dump knows: tables that came later would stay, and
    their references would be in the way. So psql runs its script, behind one that empties all.
    """
    options = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    command = [_program("psql"), *options, "--no-password", f"--dbname={target.conninfo}"]
    script = [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(path)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(  # noqa: S603
            command, stdin=pipe, stderr=pipe, env=target.environment()
        ) as psql,
        subprocess.Popen(script, stdout=pipe, stderr=subprocess.DEVNULL) as reading,  # noqa: S603
    ):
        if psql.stdin is None or reading.stdout is None or psql.stderr is None:
            raise RuntimeError("the pipes are missing")
        # When psql gives up it says why.
        with suppress(BrokenPipeError):
            psql.stdin.write(f"{BEGIN}{EMPTY_EVERYTHING}".encode())
            shutil.copyfileobj(reading.stdout, psql.stdin)
            reading.stdout.close()
            # Half of a dump is never committed.
            if reading.wait() == 0:
                psql.stdin.write(b"COMMIT;\n")
        reading.stdout.close()
        with suppress(BrokenPipeError):
            psql.stdin.close()
        said = psql.stderr.read().decode(errors="replace")
    if psql.returncode:
        raise AppError(f"Nothing was restored: {_first(said)}")
    if reading.returncode:
        raise AppError(f"Nothing was restored: {path.name} cannot be read.")


def _run(name: str, arguments: list[str], target: Target) -> None:
    done = subprocess.run(  # noqa: S603
        [_program(name), *arguments],
        env=target.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    if "server version mismatch" in done.stderr:
        versions = done.stderr.strip().splitlines()[-1].partition("detail: ")[2]
        raise AppError(
            f"{name} is older than the server ({versions}). Install the package "
            "postgresql-client of the server's version, or a newer one."
        )
    raise AppError(f"{name} failed: {_first(done.stderr)}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise AppError(
            f"{name} is not installed. It comes with the package postgresql-client; take the "
            "server's version, or a newer one."
        )
    return found


def _first(said: str) -> str:
    """The line that matters, without secrets."""
    lines = [line for line in said.strip().splitlines() if line.strip()]
    chosen = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "")
    return redact(chosen.strip())
