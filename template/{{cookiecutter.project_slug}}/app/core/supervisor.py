"""Runs processes side by side: prefixed output, restart with back-off, one Ctrl-C for all."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import TextIO

PARENT_VARIABLE = "SUPERVISOR_PID"

MARGIN_SECONDS = 1.3
"""How much longer than it has said a process may take to stop before it is killed."""
LAST_WORDS_SECONDS = 0.5
"""How long to wait for the output of a process that has ended."""
STABLE_SECONDS = 10.0
"""Whoever ran this long starts again without delay."""
MAX_FAILURES = 5
"""Whoever fails this often in a row, without becoming stable, is given up."""
MAX_DELAY_SECONDS = 10.0
LOOK_SECONDS = 0.05
"""How often to see whether a process has ended, or whether to stop."""
ECHO_SECONDS = 0.5
"""A Ctrl-C can arrive twice: from the terminal, and passed on by `uv run`."""

_COLORS = ["36", "33", "35", "32", "34", "31"]


@dataclass
class Child:
    """A process, and how it has been doing."""

    name: str
    command: list[str]
    stop_seconds: float = 2.0
    environment: dict[str, str] = field(default_factory=dict)
    is_kept: bool = False
    """Whether it is started again also when it ends without a failure."""
    is_prefixed: bool = True
    """Whether its lines bear its name; otherwise it writes to where this process does."""
    process: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    failures: int = 0
    restart_at: float | None = None
    exit_code: int | None = None
    """How it ended the last time."""
    reader: threading.Thread | None = field(default=None, repr=False)


class Supervisor:
    """Starts the children, watches them, and stops them all together."""

    def __init__(self, children: list[Child], output: TextIO | None = None) -> None:
        self.children = children
        self.output = output or sys.stdout
        self.colored = self.output.isatty() and "NO_COLOR" not in os.environ
        self.width = max((len(child.name) for child in children), default=0)
        self._lock = threading.Lock()
        self._stop_requests = 0
        self._stop_requested_at = float("-inf")

    def run(self) -> int:
        """Run until told to stop (0), or until a child fails for good (1)."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Whoever starts it with `nohup` wants it to go on without a terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        try:
            for child in self.children:
                self._start(child)
            return self._watch()
        finally:
            self._stop_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # It interrupts this very thread wherever that is: to take a lock here, as events do, may wait for itself.
        now = time.monotonic()
        if now - self._stop_requested_at >= ECHO_SECONDS:
            self._stop_requests += 1
            self._stop_requested_at = now

    def _watch(self) -> int:
        while not self._stop_requests:
            for child in self.children:
                if child.process is None:
                    if child.restart_at is not None and time.monotonic() >= child.restart_at:
                        self._start(child)
                elif child.process.poll() is not None and not self._on_exit(child):
                    return 1
            if all(c.process is None and c.restart_at is None for c in self.children):
                return 0
            time.sleep(LOOK_SECONDS)
        return 0

    def _start(self, child: Child) -> None:
        child.restart_at = None
        child.started_at = time.monotonic()
        environment = os.environ | {PARENT_VARIABLE: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        if self.colored:
            environment.setdefault("FORCE_COLOR", "1")
        child.process = subprocess.Popen(  # noqa: S603
            child.command,
            env=environment | child.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if child.is_prefixed else None,
            stderr=subprocess.STDOUT if child.is_prefixed else None,
            text=True,
            errors="replace",
            # Ctrl-C reaches the supervisor only, which then stops everybody in order.
            start_new_session=True,
        )
        if child.is_prefixed:
            child.reader = threading.Thread(target=self._copy_output, args=(child,), daemon=True)
            child.reader.start()

    def _on_exit(self, child: Child) -> bool:
        """Plan the restart of a child that has ended; False when it is given up."""
        if child.process is None:
            return True
        code = child.exit_code = child.process.returncode
        # What it has left behind, such as the process of a reloader that was killed, would keep its port, or its work.
        send_signal(child, signal.SIGKILL)
        child.process = None
        if child.reader is not None:
            # Its last words say why it ended. Something in a session of its own may hold the pipe open.
            child.reader.join(timeout=LAST_WORDS_SECONDS)
        if code == 0 and not child.is_kept:
            self.say(child.name, "ended")
            return True
        if time.monotonic() - child.started_at >= STABLE_SECONDS:
            child.failures = 0
        child.failures += 1
        # 2 is a usage or configuration error: trying again would not help.
        how = f"failed with exit code {code}" if code else "ended"
        if code == 2 or child.failures >= MAX_FAILURES:
            self.say(child.name, f"{how}; giving up")
            return False
        delay = min(0.5 * 2 ** (child.failures - 1), MAX_DELAY_SECONDS)
        self.say(child.name, f"{how}; starting again in {delay:g} s")
        child.restart_at = time.monotonic() + delay
        return True

    def _stop_all(self) -> None:
        running = [c for c in self.children if c.process is not None and c.process.poll() is None]
        for child in running:
            send_signal(child, signal.SIGTERM)
        told_at = time.monotonic()
        # Whoever asks again does not want to wait.
        asked = self._stop_requests
        for child in sorted(running, key=lambda child: child.stop_seconds):
            deadline = told_at + child.stop_seconds + MARGIN_SECONDS
            while child.process is not None and child.process.poll() is None:
                if time.monotonic() >= deadline or self._stop_requests > asked:
                    break
                time.sleep(0.02)
            # The whole session: a reloader has children of its own.
            send_signal(child, signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
            if child.reader is not None:
                child.reader.join(timeout=LAST_WORDS_SECONDS)

    def _copy_output(self, child: Child) -> None:
        process = child.process
        if process is None or process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                self.say(child.name, line.rstrip("\n"))

    def say(self, name: str, text: str) -> None:
        """Write a line under a child's name."""
        prefix = f"{name:<{self.width}} | "
        if self.colored:
            index = next((i for i, c in enumerate(self.children) if c.name == name), 0)
            prefix = f"\033[{_COLORS[index % len(_COLORS)]}m{prefix}\033[0m"
        with self._lock:
            try:
                self.output.write(f"{prefix}{text}\n")
                self.output.flush()
            except OSError:
                # Nobody reads any more (`make serve | head`, a closed terminal). The processes go on, unheard.
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self.output.fileno())
                os.close(nowhere)


def send_signal(child: Child, number: signal.Signals) -> None:
    """Signal a child and everything that it has started."""
    if child.process is None:
        return
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return


def end_with_supervisor() -> None:
    """End this process when its supervisor is gone, however that came: no orphan stays behind."""
    try:
        supervisor = int(os.environ.get(PARENT_VARIABLE, ""))
    except ValueError:
        return

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    if os.getppid() == supervisor:
        threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()
