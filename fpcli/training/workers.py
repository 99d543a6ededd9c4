"""Jobs done in several processes that each compute with one thread, so results do not vary."""

import concurrent.futures
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch

from fpcli.errors import DataError

NICENESS = 10  # what waits for the jobs, or learns meanwhile, goes first

Job = TypeVar("Job")
Result = TypeVar("Result")


def each_done(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Generator[Result, None, None]:
    """Do the jobs, in this process or in several; yields each one's result as it comes.

    work: a function of a module, which new processes can import. Closing the generator lets the
    jobs in work be finished and drops the others. Raises what a job raises, and DataError where
    something else has ended the processes.
    """
    if workers < 2:
        with _one_thread():
            yield from map(work, jobs)
        return
    executor = concurrent.futures.ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_prepare_worker
    )
    try:
        futures = [executor.submit(work, job) for job in jobs]
        for future in concurrent.futures.as_completed(futures):
            yield future.result()
    except concurrent.futures.BrokenExecutor as error:
        # A signal to the whole group of processes, or too little memory.
        raise DataError(
            "The processes that make or convert dives were ended from outside.",
            "Go on with the same command, those done are kept; with fewer --workers if memory ran "
            "out.",
        ) from error
    finally:
        # After an interruption only the jobs in work are still finished.
        executor.shutdown(cancel_futures=True)


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent, which lets the job in work be finished, and the cores too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    torch.set_num_threads(1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute as a worker does: the sums of several threads may differ in the last bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
