"""FineDiving's clips as a pool to learn from, converted once and kept."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import torch

from fpcli.data.finediving import FineDivingClip
from fpcli.data.framing import Framing, squares
from fpcli.data.pictures import read_pictures
from fpcli.errors import DataError
from fpcli.training.augment import MARGIN
from fpcli.training.samples import (
    DiveLabel,
    DiveSample,
    Pool,
    load_label,
    sample_path,
    save_sample,
)
from fpcli.training.simulated import PICTURE_SIDE
from fpcli.training.workers import each_done

NAMED = 3  # damaged clips in an error

Job = tuple[Path, FineDivingClip, Framing, int]


def finediving_pool(
    clips: Sequence[FineDivingClip],
    folder: Path,
    *,
    framing: Framing = Framing.FOLLOWED,
    size: int = PICTURE_SIDE,
    workers: int | None = None,
    on_dive: Callable[[int], None] = lambda present: None,
) -> Pool:
    """Convert the clips of a split, 6 MB each; those converted before are kept.

    folder: of the conversions; each framing and size has its own folder in it. size: side of the
    square pictures, pixels. workers: processes; None for one a core. on_dive: told after each dive
    how many are there. A clip is converted again where its annotation has changed, not where its
    pictures have. Raises DataError naming the clips whose pictures are damaged, when all others are
    converted, and OSError.
    """
    own = folder / f"{framing.value}-{size}"
    own.mkdir(parents=True, exist_ok=True)
    absent = [clip for clip in clips if not _is_there(own, clip)]
    present = len(clips) - len(absent)
    on_dive(present)
    damaged: list[str] = []
    jobs: list[Job] = [(own, clip, framing, size) for clip in absent]
    with closing(
        each_done(_convert, jobs, min(workers or os.cpu_count() or 1, len(jobs)))
    ) as results:
        for fault in results:
            if fault:
                damaged.append(fault)
            else:
                present += 1
                on_dive(present)
    if damaged:
        more = f" and {len(damaged) - NAMED} more" if len(damaged) > NAMED else ""
        raise DataError(
            f"{len(damaged)} of {len(clips)} clips cannot be read: "
            f"{' '.join(sorted(damaged)[:NAMED])}{more}",
            "Copy them again; the other clips are converted and kept.",
        )
    return Pool(
        tuple(sample_path(own, clip.name) for clip in clips),
        tuple(label_of(clip) for clip in clips),
    )


def label_of(clip: FineDivingClip) -> DiveLabel:
    """What training knows of a clip."""
    return DiveLabel(
        key=clip.name,
        event=clip.event,
        dive_number=clip.dive_number,
        height_m=clip.height_m,
        difficulty=clip.difficulty,
        mark=clip.mark,
        score=clip.score,
        transitions=clip.transitions,
        step_deductions=clip.step_deductions,
        simulated=clip.simulated,
    )


def _is_there(folder: Path, clip: FineDivingClip) -> bool:
    """Whether a clip was converted with the annotation that it has now."""
    path = sample_path(folder, clip.name)
    if not path.exists():
        return False
    try:
        return load_label(path) == label_of(clip)
    except DataError:  # cut short by a full disk of another time: converted again
        return False


def _convert(job: Job) -> str:
    """Convert a clip; returns what is wrong with its pictures, or nothing."""
    folder, clip, framing, size = job
    try:
        pictures = read_pictures(clip.frames, clip.masks)
    except DataError as error:
        return error.message
    frames, masks = squares(pictures, clip.transitions[1], framing, size=size, margin=MARGIN)
    sample = DiveSample(label_of(clip), torch.from_numpy(frames), torch.from_numpy(masks))
    save_sample(sample, folder)
    return ""
