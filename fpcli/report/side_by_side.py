"""Two dives in one picture, each drawn over its own video, in step with each other."""

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.alignment import StepAlignment
from fpcli.report.drawing import Plate
from fpcli.report.lettering import text_line
from fpcli.report.names import file_label, shorten
from fpcli.report.overlay import DiveAnnotator, Scene
from fpcli.report.overlay_style import OverlayStyle
from fpcli.video.read import Frame, iterate_frames

MOST_WIDTH_PX, MOST_HEIGHT_PX = 3840, 2160  # of both together: what players still decode
GAP = 0.004  # between the two, of the whole width
TITLE_CELLS = 60
READ_AHEAD_S = 0.5  # before the first moment: a container may round its times


def side_by_side_scenes(
    analysis: DiveAnalysis, other: DiveAnalysis, speed: float = 1.0
) -> Iterator[Scene]:
    """Yield each frame of the first dive's video with the other's frame of the same moment beside.

    speed: at which the first will be played, to be shown. Raises VideoError where a video cannot
    be read any more.
    """
    alignment = StepAlignment(analysis, other)
    layout = SideBySide(analysis, other)
    begin_s = alignment.moment(0.0) - READ_AHEAD_S
    beside = FollowedFrames(iterate_frames(other.source.path, start_s=max(begin_s, 0.0) or None))
    for frame in iterate_frames(analysis.source.path):
        partner = beside.at(alignment.moment(frame.time_s))
        paces = (speed, speed * alignment.speed(frame.time_s))

        def draw(
            frame: Frame = frame, partner: Frame = partner, paces: tuple[float, float] = paces
        ) -> np.ndarray:
            return layout.draw((frame, partner), paces)

        yield Scene(frame.index, frame.time_s, draw)


class FollowedFrames:
    """A video's frames at moments that never go back."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self._now = next(frames)
        self._next = next(frames, None)

    def at(self, time_s: float) -> Frame:
        """Return the frame that is shown at a moment; the first or last beyond the video's ends."""
        while self._next is not None and self._next.time_s <= time_s:
            self._now, self._next = self._next, next(self._frames, None)
        return self._now


class SideBySide:
    """Two pictures of one height under their files' names, never larger than players decode."""

    def __init__(self, first: DiveAnalysis, second: DiveAnalysis) -> None:
        """Lay everything out from the two sources' sizes."""
        shapes = [one.source.width_px / one.source.height_px for one in (first, second)]
        height = max(first.source.height_px, second.source.height_px)
        height = round(min(height, MOST_HEIGHT_PX, MOST_WIDTH_PX / (sum(shapes) + GAP)))
        widths = [max(round(height * shape), 1) for shape in shapes]
        title_px = min(OverlayStyle().text_px(width, height) for width in widths)
        self._panes = [
            _Pane(one, width, height, title_px)
            for one, width in zip((first, second), widths, strict=True)
        ]
        self._title_px = max(pane.title.height for pane in self._panes)
        self._gap_px = max(2, round(GAP * sum(widths)))
        self.width, self.height = sum(widths) + self._gap_px, height + self._title_px

    def draw(self, frames: tuple[Frame, Frame], speeds: tuple[float, float]) -> np.ndarray:
        """Return both frames with their dives drawn over them, (height, width, 3) uint8 RGB."""
        canvas = np.full((self.height, self.width, 3), OverlayStyle().plate, dtype=np.uint8)
        left = 0
        for pane, frame, speed in zip(self._panes, frames, speeds, strict=True):
            picture = pane.draw(frame, speed)
            canvas[self._title_px :, left : left + pane.width] = picture
            pane.title.patch(left, 0).lay(canvas)
            left += pane.width + self._gap_px
        return canvas


class _Pane:
    """One of the two pictures."""

    def __init__(self, analysis: DiveAnalysis, width: int, height: int, title_px: int) -> None:
        self.width, self.height = width, height
        fitted = _fitted(analysis, width, height)
        self._annotator = DiveAnnotator(fitted, width, height, paced=True)
        self.title = _title(analysis, width, title_px)

    def draw(self, frame: Frame, speed: float) -> np.ndarray:
        size = (self.width, self.height)
        if (frame.image.shape[1], frame.image.shape[0]) == size:
            picture = frame.image
        else:
            shrinks = frame.image.shape[0] > self.height
            how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            picture = cv2.resize(frame.image, size, interpolation=how)
        return self._annotator.annotate(picture, frame.index, frame.time_s, speed)


def _fitted(analysis: DiveAnalysis, width: int, height: int) -> DiveAnalysis:
    """Return an analysis whose boxes, windows and track lie on a picture of another size."""
    across, down = width / analysis.source.width_px, height / analysis.source.height_px
    scale = np.array([across, down, across, down], dtype=np.float32)
    masks = dataclasses.replace(
        analysis.masks,
        boxes_px=analysis.masks.boxes_px * scale,
        windows_px=analysis.masks.windows_px * scale,
    )
    track = analysis.track
    if track is not None:
        track = dataclasses.replace(track, places_px=track.places_px * scale[:2])
    return dataclasses.replace(analysis, masks=masks, track=track)


def _title(analysis: DiveAnalysis, width: int, text_px: int) -> Plate:
    """Return a line with the file's name, cut to the picture's width."""
    style = OverlayStyle()
    margin = round(text_px * style.margin)
    name = file_label(analysis.source.path)
    for cells in range(TITLE_CELLS, 0, -1):
        line = text_line(shorten(name, cells), text_px, bold=True)
        if line.width <= width - 2 * margin:
            break
    plate = Plate(width, round(text_px * (style.line + style.padding)))
    plate.text(line, margin, (plate.height + round(0.7 * text_px)) // 2, style.ink)
    return plate
