"""A pool of simulated dives in a folder: the same dives for the same seed, whoever draws them."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import torch

from fpcli.errors import DataError, DiveNumberError
from fpcli.simulation.dive import DiveTruth
from fpcli.simulation.followed import simulate_followed
from fpcli.simulation.synchro import PairTruth
from fpcli.training.augment import MARGIN
from fpcli.training.samples import (
    DiveLabel,
    DiveSample,
    Pool,
    load_label,
    sample_path,
    save_sample,
)
from fpcli.training.workers import each_done
from fpcli.video.follow import WINDOW_STATURES

EVENT_DIVES = 20
PICTURE_SIDE = 128  # pixels: more than the network's 112 by MARGIN, so that crops can wander
SMALLEST_DIVER = 0.002  # median share of the picture in flight: 25 pixels of 112 x 112
MOST_DRAWS = 20  # of a dive, before the simulator itself is taken to be at fault


def make_pool(
    folder: Path,
    count: int,
    seed: int,
    *,
    size: int = PICTURE_SIDE,
    workers: int | None = None,
    device: str = "cpu",
    on_dive: Callable[[int], None] = lambda present: None,
) -> int:
    """Make `count` simulated dives, one file each; those that are there already are kept.

    size: side of the square pictures, pixels. workers: processes; None for one a core. device:
    where they draw. on_dive: told after each dive how many are there. Returns how many draws were
    replaced by the next, as physics refused them or the diver could not be seen. Raises DataError
    when a dive cannot be had in many draws, and OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    absent = [
        place for place in range(count) if not sample_path(folder, dive_key(seed, place)).exists()
    ]
    jobs = [(folder, seed, place, size, device) for place in absent]
    present, refused = count - len(absent), 0
    on_dive(present)
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    with closing(each_done(_make_dive, jobs, workers)) as numbers_of_draws:
        for draws in numbers_of_draws:
            refused += draws - 1
            present += 1
            on_dive(present)
    return refused


def dive_key(seed: int, place: int) -> str:
    """Name of one dive of the pool that a seed makes."""
    return f"simulated-{seed}-{place:05d}"


def event_name(seed: int, place: int) -> str:
    """Name of the event that a dive belongs to."""
    return f"simulated-{seed}-event-{place // EVENT_DIVES:04d}"


def made_pool(folder: Path, count: int, seed: int) -> Pool:
    """Know the first `count` dives of a seed, whatever else lies in the folder.

    Raises DataError where one of them is absent or damaged.
    """
    paths = tuple(sample_path(folder, dive_key(seed, place)) for place in range(count))
    return Pool(paths, tuple(load_label(path) for path in paths))


Job = tuple[Path, int, int, int, str]


def _make_dive(job: Job) -> int:
    """Draw a dive until the simulator accepts one, save it, return the number of draws."""
    folder, seed, place, size, device = job
    for draw in range(MOST_DRAWS):
        drawn = int(np.random.SeedSequence([seed, place, draw]).generate_state(1)[0])
        try:
            sample = draw_dive(drawn, dive_key(seed, place), event_name(seed, place), size, device)
        except DiveNumberError:
            continue
        if shows_diver(sample):
            save_sample(sample, folder)
            return draw + 1
    raise DataError(
        f"None of {MOST_DRAWS} draws of dive {place} of seed {seed} can be used.",
        "This is a defect in the simulator; another --seed may avoid it.",
    )


def shows_diver(sample: DiveSample) -> bool:
    """Whether the flight can be seen: a distant camera's square may hold a speck, or nobody."""
    first, second = sample.label.transitions
    flight = sample.masks[first : second + 1].float() / 255
    return bool(flight.mean(dim=(1, 2)).median() >= SMALLEST_DIVER)


def draw_dive(drawn: int, key: str, event: str, size: int, device: str = "cpu") -> DiveSample:
    """Simulate one dive, followed as a follower would, in squares of `size` pixels.

    drawn: the simulator's seed. device: where it is drawn. Raises DiveNumberError for a dive that
    physics does not allow.
    """
    clip = simulate_followed(drawn, size=size, statures=MARGIN * WINDOW_STATURES, device=device)
    truth, attempt = clip.truth, clip.attempt
    divers = truth.divers if isinstance(truth, PairTruth) else (truth,)
    takeoff, flight, entry = (float(lost) for lost in truth.lost_by_step)
    label = DiveLabel(
        key=key,
        event=event,
        dive_number=attempt.number.text,
        height_m=attempt.height_m,
        difficulty=float(truth.difficulty),
        mark=float(truth.mark),
        score=float(truth.score),
        transitions=(int(clip.transitions[0]), int(clip.transitions[1])),
        step_deductions=(takeoff, flight, entry),
        simulated=True,
        quality=divers[0].quality if len(divers) == 1 else None,
        measures=_measures(divers),
        camera=clip.camera.kind,
        duration_s=float(clip.frame_times_s[-1] - clip.frame_times_s[0]) / clip.camera.slow_motion,
    )
    return DiveSample(label, torch.from_numpy(clip.frames), torch.from_numpy(clip.masks))


def _measures(divers: Sequence[DiveTruth]) -> dict[str, float]:
    """What can be measured of a dive, the mean of its divers."""
    rows = [diver.measures.to_dict() | {"splash": diver.splash} for diver in divers]
    return {name: _mean([row[name] for row in rows]) for name in rows[0]}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
