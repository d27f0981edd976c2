"""A signal ends a prompt, whenever it comes."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial

import pytest
from prompt_toolkit.application import Application
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from aegis_cli.cli.picker import ended_by_signals
from aegis_cli.interruption import SIGNALS, Interrupted


@pytest.mark.parametrize("number", SIGNALS)
def test_one_that_comes_before_the_prompt_is_there(number: signal.Signals) -> None:
    with create_pipe_input() as keys:
        application: Application[str] = Application(input=keys, output=DummyOutput())

        def end_some_day() -> None:
            asyncio.get_running_loop().call_later(30, partial(application.exit, result="ended"))

        def ask() -> None:
            with ended_by_signals(application):
                os.kill(os.getpid(), number)
                application.run(pre_run=end_some_day, handle_sigint=False)

        with pytest.raises(Interrupted):
            ask()


@pytest.mark.parametrize("number", SIGNALS)
def test_one_that_comes_when_the_answer_is_given(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with create_pipe_input() as keys:
        application: Application[str] = Application(input=keys, output=DummyOutput())
        with pytest.raises(Interrupted), ended_by_signals(application):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
