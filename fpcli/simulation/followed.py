"""A dive as the network sees it: in a window that follows the diver, with a follower's errors.

The window moves and zooms over the camera's own picture and is drawn directly, at the resolution
that cutting it out of that picture would give.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.functional import interpolate

from fpcli.simulation.clip import SimulatedClip, assembled, filmed_times
from fpcli.simulation.render import Rendering, boxes_of, render
from fpcli.simulation.seeds import stream
from fpcli.simulation.take import Take, prepare
from fpcli.simulation.track import dive_track
from fpcli.video.follow import WINDOW_STATURES, Track, follow_windows
from fpcli.video.sample import DIVE_SAMPLES, sample_indices

# Phones and far cameras come more often than in `camera.SHARES`, so that small divers are seen.
CAMERA_SHARES = {"broadcast": 0.45, "phone": 0.2, "handheld": 0.16, "far": 0.1, "stand": 0.09}
PAIR_SHARE = 0.09  # of the dives from heights that have synchronised events
SMALLEST_SIDE_PX = 16
SLOW_HZ, QUICK_HZ = (0.05, 0.4), (1.0, 2.0)
SWINGS = 3  # sines that make one error
LEAST_BEFORE_S, LEAST_AFTER_S = 0.15, 0.35  # kept before the take-off and after the entry


@dataclass(frozen=True)
class FollowErrors:
    """Standard deviations of what a follower gets wrong.

    scale: of the logarithm of the stature, constant over a clip. scale_drift: what is added to it
    from a clip's start to its end. slow, quick: of the centre, in statures, over seconds and over
    half a second. trim_s: of a clip's start and end, seconds of the dive.
    """

    scale: float = 0.08
    scale_drift: float = 0.05
    slow: float = 0.06
    quick: float = 0.03
    trim_s: float = 0.1


USUAL_ERRORS = FollowErrors()


def simulate_followed(
    seed: int,
    *,
    size: int = 128,
    statures: float = WINDOW_STATURES,
    frames: int = DIVE_SAMPLES,
    errors: FollowErrors = USUAL_ERRORS,
    camera: str | None = None,
    number: str | None = None,
    height_m: float | None = None,
    synchro: bool | None = None,
    device: torch.device | str = "cpu",
) -> SimulatedClip:
    """The frames of a dive that the network sees, cut as `follow_windows` cuts: for training.

    seed: the same seed gives the same dive whatever the errors. size: side of the square pictures,
    pixels; statures: the same in the diver's statures.
    camera: a kind of `camera.KINDS`; None draws one by CAMERA_SHARES. frames: how many are drawn,
    spread evenly over the clip; all frame numbers count them. Boxes and track are in pixels of the
    drawn window. Other arguments and errors raised as in `clip.simulate_clip`.
    """
    kinds, shares = list(CAMERA_SHARES), list(CAMERA_SHARES.values())
    drawn = str(stream(seed, "followed camera").choice(kinds, p=shares))
    take = prepare(
        seed,
        camera=camera or drawn,
        number=number,
        height_m=height_m,
        synchro=synchro,
        synchro_share=PAIR_SHARE,
    )
    return film_followed(
        take,
        seed=seed,
        size=size,
        statures=statures,
        frames=frames,
        errors=errors,
        device=device,
    )


def film_followed(
    take: Take,
    *,
    seed: int,
    size: int,
    statures: float = WINDOW_STATURES,
    frames: int = DIVE_SAMPLES,
    errors: FollowErrors = USUAL_ERRORS,
    device: torch.device | str = "cpu",
) -> SimulatedClip:
    """Film a dive that is prepared in a window that follows it; see `simulate_followed`.

    seed: of the follower's errors.
    """
    rng = stream(seed, "follower")
    take = _trimmed(take, rng.normal(0, errors.trim_s, 2))
    camera = take.scene.camera
    clip_times_s = filmed_times(take)
    times_s = take.start_s + camera.dive_times(clip_times_s)
    view = camera.view(take.motions, times_s, camera.height, camera.width)
    track = dive_track(take.motions, take.statures_m, view, times_s, clip_times_s)
    shown = sample_indices(len(clip_times_s), frames)
    # Rounded as `cut_window` rounds.
    windows = np.round(follow_windows(_mistaken(track, errors, rng), statures))[shown]
    side = int(np.clip(np.median(windows[:, 2]), SMALLEST_SIDE_PX, size))
    drawn = render(
        take.motions,
        take.scene,
        size=(side, side),
        times_s=times_s[shown],
        windows=windows,
        device=device,
    )
    scale = size / windows[:, 2]
    seen = Track(
        times_s=clip_times_s[shown],
        centres=(track.centres[shown] - windows[:, :2]) * scale[:, None],
        stature_px=track.stature_px[shown] * scale,
    )
    return assembled(take, _enlarged(drawn, size), seen, times_s[shown])


def _trimmed(take: Take, moved_s: np.ndarray) -> Take:
    """The take cut a little elsewhere, with the flight still whole."""
    takeoff_s = min(motion.takeoff_s for motion in take.motions)
    entry_s = max(motion.entry_s for motion in take.motions)
    start_s = min(take.start_s + float(moved_s[0]), takeoff_s - LEAST_BEFORE_S)
    end_s = max(take.end_s + float(moved_s[1]), entry_s + LEAST_AFTER_S)
    return replace(take, start_s=start_s, end_s=end_s)


def _mistaken(track: Track, errors: FollowErrors, rng: np.random.Generator) -> Track:
    """A track as a follower finds it."""
    times_s = track.times_s
    progress = (times_s - times_s[0]) / (times_s[-1] - times_s[0]) - 0.5
    scale = rng.normal(0, errors.scale) + rng.normal(0, errors.scale_drift) * progress
    off = np.stack(
        [
            _wander(rng, times_s, SLOW_HZ, errors.slow)
            + _wander(rng, times_s, QUICK_HZ, errors.quick)
            for _ in range(2)
        ],
        axis=1,
    )
    return Track(
        times_s,
        track.centres + off * track.stature_px[:, None],
        track.stature_px * np.exp(scale),
    )


def _wander(
    rng: np.random.Generator, times_s: np.ndarray, band_hz: tuple[float, float], spread: float
) -> np.ndarray:
    """(T,) a smooth error of a standard deviation, made of sines within a band."""
    hertz = rng.uniform(*band_hz, SWINGS)
    phases = rng.uniform(0, 2 * np.pi, SWINGS)
    sizes = rng.normal(0, spread * (2 / SWINGS) ** 0.5, SWINGS)
    wander: np.ndarray = np.sin(2 * np.pi * times_s[:, None] * hertz + phases) @ sizes
    return wander


def _enlarged(drawn: Rendering, size: int) -> Rendering:
    """Pictures brought to size × size, bilinearly as `cut_window` does."""
    if drawn.frames.shape[1] == size:
        return drawn
    pictures = torch.from_numpy(drawn.frames).permute(0, 3, 1, 2)
    masks = np.concatenate([drawn.masks[None], drawn.diver_masks])
    larger = interpolate(pictures, (size, size), mode="bilinear", align_corners=False)
    masks = interpolate(
        torch.from_numpy(masks), (size, size), mode="bilinear", align_corners=False
    ).numpy()
    frames = np.ascontiguousarray(larger.permute(0, 2, 3, 1).numpy())
    return Rendering(frames, masks[0], masks[1:], boxes_of(masks[0]))
