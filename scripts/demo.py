"""The whole story in one command: `python3 scripts/demo.py`.

Installs aegis from this checkout, starts a sample project, edits it, adds a component, takes an update, and serves it
on localhost until Ctrl-C. `--check` asks `/health` once and stops.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import FrameType

from bootstrap import install, watched

STARTUP = 60  # seconds


def main() -> int:
    """Run the demo and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="ask /health once and stop")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    programs = install("--editable", ".", "uv>=0.9")
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("VIRTUAL_ENV", None)
    place = Path(tempfile.mkdtemp(prefix="aegis-demo-"))
    project = place / "sample"

    def run(command: str, folder: Path = project) -> None:
        print(f"\n$ {command}", flush=True)
        subprocess.run(shlex.split(command), cwd=folder, env=environment, check=True)

    run("aegis init sample --no-input --ref v0.2.0", place)
    (project / "NOTES.md").write_text("What I wrote stays.\n")
    run("git add NOTES.md")
    run("git -c user.name=You -c user.email=you@example.org commit --quiet -m 'My own work'")
    run("aegis add scheduler --no-sync")
    run("aegis update --no-sync")
    run("git log --oneline --graph -6")
    print("\n$ uv sync", flush=True)
    watched(["uv", "sync"], project, environment)
    return _serve(project, environment, options.port, check=options.check)


def _stop(number: int, _frame: FrameType | None) -> None:
    """End in order, as after Ctrl-C: the application has a session of its own, and would outlive its terminal."""
    raise SystemExit(128 + number)


def _serve(project: Path, environment: dict[str, str], port: int, *, check: bool) -> int:
    if _answers(port):
        print(f"Something else listens on port {port}: name another with --port.", file=sys.stderr)
        return 1
    print("\n$ make serve", flush=True)
    environment = {**environment, "PORT": str(port)}
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    server = subprocess.Popen(
        ["make", "serve"], cwd=project, env=environment, start_new_session=True
    )
    try:
        url = f"http://localhost:{port}"
        print(
            f"\n{_health(url, server)}\n\n{url}  {url}/dashboard  {url}/docs\n{project}", flush=True
        )
        if not check:
            print("Ctrl-C stops it.", flush=True)
            server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGINT)
        server.wait()
    return 0


def _health(url: str, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310  (localhost)
                return f"GET /health: {answer.status} {answer.read().decode()}"
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit(f"The application did not answer within {STARTUP} s.")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    sys.exit(main())
