"""How many followed dives a machine makes a second: `python -m fpcli.simulation.pace`."""

import argparse
import multiprocessing
import platform
import sys
import time
from dataclasses import dataclass

import numpy as np
import torch

from fpcli.errors import DiveNumberError
from fpcli.simulation.followed import film_followed, prepare_followed

MIB = 2**20


@dataclass(frozen=True)
class Pace:
    """What one process did.

    physics_s, drawing_s: seconds of each dive, for the dive and its set, and for its pictures.
    memory_mib: the most that it held on the device, 0 on a CPU.
    """

    physics_s: tuple[float, ...]
    drawing_s: tuple[float, ...]
    memory_mib: float


def measure_pace(first_seed: int, seconds: float, size: int, device: str) -> Pace:
    """Make dives one after the other until the seconds are over; the first one is not counted."""
    torch.set_num_threads(1)
    seed, start = first_seed, 0.0
    physics, drawing = [], []
    while not start or time.perf_counter() - start < seconds:
        seed += 1
        before = time.perf_counter()
        try:
            take = prepare_followed(seed)
        except DiveNumberError:
            continue
        between = time.perf_counter()
        film_followed(take, seed=seed, size=size, device=device)
        if start:
            physics.append(between - before)
            drawing.append(time.perf_counter() - between)
        else:
            start = time.perf_counter()
    held = torch.cuda.max_memory_reserved() / MIB if torch.device(device).type == "cuda" else 0.0
    return Pace(tuple(physics), tuple(drawing), held)


def main() -> None:
    """Measure with several processes and print what they did together."""
    parser = argparse.ArgumentParser(description="Measure how fast followed dives are made.")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", type=int, default=128)
    options = parser.parse_args()
    jobs = [
        (worker * 1_000_000, options.seconds, options.size, options.device)
        for worker in range(options.workers)
    ]
    if options.workers == 1:
        paces = [measure_pace(*jobs[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
            paces = pool.starmap(measure_pace, jobs, chunksize=1)
    cuda = torch.device(options.device).type == "cuda"
    name = torch.cuda.get_device_name(options.device) if cuda else platform.machine()
    clips = sum(len(pace.physics_s) for pace in paces)
    sys.stdout.write(
        f"{options.workers} processes on {options.device} ({name}), {options.size} pixels: "
        f"{clips} clips in {options.seconds:g} s, {clips / options.seconds:.2f} a second\n"
    )
    for what, rows in (
        ("physics and set", [pace.physics_s for pace in paces]),
        ("drawing", [pace.drawing_s for pace in paces]),
    ):
        spent = np.concatenate(rows)
        if len(spent):
            low, middle, high = np.quantile(spent, [0.1, 0.5, 0.9])
            sys.stdout.write(
                f"{what}: mean {spent.mean():.3f} s, 10/50/90 % {low:.3f}/{middle:.3f}/{high:.3f}\n"
            )
    held = max(pace.memory_mib for pace in paces)
    sys.stdout.write(f"most memory of a process on the device: {held:.0f} MiB\n")


if __name__ == "__main__":
    main()
