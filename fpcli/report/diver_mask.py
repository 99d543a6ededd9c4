"""The diver's mask on the source's own picture: between samples, at any size, tinted, outlined."""

from dataclasses import dataclass

import cv2
import numpy as np

from fpcli.analysis.result import DiveAnalysis, MaskTrack
from fpcli.report.drawing import Box
from fpcli.report.overlay_style import Colour

DIVER_FROM = 0.5  # probability from which a pixel counts as the diver
TINT_FROM, TINT_FULL = 0.35, 0.65  # the tint's soft edge
HALO: Colour = (10, 14, 20)
SUBPIXEL_BITS = 4  # contours are drawn on a grid of 1/16 pixel


@dataclass(frozen=True)
class SampleShare:
    """What one sampled frame lends to the moment shown: its weight and its shift in pixels."""

    sample: int
    weight: float
    shift_x: float
    shift_y: float


def shares_at(analysis: DiveAnalysis, frame_index: int, time_s: float) -> tuple[SampleShare, ...]:
    """Return the one or two samples that a frame's mask is made of; none outside the dive.

    Between two samples both pictures are moved along the line that the diver's box takes, so that
    a fast diver does not show twice, and mixed by how near in time they are.
    """
    frames, times = analysis.sample_frames, analysis.sample_times_s
    if not len(frames) or not frames[0] <= frame_index <= frames[-1]:
        return ()
    after = int(np.searchsorted(frames, frame_index))
    if frames[after] == frame_index:
        return (SampleShare(after, 1.0, 0.0, 0.0),)
    before = after - 1
    span = float(times[after] - times[before])
    way = min(max((time_s - float(times[before])) / span, 0.0), 1.0) if span > 0 else 0.5
    step_x, step_y = _movement(analysis.masks, before, after)
    return (
        SampleShare(before, 1 - way, way * step_x, way * step_y),
        SampleShare(after, way, (way - 1) * step_x, (way - 1) * step_y),
    )


def _movement(masks: MaskTrack, before: int, after: int) -> tuple[float, float]:
    """Return how far the middle of the diver's box moves, pixels; 0 where it is not known."""
    left, top, right, bottom = (masks.boxes_px[after] - masks.boxes_px[before]).tolist()
    step = ((left + right) / 2, (top + bottom) / 2)
    return step if np.isfinite(step).all() else (0.0, 0.0)


def probabilities_at(
    masks: MaskTrack, shares: tuple[SampleShare, ...], width: int, height: int
) -> tuple[Box, np.ndarray] | None:
    """Return where the diver may be and the probabilities there; None where nobody is.

    width, height: of the upright source. The array is (box height, box width) float32.
    """
    boxes = [box for share in shares if (box := _reach(masks, share)) is not None]
    if not boxes:
        return None
    box = Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    ).clipped(width, height)
    if not box.width or not box.height:
        return None
    mixed = np.zeros((box.height, box.width), dtype=np.float32)
    for share in shares:
        mixed += share.weight * _placed(masks, share, box)
    return box, mixed


def _reach(masks: MaskTrack, share: SampleShare) -> Box | None:
    """Return the part of the source that a sample's mask touches, with two cells of room."""
    rows, columns = np.nonzero(masks.probabilities[share.sample] >= TINT_FROM)
    if not len(rows):
        return None
    x0, y0, cell_x, cell_y = _grid(masks, share.sample)
    left, right = (columns.min() - 2) * cell_x, (columns.max() + 3) * cell_x
    top, bottom = (rows.min() - 2) * cell_y, (rows.max() + 3) * cell_y
    x, y = x0 + share.shift_x, y0 + share.shift_y
    return Box(
        int(np.floor(x + left)),
        int(np.floor(y + top)),
        int(np.ceil(x + right)),
        int(np.ceil(y + bottom)),
    )


def _grid(masks: MaskTrack, sample: int) -> tuple[float, float, float, float]:
    """Return a sample's picture on the source: left, top, and a cell's width and height."""
    x0, y0, x1, y1 = (float(edge) for edge in masks.windows_px[sample])
    rows, columns = masks.probabilities.shape[1:]
    return x0, y0, (x1 - x0) / columns, (y1 - y0) / rows


def _placed(masks: MaskTrack, share: SampleShare, box: Box) -> np.ndarray:
    """Return a sample's probabilities on the source's pixels inside a box."""
    x0, y0, cell_x, cell_y = _grid(masks, share.sample)
    to_cells = np.array(
        [
            [1 / cell_x, 0, (box.left + 0.5 - x0 - share.shift_x) / cell_x - 0.5],
            [0, 1 / cell_y, (box.top + 0.5 - y0 - share.shift_y) / cell_y - 0.5],
        ]
    )
    return cv2.warpAffine(
        masks.probabilities[share.sample].astype(np.float32),
        to_cells,
        (box.width, box.height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )


def paint_diver(
    canvas: np.ndarray,
    box: Box,
    probabilities: np.ndarray,
    colour: Colour,
    tint_opacity: float,
    line_px: float,
) -> None:
    """Tint and outline the diver on a picture, (H, W, 3) uint8 RGB, changed in place."""
    region = canvas[box.rows_columns]
    cover = (probabilities - TINT_FROM) / (TINT_FULL - TINT_FROM)
    cover = np.clip(cover, 0, 1) * tint_opacity
    tint = np.full_like(region, colour)
    region[:] = cv2.blendLinear(region, tint, 1 - cover, cover)
    inside = (probabilities >= DIVER_FROM).astype(np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    smooth = [_smoothed(contour, line_px) for contour in contours]
    thick = max(1, round(line_px))
    for line_colour, thickness in ((HALO, thick + 2 * max(1, round(thick / 2))), (colour, thick)):
        cv2.polylines(
            region, smooth, True, line_colour, thickness, cv2.LINE_AA, shift=SUBPIXEL_BITS
        )


def uncover_diver(
    canvas: np.ndarray, scene: np.ndarray, box: Box, probabilities: np.ndarray
) -> None:
    """Put the diver of the untouched picture back in front of what was drawn, in place."""
    inside = probabilities >= DIVER_FROM
    canvas[box.rows_columns][inside] = scene[box.rows_columns][inside]


def _smoothed(contour: np.ndarray, line_px: float) -> np.ndarray:
    """Return a contour freed of its pixel steps, in 1/16 pixels."""
    points = contour[:, 0, :].astype(np.float32)
    reach = min(round(line_px) + 1, len(points) // 8)
    around = np.concatenate([points[len(points) - reach :], points, points[:reach]])
    mean = cv2.blur(around, (1, 2 * reach + 1))[reach : len(around) - reach]
    return np.rint(mean * (1 << SUBPIXEL_BITS)).astype(np.int32)[:, None, :]
