"""A Docker engine for the tests alone: Debian trixie's, with a root file system and namespaces of its own.

Nothing can be pulled, so it has stand-ins for the images that generated projects are made from (`images/`).
"""

from __future__ import annotations

import os
import shutil
import signal
import ssl
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uv

HERE = Path(__file__).parent
CADDY = Path(sysconfig.get_path("scripts"), "caddy")  # Debian's is years behind the image
IMAGES = {
    "python": "python:3.14-slim",
    "uv": "ghcr.io/astral-sh/uv:0.13",
    "postgres": "postgres:17-alpine",
    "redis": "redis:7-alpine",
    "caddy": "caddy:2-alpine",
}
NEEDED = ("debootstrap", "slirp4netns", "unshare", "nsenter", "setpriv", "pivot_root", "ip", "tar")
START_SECONDS = 600.0  # the engine is installed meanwhile
STOP_SECONDS = 60.0
COMMAND_SECONDS = 600.0


def _groups() -> set[Path]:
    """Return the control groups of engines: they outlive whoever was in them."""
    top = Path("/sys/fs/cgroup")
    return {*top.glob("docker"), *top.glob("*/docker")}


class CannotRun(Exception):
    """This machine cannot run an engine."""


def missing() -> str:
    """Return why no engine can run here; empty when one may."""
    if sys.platform != "linux":
        return "needs Linux"
    if os.geteuid() != 0:
        return "needs root"
    absent = [program for program in (*NEEDED, str(CADDY)) if shutil.which(program) is None]
    return f"needs {', '.join(absent)}" if absent else ""


class Engine:
    """The engine, and the way into it.

    Args:
        folder: Where everything is that it keeps.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self.log = folder / "engine.log"
        self._pid = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start it with all images, and end it with all that it has started."""
        if not (self.root / "base.tar").exists():
            self._make_root()
        groups = _groups()
        with self.log.open("w") as log:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork",
                 "--kill-child=KILL", "--propagation", "private", "sh", HERE / "engine.sh", self.root],
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        network: subprocess.Popen[bytes] | None = None
        try:
            self._pid = self._first_process(process)
            network = self._connect()
            self._await(process)
            self._forget()
            self._make_images()
            yield
        finally:
            if self._pid:
                os.kill(self._pid, signal.SIGTERM)
                try:
                    process.wait(timeout=STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    os.kill(self._pid, signal.SIGKILL)
            if network is not None:
                network.kill()
                network.wait()
            process.kill()
            process.wait()
            for group in _groups() - groups:
                for folder in (*sorted(group.rglob("*/"), reverse=True), group):
                    with suppress(OSError):
                        folder.rmdir()

    def run(self, *command: str | Path, folder: str = "/", check: bool = True) -> str:
        """Run a command beside the engine; return all that it prints."""
        inside = [
            "nsenter",
            "--target",
            str(self._pid),
            "--net",
            "--mount",
            "--pid",
            f"--wdns={folder}",
        ]
        done = subprocess.run(
            [*inside, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=COMMAND_SECONDS,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"},
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}"
        return done.stdout

    def beside(self, *command: str) -> list[str]:
        """Return the command line that runs a program of the machine in the engine's network."""
        return ["nsenter", "--target", str(self._pid), "--net", *command]

    def _make_root(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", "trixie", str(self.root)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode:
            raise CannotRun(f"debootstrap: {done.stdout.strip().splitlines()[-1]}")
        part = self.folder / "base.tar"
        subprocess.run(
            ["tar", "-C", self.root, "-cf", part, "--exclude=./dev/*", "--exclude=./var/cache/apt/*", "."],
            check=True,
        )  # fmt: skip
        part.rename(self.root / "base.tar")

    def _first_process(self, process: subprocess.Popen[bytes]) -> int:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if found := children.read_text().split():
                return int(found[0])
            time.sleep(0.05)
        raise CannotRun(f"no namespaces: {self.log.read_text().strip()}")

    def _connect(self) -> subprocess.Popen[bytes]:
        with self.log.with_name("network.log").open("w") as log:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "slirp4netns", "--configure", "--mtu=65520",
                 "--disable-host-loopback", str(self._pid), "tap0"],
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while "Server:" not in self.run("sh", "-c", "docker version 2>&1 || true", check=False):
            if process.poll() is not None or time.monotonic() > deadline:
                self._pid = 0 if process.poll() is not None else self._pid
                raise CannotRun(f"no engine: {' '.join(self.log.read_text().splitlines()[-3:])}")
            time.sleep(0.2)

    def _forget(self) -> None:
        """Remove what a run that was killed has left in a folder that is kept."""
        shutil.rmtree(self.root / "projects", ignore_errors=True)
        for kind, remove in (("ps --all", "rm --force"), ("volume ls", "volume rm")):
            if found := self.run("docker", *kind.split(), "--quiet").split():
                self.run("docker", *remove.split(), *found)

    def _make_images(self) -> None:
        context = self.root / "images"
        shutil.rmtree(context, ignore_errors=True)
        shutil.copytree(HERE / "images", context)
        shutil.copy(uv.find_uv_bin(), context / "uv")
        shutil.copy(CADDY, context / "caddy")
        authorities = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
        shutil.copy(
            authorities or "/etc/ssl/certs/ca-certificates.crt", context / "authorities.pem"
        )
        if not self.run("docker", "images", "--quiet", "debian:trixie-slim").strip():
            change = "--change=ENV DEBIAN_FRONTEND=noninteractive"
            self.run("docker", "import", change, "/base.tar", "debian:trixie-slim")
        for file, name in IMAGES.items():
            self.run(
                "docker",
                "build",
                "--quiet",
                "--tag",
                name,
                "--file",
                f"/images/{file}.dockerfile",
                "/images",
            )
