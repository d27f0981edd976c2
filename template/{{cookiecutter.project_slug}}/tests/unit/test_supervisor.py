"""The supervisor, with real processes."""

import io
import os
import signal
import sys
import threading
import time

import pytest

from app.core.supervisor import Child, Supervisor


def python(name: str, code: str) -> Child:
    return Child(name, [sys.executable, "-c", code])


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


def test_what_fails_starts_again_and_is_given_up_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.MAX_FAILURES", 2)
    output = io.StringIO()
    assert Supervisor([python("web", "print('up'); exit(3)")], output).run() == 1
    assert output.getvalue().count("web | up") == 2
    assert "failed with exit code 3; starting again in 0.5 s" in output.getvalue()
    assert "failed with exit code 3; giving up" in output.getvalue()


def test_a_configuration_error_is_not_tried_again() -> None:
    output = io.StringIO()
    assert Supervisor([python("web", "exit(2)")], output).run() == 1
    assert "starting again" not in output.getvalue()


def test_a_signal_ends_all() -> None:
    children = [python(name, "import time; time.sleep(60)") for name in ("a", "b")]
    supervisor = Supervisor(children, io.StringIO())
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    assert supervisor.run() == 0
    assert time.monotonic() - started < 4
    assert all(child.process is not None and child.process.poll() is not None for child in children)


def test_who_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.STOP_SECONDS", 0.3)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = python("deaf", deaf)
    threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGTERM)).start()
    assert Supervisor([child], io.StringIO()).run() == 0
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
