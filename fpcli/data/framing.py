"""Which part of a clip's pictures becomes the squares that a network learns from."""

from enum import StrEnum

import numpy as np
import torch
from torch.nn import functional

from fpcli.data.pictures import ClipPictures
from fpcli.video.cut import cut_window
from fpcli.video.follow import WINDOW_STATURES, Track, at_times, follow_windows
from fpcli.video.transform import PUBLISHED

FRAMES_A_SECOND = 25.0  # pictures carry no times; FineDiving's come from broadcasts
# The root of a silhouette's area over the stature, from tucked to stretched 0.30 to 0.37:
# simulated divers, in whose pictures the true stature is known.
SILHOUETTE = 0.335
PAIR_ROOM = 0.8  # of the window's side that a mask may fill before the window grows
LEAST_AREA = 0.3  # of the clip's median: of a smaller mask most is hidden
LATE_FRAMES = 3  # before the entry, whose area is that of the whole stretched body
SUNK = 0.5  # of that area: half of the body is under water, its middle at the surface
TAIL = 0.01  # of a mask's area, which may be specks elsewhere


class Framing(StrEnum):
    """What the squares show."""

    FOLLOWED = "followed"  # the diver, at a steady scale
    PUBLISHED = "published"  # the middle of the picture, squeezed: FineParser's own input


def squares(
    pictures: ClipPictures,
    entry: int,
    framing: Framing,
    *,
    size: int,
    margin: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Cut the squares out of a clip.

    entry: the first of the 96 frames opened for the entry. size: of the squares, pixels. margin:
    their side over that of what the network sees in their middle, which room for jitter surrounds;
    beyond the picture it is black. Returns frames (96, size, size, 3) and masks (96, size, size),
    uint8. Masks without anybody are followed nowhere: the window is the middle of the picture.
    """
    if framing == Framing.PUBLISHED:
        return _published(pictures, size, margin)
    times_s = pictures.places / FRAMES_A_SECOND
    track = track_of_masks(pictures.masks, times_s, entry)
    windows = follow_windows(track, margin * WINDOW_STATURES)
    cut = np.stack(
        [
            cut_window(np.dstack([frame, mask]), window, size)
            for frame, mask, window in zip(pictures.frames, pictures.masks, windows, strict=True)
        ]
    )
    return np.ascontiguousarray(cut[..., :3]), np.ascontiguousarray(cut[..., 3])


def track_of_masks(masks: np.ndarray, times_s: np.ndarray, entry: int) -> Track:
    """Where the diver is, by his masks (T, H, W) uint8.

    entry: first frame opened for the entry. The middle is the mask's until half of the body is
    under water, then it stays. The stature is that of a body of the mask's area; it is measured
    before the entry. Two divers are one, so large that the window holds both.
    """
    count, height, width = masks.shape
    by_row, by_column = (np.count_nonzero(masks, axis=axis) for axis in (2, 1))
    areas = by_row.sum(axis=1).astype(np.float64)
    if not areas.any():
        middle = np.full((count, 2), (width / 2, height / 2))
        return Track(times_s, middle, np.full(count, min(height, width) / WINDOW_STATURES))
    frames = np.arange(count)
    seen = areas >= LEAST_AREA * np.median(areas[areas > 0])
    whole = np.flatnonzero(seen & (frames < entry)) if seen[:entry].any() else np.flatnonzero(seen)
    spans = np.maximum(_spans(by_row), _spans(by_column))
    sizes = np.maximum(np.sqrt(areas) / SILHOUETTE, spans / (PAIR_ROOM * WINDOW_STATURES))
    # Of what is left to see while the body sinks, the middle lies above that of the body.
    left = np.minimum(areas / areas[whole[-LATE_FRAMES:]].mean(), 1.0)
    centres = np.stack([_middles(by_column), _middles(by_row)], axis=1)
    centres[entry:, 1] += (1 - left[entry:]) / 2 * sizes[whole[-1]]
    sunk = np.flatnonzero((frames >= entry) & (left < SUNK))
    known = np.flatnonzero(seen & (frames < sunk[0])) if len(sunk) else np.flatnonzero(seen)
    if not len(known):
        known = whole
    return Track(
        times_s,
        at_times(frames, known, centres[known]),
        np.interp(frames, whole, sizes[whole]),
    )


def _spans(counts: np.ndarray) -> np.ndarray:
    """(T,) over how many places (T, N) counts spread, a hundredth at either end left out."""
    shares = counts.cumsum(axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    first, last = ((shares >= end).argmax(axis=1) for end in (TAIL, 1 - TAIL))
    return np.asarray(last - first)


def _middles(counts: np.ndarray) -> np.ndarray:
    """(T,) the mean place of (T, N) counts, pixel edges; 0 where there are none."""
    places = np.arange(counts.shape[1]) + 0.5
    return np.asarray(counts @ places / np.maximum(counts.sum(axis=1), 1))


def _published(pictures: ClipPictures, size: int, margin: float) -> tuple[np.ndarray, np.ndarray]:
    """The published input with a margin: more of the picture above and below, black beside it."""
    together = np.concatenate([pictures.frames, pictures.masks[..., None]], axis=-1)
    seen = round(size / margin)
    resized_width, resized_height = (
        round(side * seen / PUBLISHED.size) for side in PUBLISHED.resized or ()
    )
    resized = functional.interpolate(
        torch.from_numpy(together).permute(0, 3, 1, 2),
        size=(resized_height, resized_width),
        mode="bilinear",
        antialias=True,
    )
    top, left = (resized_height - size) // 2, (resized_width - size) // 2
    # A negative padding cuts away.
    sides = [-left, size - resized_width + left, -top, size - resized_height + top]
    cut = functional.pad(resized, sides).permute(0, 2, 3, 1).numpy()
    return np.ascontiguousarray(cut[..., :3]), np.ascontiguousarray(cut[..., 3])
