"""Where the diver truly is in a camera's picture, as a follower is to find him."""

import numpy as np
import torch

from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.view import View
from fpcli.video.follow import WINDOW_STATURES, Track


def dive_track(
    motions: tuple[DiveMotion, ...],
    statures_m: tuple[float, ...],
    view: View,
    times_s: np.ndarray,
    frame_times_s: np.ndarray,
) -> Track:
    """The true track of one diver, or of the middle of two.

    statures_m: one a diver. view: what the camera sees at times_s (T,) seconds of the dive.
    frame_times_s: (T,) seconds of the clip. Two divers count as one so large that his window holds
    both: the side grows by what lies between them.
    """
    middles = np.stack([body_middle(motion, times_s) for motion in motions], axis=1)
    pixels, depth_m = view.project(torch.from_numpy(middles.astype(np.float32)))
    places = pixels.double().numpy()
    stature_px = view.focal_px[:, None] * torch.tensor(statures_m) / depth_m
    apart = (places.max(axis=1) - places.min(axis=1)).max(axis=1)
    return Track(
        times_s=frame_times_s,
        centres=places.mean(axis=1),
        stature_px=stature_px.mean(dim=1).double().numpy() + apart / WINDOW_STATURES,
    )


def body_middle(motion: DiveMotion, times_s: np.ndarray) -> np.ndarray:
    """The middle of a diver's joints at times_s (T,), (T, 3) metres.

    From the moment at which it sinks below the surface it stays there: where he went in.
    """
    middles = motion.joints.mean(axis=1)
    sunk = np.flatnonzero((middles[:, 1] <= 0) & (motion.times_s >= motion.takeoff_s))
    last_s = float(motion.times_s[sunk[0]]) if len(sunk) else motion.end_s
    middle: np.ndarray = motion.at(np.minimum(times_s, last_s)).mean(axis=1)
    return middle
