"""`fineparser simulate`: dives made from physics, drawn and written as a data set or as videos."""

import errno
from collections.abc import Generator, Iterable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import options
from fpcli.cli.streams import Streams, open_streams
from fpcli.errors import DiveNumberError
from fpcli.text import printable

if TYPE_CHECKING:
    import numpy as np

    from fpcli.simulation.clip import SimulatedClip
    from fpcli.simulation.dataset import PlannedDive

EXAMPLES = (
    "fineparser simulate dives/ --dives 100 --seed 7",
    "fineparser simulate clips/ --dives 4 --format mp4 --numbers 103B,5231D",
)

JPEG_QUALITY = 92
MOST_DRAWS = 20  # of a dive, before what is asked for is taken to be beyond physics


class CameraKind(StrEnum):
    """What films the dives."""

    ANY = "any"
    BROADCAST = "broadcast"
    PHONE = "phone"
    HANDHELD = "handheld"
    FAR = "far"
    STAND = "stand"


class DatasetFormat(StrEnum):
    """How dives are written."""

    FINEDIVING = "finediving"
    MP4 = "mp4"


Folder = Annotated[
    Path,
    typer.Argument(
        metavar="OUT",
        help="Folder to write into; it must be empty or not exist.",
        rich_help_panel=options.OUTPUT,
        show_default=False,
    ),
]
Dives = Annotated[
    int, typer.Option("--dives", "-n", min=1, help="How many dives.", rich_help_panel=options.DIVE)
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed", min=0, help="The same seed gives the same dives.", rich_help_panel=options.DIVE
    ),
]
Camera = Annotated[
    CameraKind,
    typer.Option("--camera", help="What films the dives.", rich_help_panel=options.DIVE),
]
Numbers = Annotated[
    str,
    typer.Option(
        "--numbers",
        metavar="LIST",
        help="Only these dive numbers, separated by commas; all of FineDiving's if left out.",
        rich_help_panel=options.DIVE,
        show_default=False,
    ),
]
Height = Annotated[
    float | None,
    typer.Option(
        "--height",
        metavar="METRES",
        help="Only from this height: 1, 3, 5, 7.5 or 10; any if left out.",
        rich_help_panel=options.DIVE,
        show_default=False,
    ),
]
Synchro = Annotated[
    bool | None,
    typer.Option(
        "--synchro/--no-synchro",
        help="Only synchronised dives, or none of them; both if left out.",
        rich_help_panel=options.DIVE,
        show_default=False,
    ),
]
Format = Annotated[
    DatasetFormat,
    typer.Option(
        "--format",
        help="finediving: frames, masks, annotations and truth in FineDiving's layout; mp4: a "
        "video and its truth for each dive.",
        rich_help_panel=options.OUTPUT,
    ),
]


def simulate(
    out: Folder,
    dives: Dives = 10,
    seed: Seed = 0,
    camera: Camera = CameraKind.ANY,
    numbers: Numbers = "",
    height: Height = None,
    synchro: Synchro = None,
    as_format: Format = DatasetFormat.FINEDIVING,
    overwrite: options.Overwrite = False,
    device: options.Device = "cpu",
    quiet: options.Quiet = False,
) -> None:
    """Make dives from physics, with exact masks, steps, faults and judges' marks.

    Ten dives make an event, filmed at one place by one camera; every fourth event is held out for
    testing. A dive that physics refuses as it was drawn is drawn again. A clip appears complete or
    not at all.
    """
    streams = open_streams(quiet=quiet)
    from fpcli.data.findings import counted
    from fpcli.model.device import resolve_device
    from fpcli.simulation.dataset import plan_dives
    from fpcli.simulation.layout import prepare_folder

    wanted = tuple(name.strip() for name in numbers.split(",") if name.strip())
    planned = plan_dives(dives, seed, wanted, height, synchro)
    where = resolve_device(device)
    prepare_folder(out, overwrite)
    write = _write_dataset if as_format == DatasetFormat.FINEDIVING else _write_videos
    with closing(_filmed(planned, wanted, camera, str(where), streams)) as filmed:
        write(out, filmed)
    streams.note(f"{counted(len(planned), 'simulated dive')} in {printable(out)}.")


def _filmed(
    planned: "list[PlannedDive]",
    numbers: tuple[str, ...],
    camera: CameraKind,
    device: str,
    streams: Streams,
) -> "Generator[tuple[PlannedDive, SimulatedClip]]":
    """Film the dives in turn, under a progress display; a refused draw is replaced by another.

    Raises DiveNumberError where physics refuses one draw after the other.
    """
    replaced = 0
    with streams.progress() as progress:
        task = progress.add_task("Dives", total=len(planned))
        for dive in planned:
            dived, clip, draws = _drawn(dive, numbers, camera, device)
            yield dived, clip
            replaced += draws - 1
            progress.advance(task)
    if replaced:
        streams.note(f"Draws replaced, as no diver could have dived them: {replaced}.")


def _drawn(
    dive: "PlannedDive", numbers: tuple[str, ...], camera: CameraKind, device: str
) -> "tuple[PlannedDive, SimulatedClip, int]":
    """Film a dive, or another in its place; returns how many draws it took as well."""
    from fpcli.simulation.clip import simulate_clip
    from fpcli.simulation.dataset import drawn_again

    draws = 1
    while True:
        try:
            clip = simulate_clip(
                dive.seed,
                camera=None if camera == CameraKind.ANY else camera.value,
                number=dive.number,
                height_m=dive.height_m,
                synchro=dive.synchro,
                event_seed=dive.event_seed,
                device=device,
            )
        except DiveNumberError:
            if draws == MOST_DRAWS:
                raise
            dive, draws = drawn_again(dive, numbers), draws + 1
        else:
            return dive, clip, draws


def _write_dataset(out: Path, filmed: "Iterable[tuple[PlannedDive, SimulatedClip]]") -> None:
    from fpcli.simulation.layout import FineDivingWriter

    writer = FineDivingWriter(out, _jpeg)
    try:
        for dive, clip in filmed:
            writer.add(dive, clip)
    finally:
        # An interrupted data set is a smaller one: its annotations name what is complete.
        writer.finish()


def _jpeg(picture: "np.ndarray") -> bytes:
    """A picture (H, W, 1 or 3), grey or RGB, as the bytes of a JPEG file."""
    import cv2

    coded, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not coded:
        raise OSError(errno.EIO, "a picture could not be coded")
    return data.tobytes()


def _write_videos(out: Path, filmed: "Iterable[tuple[PlannedDive, SimulatedClip]]") -> None:
    from fpcli.simulation.layout import write_truth
    from fpcli.video.write import VideoWriter

    for dive, clip in filmed:
        name = f"{dive.event}_{dive.clip:02d}_{dive.number}"
        height, width = clip.frames.shape[1:3]
        with VideoWriter(out / f"{name}.mp4", width=width, height=height, overwrite=True) as writer:
            for image, time_s in zip(clip.frames, clip.frame_times_s, strict=True):
                writer.write(image, float(time_s))
            write_truth(out / f"{name}.json", dive, clip)  # no video without its truth
