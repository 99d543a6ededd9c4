"""How fast dives are drawn: `python -m fpcli.simulation.pace [--device cuda --workers 15]`.

Each clip is 96 frames of 200 × 112 with their masks. One process draws with all cores; several
draw side by side, each with one, as training has its dives made.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Final

import torch

from fpcli.simulation.clip import simulate_clip

SIZE: Final = (112, 200)  # height, width
FRAMES: Final = 96


@dataclass(frozen=True)
class Pace:
    """Seconds that each clip took, and clips a second of all processes together."""

    clip_s: tuple[float, ...]
    clips_per_s: float


def measure_pace(clips: int, device: str = "cpu", workers: int = 1, seed: int = 0) -> Pace:
    """Draw clips of random dives; what each process draws first is not counted.

    device: where pixels are made, as torch names it. Raises DiveNumberError as `simulate_clip`.
    """
    timed = partial(_timed, device=device)
    seeds = range(seed, seed + clips)
    if workers == 1:
        timed(seed)
        started = time.perf_counter()
        each = [timed(number) for number in seeds]
        return Pace(tuple(each), clips / (time.perf_counter() - started))
    with ProcessPoolExecutor(workers, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        list(pool.map(timed, range(seed, seed + workers)))
        started = time.perf_counter()
        each = list(pool.map(timed, seeds))
        return Pace(tuple(each), clips / (time.perf_counter() - started))


def _timed(seed: int, device: str) -> float:
    started = time.perf_counter()
    simulate_clip(seed, size=SIZE, frames=FRAMES, device=device)
    return time.perf_counter() - started


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the pace; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m fpcli.simulation.pace")
    parser.add_argument("--clips", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    pace = measure_pace(options.clips, options.device, options.workers, options.seed)
    sys.stdout.write(
        f"{statistics.median(pace.clip_s):.2f} s a clip ({min(pace.clip_s):.2f} to "
        f"{max(pace.clip_s):.2f}), {pace.clips_per_s:.2f} clips/s: {options.clips} clips of "
        f"{FRAMES} frames, {SIZE[1]} x {SIZE[0]}, with masks\n"
    )


if __name__ == "__main__":
    main()
