"""What train and evaluate share of FineDiving: a split on disk becomes a pool of dives."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from fpcli.cli.dive_sets import counting
from fpcli.cli.interruption import Interruption
from fpcli.cli.streams import Streams
from fpcli.errors import DataError

if TYPE_CHECKING:
    from fpcli.training.samples import Pool

LINE_EVERY_CLIPS = 100  # thousands of them, each quickly done


class Split(StrEnum):
    """Halves of the data set: learning never sees the second."""

    TRAIN = "train"
    TEST = "test"


def is_finediving(data: str) -> bool:
    """Whether --data names a folder in FineDiving's layout, whole or not."""
    from fpcli.data.layout import is_data_set

    return is_data_set(Path(data))


def finediving_dives(
    data: str,
    split: Split,
    folder: Path,
    workers: int | None,
    streams: Streams,
    interruption: Interruption,
    *,
    published: bool = False,
) -> "Pool":
    """Check the data set, then convert a split's clips that the folder lacks, showing progress.

    folder: of the conversions, 6 MB a clip. published: squares of FineParser's own input instead
    of those that follow the diver. What is odd about the labels is said in a line each. Raises
    DataError with all that is missing before anything is converted, and Interrupted between two
    clips; those converted stay.
    """
    from fpcli.data.finediving import examine
    from fpcli.data.framing import Framing
    from fpcli.training.finediving import finediving_pool

    with streams.progress() as progress:
        task = progress.add_task("checking clips", total=None)

        def tell_checked(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)
            interruption.raise_if_wanted()

        found = examine(Path(data), on_clip=tell_checked).required()
    for noise in found.noise:
        streams.warn(noise.line)
    clips = found.train if split == Split.TRAIN else found.test
    if not clips:
        raise DataError(
            f"The {split.value} split of {data} names no clip.", "Use a whole data set."
        )
    with streams.progress() as progress:
        task = progress.add_task("converting clips", total=len(clips))
        tell_converted = counting(
            streams,
            interruption,
            progress,
            task,
            "clips converted",
            len(clips),
            line_every=LINE_EVERY_CLIPS,
        )
        return finediving_pool(
            clips,
            folder,
            framing=Framing.PUBLISHED if published else Framing.FOLLOWED,
            workers=workers,
            on_dive=tell_converted,
        )
