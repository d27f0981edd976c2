"""The supervisor, with real processes."""

import io
import os
import signal
import sys
import threading
import time

import pytest

from app.core.supervisor import Child, Supervisor

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up")
time.sleep({})
print("done")
"""


def python(name: str, code: str, stop_seconds: float = 2.0) -> Child:
    return Child(name, [sys.executable, "-c", code], stop_seconds)


def stop_when(output: io.StringIO, *words: str) -> None:
    """Tell this process to stop once all that has been said."""

    def watch() -> None:
        while not all(word in output.getvalue() for word in words):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


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
    monkeypatch.setattr("app.core.supervisor.MARGIN_SECONDS", 0.1)
    child = python("deaf", DEAF.format(60), stop_seconds=0.2)
    output = io.StringIO()
    stop_when(output, "deaf | up")
    assert Supervisor([child], output).run() == 0
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_each_has_the_time_that_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.supervisor.MARGIN_SECONDS", 0.1)
    slow = python("slow", DEAF.format(2), stop_seconds=60)
    quick = python("quick", DEAF.format(60), stop_seconds=0.2)
    output = io.StringIO()
    stop_when(output, "slow  | up", "quick | up")
    assert Supervisor([slow, quick], output).run() == 0
    assert "slow  | done" in output.getvalue()
    assert quick.process is not None
    assert quick.process.returncode == -signal.SIGKILL
