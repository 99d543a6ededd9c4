"""Freed memory is kept, where the C library can."""

import subprocess
import sys

import pytest

# Pages that a process had to fetch while it allocated and freed 32 MiB fifty times over.
FAULTS = """
import resource, sys
from fpcli.model.memory import keep_freed_memory
import torch
if sys.argv[1] == "kept":
    assert keep_freed_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    torch.ones(8 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's malloc is Linux's")
def test_kept_memory_is_not_fetched_again() -> None:
    assert faults("kept") * 2 < faults("returned")
