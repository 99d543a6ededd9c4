"""Lengths of time, and signals that wait for a good moment."""

import os
import signal

import pytest

from fpcli.cli.interruption import Interruption, seconds_of
from fpcli.errors import UsageError


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("9m", 540), ("2h", 7200), ("45", 45)])
def test_a_length_of_time(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-3m", "0s", "nine", "nan", "inf"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError):
        seconds_of(text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_waits_for_a_good_moment_and_the_second_does_not(
    number: signal.Signals,
) -> None:
    before = signal.getsignal(number)
    interruption = Interruption()
    with interruption.listening():
        assert not interruption.wanted
        os.kill(os.getpid(), number)
        assert interruption.wanted
        assert interruption.signalled
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
