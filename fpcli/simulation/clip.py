"""One simulated dive as a clip, as a file would hold it: for data sets and examples."""

from dataclasses import dataclass

import numpy as np
import torch

from fpcli.simulation.attempt import Attempt
from fpcli.simulation.camera import Camera
from fpcli.simulation.dive import DiveTruth
from fpcli.simulation.render import Rendering, render
from fpcli.simulation.synchro import PairTruth
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.track import dive_track
from fpcli.video.follow import Track
from fpcli.video.sample import sample_indices

FRAME_SIZE = (256, 455)  # height, width: FineDiving's frames


@dataclass(frozen=True, eq=False)
class SimulatedClip:
    """A dive on film, with all that is known of it.

    frames: (T, H, W, 3) uint8 RGB. masks: (T, H, W) uint8, 255 where a diver shows, grey at edges.
    diver_masks: (D, T, H, W) uint8, one a diver. frame_times_s: (T,) float64 seconds of the clip,
    the first at 0. transitions: (2,) int64, the first frame with the flight position reached and
    the first with it opened for the entry, as FineDiving labels them. takeoff_frame, entry_frame:
    the first frames with a diver's feet off the board and with the water touched. boxes: (T, 4)
    float32 x0, y0, x1, y1 pixels around the mask, nan where no diver shows. track: where the diver
    is, in pixels of the pictures, hidden or not. truth: what was dived, its faults and its marks.
    camera: what filmed it; camera.slow_motion above 1 flags slow motion.
    """

    frames: np.ndarray
    masks: np.ndarray
    diver_masks: np.ndarray
    frame_times_s: np.ndarray
    transitions: np.ndarray
    takeoff_frame: int
    entry_frame: int
    boxes: np.ndarray
    track: Track
    truth: DiveTruth | PairTruth
    camera: Camera
    attempt: Attempt


def simulate_clip(
    seed: int,
    *,
    size: tuple[int, int] | None = None,
    camera: str | None = None,
    number: str | None = None,
    height_m: float | None = None,
    synchro: bool | None = None,
    frames: int | None = None,
    event_seed: int | None = None,
    device: torch.device | str = "cpu",
) -> SimulatedClip:
    """A dive from the end of the approach to the splash, cut as FineDiving's clips are.

    seed: the same seed gives the same dive, marks and scene on every machine. size: (height,
    width) of the pictures, FineDiving's if None, turned upright for a camera that is held so; a
    shape other than the camera's shows the centre of its picture.
    camera: a kind of `camera.KINDS`. number, height_m, synchro: what is dived; None draws it.
    frames: draw only so many, spread evenly from the first to the last (linspace truncated to
    integers, as the network samples); transitions and the other frame numbers then count drawn
    frames. event_seed: dives that share it share camera, place and boards. Raises DiveNumberError
    for a dive that is none or that physics does not allow.
    """
    take = prepare(
        seed,
        camera=camera,
        number=number,
        height_m=height_m,
        synchro=synchro,
        event_seed=event_seed,
    )
    shape = take.scene.camera.upright(FRAME_SIZE) if size is None else size
    return film(take, size=shape, frames=frames, device=device)


def film(
    take: Take,
    *,
    size: tuple[int, int],
    frames: int | None = None,
    device: torch.device | str = "cpu",
) -> SimulatedClip:
    """Film a dive that is prepared; arguments as in `simulate_clip`."""
    camera, motions = take.scene.camera, take.motions
    every_s = filmed_times(take)
    shown_s = every_s if frames is None else every_s[sample_indices(len(every_s), frames)]
    times_s = take.start_s + camera.dive_times(shown_s)
    view = camera.view(motions, times_s, *size)
    track = dive_track(motions, take.statures_m, view, times_s, shown_s)
    drawn = render(motions, take.scene, size=size, times_s=times_s, device=device)
    return assembled(take, drawn, track, times_s)


def filmed_times(take: Take) -> np.ndarray:
    """Seconds of the clip at which the camera takes its pictures, (T,)."""
    camera = take.scene.camera
    length_s = (take.end_s - take.start_s) * camera.slow_motion
    times_s: np.ndarray = np.arange(max(round(length_s * camera.frame_rate), 2)) / camera.frame_rate
    return times_s


def assembled(take: Take, drawn: Rendering, track: Track, times_s: np.ndarray) -> SimulatedClip:
    """A clip of what was drawn at times_s (T,) of the dive; track has the clip's own times."""

    def frame_of(moment_s: float) -> int:
        return min(int(np.searchsorted(times_s, moment_s)), len(times_s) - 1)

    return SimulatedClip(
        frames=drawn.frames,
        masks=drawn.masks,
        diver_masks=drawn.diver_masks,
        frame_times_s=track.times_s,
        transitions=np.array([frame_of(take.position_s), frame_of(take.opened_s)], np.int64),
        takeoff_frame=frame_of(min(motion.takeoff_s for motion in take.motions)),
        entry_frame=frame_of(min(motion.entry_s for motion in take.motions)),
        boxes=drawn.boxes,
        track=track,
        truth=take.truth,
        camera=take.scene.camera,
        attempt=take.attempt,
    )
