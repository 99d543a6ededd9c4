"""Jobs in several processes."""

import os
import signal

import pytest

from fpcli.errors import DataError
from fpcli.training.workers import each_done


def end_the_process(job: int) -> int:
    """A worker that something else ends, as a lack of memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
    return job


def test_workers_that_are_ended_from_outside_are_named() -> None:
    with pytest.raises(DataError, match="ended from outside") as raised:
        list(each_done(end_the_process, [1, 2], 2))
    assert "Go on with the same command" in raised.value.hint
