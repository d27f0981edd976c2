"""The supervisor, with real processes."""

import io
import os
import signal
import subprocess
import sys

import pytest

from app.core.supervisor import Child, Supervisor

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up")
time.sleep({})
print("done")
"""

SIGNALLED_ANYWHERE = """
import io, itertools, signal, sys
from app.core.supervisor import Child, Supervisor

class Signalled(Supervisor):
    def _watch(self):
        sys.settrace(self.at_line)
        try:
            return super()._watch()
        finally:
            sys.settrace(None)

    def at_line(self, frame, event, argument):
        if event == "line" and next(self.lines) == self.moment:
            signal.raise_signal(signal.SIGINT)
        return self.at_line

for moment in range(30):
    supervisor = Signalled([Child("web", ["sleep", "600"])], io.StringIO())
    supervisor.lines, supervisor.moment = itertools.count(), moment
    assert supervisor.run() == 0
"""


def python(name: str, code: str, stop_seconds: float = 2.0) -> Child:
    return Child(name, [sys.executable, "-c", code], stop_seconds)


class Stopping(io.StringIO):
    """Output that tells this process to stop once all these words have been said."""

    def __init__(self, *words: str, how: signal.Signals = signal.SIGTERM) -> None:
        super().__init__()
        self.words = words
        self.how: signal.Signals | None = how

    def flush(self) -> None:
        """A line is complete."""
        if self.how is not None and all(word in self.getvalue() for word in self.words):
            os.kill(os.getpid(), self.how)
            self.how = None


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine what takes a moment otherwise may take long."""
    monkeypatch.setattr("app.core.supervisor.LAST_WORDS_SECONDS", 60.0)
    monkeypatch.setattr("app.core.supervisor.STABLE_SECONDS", 600.0)


@pytest.fixture(autouse=True)
def signals() -> object:
    """The supervisor takes the signals of its process; give them back."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_output_is_prefixed() -> None:
    output = io.StringIO()
    children = [python("web", "print('hello')"), python("worker", "print('hi')")]
    assert Supervisor(children, output).run() == 0
    assert "web    | hello\n" in output.getvalue()
    assert "worker | hi\n" in output.getvalue()


def test_the_last_words_of_a_process_come_before_its_end() -> None:
    output = io.StringIO()
    Supervisor([python("web", "print('no such host'); exit(2)")], output).run()
    said = output.getvalue()
    assert 0 <= said.index("no such host") < said.index("failed with exit code 2")


def test_a_reader_that_has_gone_ends_nothing() -> None:
    """`make serve | head`: what is said after the head is said to nobody."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as output:
        children = [python("web", "print('hello'); print('again')"), python("worker", "exit(0)")]
        assert Supervisor(children, output).run() == 0


def test_what_fails_starts_again_and_is_given_up_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.MAX_FAILURES", 2)
    output = io.StringIO()
    assert Supervisor([python("web", "print('up'); exit(3)")], output).run() == 1
    assert output.getvalue().count("web | up") == 2
    assert "failed with exit code 3; starting again in 0.5 s" in output.getvalue()
    assert "failed with exit code 3; giving up" in output.getvalue()


def test_who_is_kept_starts_again_also_without_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.MAX_FAILURES", 2)
    output = io.StringIO()
    kept = python("web-1", "print('hello')")
    kept.is_kept = True
    assert Supervisor([kept], output).run() == 1
    assert output.getvalue().count("hello") == 2
    assert "ended; starting again in 0.5 s" in output.getvalue()
    assert "ended; giving up" in output.getvalue()


def test_a_configuration_error_is_not_tried_again() -> None:
    output = io.StringIO()
    assert Supervisor([python("web", "exit(2)")], output).run() == 1
    assert "starting again" not in output.getvalue()


def test_who_ends_leaves_nobody_behind() -> None:
    """A reloader that is killed, for instance: the process that it has started would go on, and keep the port."""
    child = python("web", "import subprocess; subprocess.Popen(['sleep', '600']); exit(2)")
    assert Supervisor([child], io.StringIO()).run() == 1
    # It reads until nobody has the other end.
    assert child.reader is not None
    assert not child.reader.is_alive()


def test_a_signal_ends_all() -> None:
    waiting = "import time; print('up'); time.sleep(600)"
    children = [python(name, waiting, stop_seconds=60) for name in ("a", "b")]
    output = Stopping("a | up", "b | up", how=signal.SIGINT)
    assert Supervisor(children, output).run() == 0
    # By what they are told, and not by force.
    ends = [child.process.returncode for child in children if child.process is not None]
    assert ends == [-signal.SIGTERM] * 2


def test_a_signal_may_come_at_any_moment() -> None:
    """Wherever the supervisor is just then, in its own code or in the library's: it ends."""
    command = [sys.executable, "-c", SIGNALLED_ANYWHERE]
    subprocess.run(command, check=True, timeout=120)


def test_it_outlives_its_terminal_where_somebody_asks_for_that() -> None:
    """`nohup make serve &`: the signal of a terminal that closes is ignored from the start."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        child = python("web", "import os, signal; os.kill(os.getppid(), signal.SIGHUP); exit(2)")
        assert Supervisor([child], io.StringIO()).run() == 1
    finally:
        signal.signal(signal.SIGHUP, before)


def test_who_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.MARGIN_SECONDS", 0.1)
    child = python("deaf", DEAF.format(600), stop_seconds=0.2)
    assert Supervisor([child], Stopping("deaf | up")).run() == 0
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_each_has_the_time_that_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.MARGIN_SECONDS", 0.1)
    slow = python("slow", DEAF.format(1), stop_seconds=60)
    quick = python("quick", DEAF.format(600), stop_seconds=0.2)
    output = Stopping("slow  | up", "quick | up")
    assert Supervisor([slow, quick], output).run() == 0
    assert "slow  | done" in output.getvalue()
    assert quick.process is not None
    assert quick.process.returncode == -signal.SIGKILL
