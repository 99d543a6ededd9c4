"""The film strip: key frames of a dive, cut around the diver, with the mask's outline."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from fpcli.analysis.result import DiveAnalysis
from fpcli.errors import VideoError
from fpcli.report.diver_mask import paint_diver
from fpcli.report.drawing import Box
from fpcli.report.overlay_style import OverlayStyle
from fpcli.video.cut import cut_window
from fpcli.video.read import iterate_frames

PICTURES = (3, 8, 4)  # of take-off, flight and entry, and one of the end
PACES = (1, 1, 2)  # power by which they thin out: of an entry the body counts, not the water after
PICTURE_PX = 320
OUTLINE_PX = 2.0
TINT_OPACITY = 0.0  # the outline alone: a judge wants to see the diver
JPEG_QUALITY = 85
ROOM = 1.7  # side of the cut in sides of the diver's largest box
READ_AHEAD_S = 0.5  # before the first key frame: a container may round its times
LEAST_SIDE_PX = 48  # of the source: a smaller cut shows blocks, not a body


@dataclass(frozen=True)
class KeyFrame:
    """A picture of the film strip.

    sample: its place among the 96. step: 0 to 2. has_diver: whether the mask found somebody.
    """

    sample: int
    frame: int
    time_s: float
    step: int
    has_diver: bool
    jpeg: bytes = field(repr=False)


def key_samples(analysis: DiveAnalysis) -> list[int]:
    """Return samples spread over each step, its first and the dive's last among them.

    No frame comes twice: of samples that repeat one the last counts, which lies in the later step.
    """
    last = len(analysis.sample_frames) - 1
    begins = [0, *(transition.sample for transition in analysis.transitions), last]
    spread = [last]
    for begin, end, count, pace in zip(begins[:-1], begins[1:], PICTURES, PACES, strict=True):
        shares = np.linspace(0, 1, count, endpoint=False) ** pace
        spread += (begin + shares * (end - begin)).round().astype(int).tolist()
    by_frame = {int(analysis.sample_frames[sample]): sample for sample in sorted(spread)}
    return sorted(by_frame.values())


def key_frames(analysis: DiveAnalysis) -> tuple[KeyFrame, ...]:
    """Read the key frames from the video.

    Raises VideoError where the video cannot be read any more, or is another one now.
    """
    samples = {int(analysis.sample_frames[sample]): sample for sample in key_samples(analysis)}
    windows = _windows(analysis)
    source = analysis.source
    made: list[KeyFrame] = []
    for frame in iterate_frames(source.path, start_s=_reading_from(analysis)):
        if len(made) == len(samples):
            break
        sample = samples.get(frame.index)
        if sample is None:
            continue
        if frame.image.shape[:2] != (source.height_px, source.width_px):
            break
        picture = cut_window(frame.image, windows[sample], PICTURE_PX)
        has_diver = _outline(picture, analysis, sample, windows[sample])
        step, time_s = step_of(analysis, sample), float(analysis.sample_times_s[sample])
        made.append(KeyFrame(sample, frame.index, time_s, step, has_diver, _jpeg(picture)))
    if len(made) < len(samples):
        raise VideoError(
            f"{source.path.name} is not the video that was analysed any more.",
            "Analyse it again.",
        )
    return tuple(made)


def _reading_from(analysis: DiveAnalysis) -> float | None:
    """Return the second to read from; None for the video's beginning."""
    begins_s = float(analysis.sample_times_s[0]) - READ_AHEAD_S
    return begins_s if begins_s > 0 else None


def _windows(analysis: DiveAnalysis) -> np.ndarray:
    """Return what is cut out of the source for each sample, (96, 3) left, top, side in pixels.

    Where the network's picture follows the diver, just that. Where it stands still, a square of one
    size around his box, or where he is not seen around the middle of the network's picture.
    """
    boxes, nets = analysis.masks.boxes_px, analysis.masks.windows_px
    sides = (nets[:, 2:] - nets[:, :2]).max(axis=1)
    if (nets != nets[0]).any():
        return np.column_stack([nets[:, :2], sides])
    seen = np.isfinite(boxes).all(axis=1)
    largest = float((boxes[seen, 2:] - boxes[seen, :2]).max()) if seen.any() else sides[0]
    side = round(min(max(ROOM * largest, LEAST_SIDE_PX), sides[0]))
    corners = np.where(seen[:, None], _middles(boxes), _middles(nets)) - side / 2
    room = np.maximum(np.array([analysis.source.width_px, analysis.source.height_px]) - side, 0)
    return np.column_stack([np.clip(corners, 0, room).round(), np.full(len(boxes), side)])


def _middles(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _outline(picture: np.ndarray, analysis: DiveAnalysis, sample: int, window: np.ndarray) -> bool:
    """Draw the mask's outline on a cut picture, in place; return whether there is a diver."""
    probabilities = analysis.masks.probabilities[sample]
    rows, columns = probabilities.shape
    x0, y0, x1, y1 = (float(edge) for edge in analysis.masks.windows_px[sample])
    cells_x, cells_y = columns / (x1 - x0), rows / (y1 - y0)
    step = window[2] / PICTURE_PX  # pixels of the source that one of the picture shows
    to_cells = np.array(
        [
            [step * cells_x, 0, (window[0] + step / 2 - x0) * cells_x - 0.5],
            [0, step * cells_y, (window[1] + step / 2 - y0) * cells_y - 0.5],
        ]
    )
    placed = cv2.warpAffine(
        probabilities.astype(np.float32),
        to_cells,
        (PICTURE_PX, PICTURE_PX),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
    )
    colour = OverlayStyle().step_colours[step_of(analysis, sample)]
    whole = Box(0, 0, PICTURE_PX, PICTURE_PX)
    paint_diver(picture, whole, placed, colour, TINT_OPACITY, OUTLINE_PX)
    return bool(np.isfinite(analysis.masks.boxes_px[sample]).all())


def step_of(analysis: DiveAnalysis, sample: int) -> int:
    """Return the step that a sample belongs to, 0 to 2."""
    return sum(sample >= transition.sample for transition in analysis.transitions)


def _jpeg(picture: np.ndarray) -> bytes:
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
    return bytes(data)
