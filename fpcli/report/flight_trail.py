"""The diver's way through the air, drawn behind him: where he was, not where he will be."""

import cv2
import numpy as np

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.diver_mask import HALO, SUBPIXEL_BITS
from fpcli.report.overlay_style import OverlayStyle


def paint_trail(
    canvas: np.ndarray, analysis: DiveAnalysis, time_s: float, style: OverlayStyle, line_px: float
) -> None:
    """Draw the way flown until a moment of the source, in the steps' colours.

    canvas: (H, W, 3) uint8 RGB of the source's size, changed in place; left as it is before the
    take-off and where no diver was followed.
    """
    if analysis.track is None:
        return
    moments, places = analysis.track.covered(time_s)
    if len(moments) < 2:
        return
    thick = max(1, round(line_px))
    _line(canvas, places, HALO, thick + 2 * max(1, round(thick / 2)))
    for step, colour in zip(analysis.steps, style.step_colours, strict=True):
        inside = np.flatnonzero((moments >= step.start_s) & (moments < step.end_s))
        if len(inside):
            _line(canvas, places[inside[0] : inside[-1] + 2], colour, thick)


def _line(canvas: np.ndarray, places: np.ndarray, colour: tuple[int, int, int], thick: int) -> None:
    points = np.rint((places - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)  # of pixel centres
    cv2.polylines(canvas, [points[:, None]], False, colour, thick, cv2.LINE_AA, SUBPIXEL_BITS)
