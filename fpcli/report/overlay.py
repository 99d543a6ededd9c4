"""The overlay: the source's own pictures with the diver, the steps and the score laid over them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.diver_mask import paint_diver, probabilities_at, shares_at, uncover_diver
from fpcli.report.drawing import Box, Patch, Plate
from fpcli.report.flight_trail import paint_trail
from fpcli.report.measure_plate import place_measures
from fpcli.report.overlay_style import OverlayStyle
from fpcli.report.plate_places import DiverWay
from fpcli.report.score_panel import PanelDetail, score_panel
from fpcli.report.step_timeline import StepTimeline
from fpcli.video.read import Frame, iterate_frames
from fpcli.video.write import VideoWriter, check_target

LEAST_PICTURE_PX = 96  # smaller ones have no room for letters
GREATEST_PANEL_SHARE = 0.18  # of the picture's area
FAINT = 0.3  # opacity of a plate while the diver is behind it


@dataclass(frozen=True)
class Scene:
    """A picture to come, drawn when it is wanted.

    frame, time_s: of the analysed video. draw: returns (H, W, 3) uint8 RGB.
    """

    frame: int
    time_s: float
    draw: Callable[[], np.ndarray]


class DiveAnnotator:
    """Draws one analysis over pictures of its video; plates are made once, here."""

    def __init__(
        self,
        analysis: DiveAnalysis,
        width: int,
        height: int,
        style: OverlayStyle | None = None,
        *,
        paced: bool = False,
    ) -> None:
        """Lay everything out.

        width, height: of the pictures, pixels. paced: whether the clock tells the speed too.
        """
        self.analysis = analysis
        self._paced = paced
        self.style = style or OverlayStyle()
        self.width, self.height = width, height
        self._text_px = self.style.text_px(width, height)
        self._has_plates = min(width, height) >= LEAST_PICTURE_PX
        if self._has_plates:
            self._lay_out()

    def _lay_out(self) -> None:
        margin = round(self._text_px * self.style.margin)
        self._way = DiverWay(self.analysis)
        self.timeline = StepTimeline(
            self.analysis,
            self.style,
            self._text_px,
            self.width,
            self.height,
            paced=self._paced,
        )
        strip = self.timeline.plate
        bottom = self.height - margin - strip.height
        strips = [_at(margin, bottom, strip), _at(margin, margin, strip)]
        self._timeline_box = min(strips, key=self._way.covered_by)
        self._timeline = _Stepping([strip], self._timeline_box, self._way)

        taken = strip.height + margin
        at_top = self._timeline_box.top == margin
        room = Box(
            margin,
            margin + (taken if at_top else 0),
            self.width - margin,
            self.height - margin - (0 if at_top else taken),
        )
        states, panel_box = self._panel(room)
        self._panel_patches = _Stepping(states, panel_box, self._way)
        self._measures = place_measures(self.analysis, self.style, self._text_px, room, panel_box)

    def _panel(self, room: Box) -> tuple[list[Plate], Box]:
        """Return the panel's states and its corner of the room.

        In the greatest detail that leaves the picture most of its room and never lies over the
        diver; where none stays off him, in the one that hides him least, with the steps if it can.
        """
        fitting: list[tuple[list[Plate], Box]] = []
        for detail in PanelDetail:
            states = score_panel(self.analysis, self.style, self._text_px, detail)
            panel = states[0]
            share = panel.width * panel.height / (self.width * self.height)
            is_last = detail is PanelDetail.SCORE
            if not is_last and (share > GREATEST_PANEL_SHARE or panel.height > room.height):
                continue
            if is_last and fitting:
                break
            lefts, tops = (
                (room.left, room.right - panel.width),
                (room.top, room.bottom - panel.height),
            )
            box = min((_at(x, y, panel) for y in tops for x in lefts), key=self._way.covered_by)
            fitting.append((states, box))
            if not self._way.covered_by(box):
                break
        return min(fitting, key=lambda found: self._way.covered_by(found[1]))

    def annotate(
        self, scene: np.ndarray, frame_index: int, time_s: float, speed: float = 1.0
    ) -> np.ndarray:
        """Return a picture with the dive drawn over it; the scene itself if there is nothing to.

        scene: (H, W, 3) uint8 RGB, left as it is. frame_index: its place in the source. time_s:
        its time in the source, seconds. speed: at which it is played, told by a paced clock.
        Raises ValueError for a scene of another size.
        """
        if scene.shape != (self.height, self.width, 3):
            raise ValueError(f"scene must be ({self.height}, {self.width}, 3), not {scene.shape}")
        shares = shares_at(self.analysis, frame_index, time_s)
        diver = probabilities_at(self.analysis.masks, shares, self.width, self.height)
        if diver is None and not self._has_plates:
            return scene
        canvas = np.ascontiguousarray(scene).copy()
        step = self._step(frame_index)
        line_px = self.style.outline_px(self.width, self.height)
        paint_trail(canvas, self.analysis, time_s, self.style, line_px)
        if diver is not None:
            box, probabilities = diver
            colour = self.style.step_colours[0 if step is None else step]
            uncover_diver(canvas, scene, box, probabilities)
            paint_diver(canvas, box, probabilities, colour, self.style.tint_opacity, line_px)
        if self._has_plates:
            for patch in self._patches(step, frame_index, time_s, speed):
                patch.lay(canvas)
        return canvas

    def _patches(
        self, step: int | None, frame_index: int, time_s: float, speed: float
    ) -> Iterator[Patch]:
        yield self._panel_patches.at(frame_index, -1 if step is None else step)
        yield self._timeline.at(frame_index)
        box = self._timeline_box
        yield from self.timeline.moment(time_s, box.left, box.top, speed)
        measured = self._measures and self._measures.patch(frame_index)
        if measured:
            yield measured

    def _step(self, frame_index: int) -> int | None:
        """Return the step that a frame belongs to; None outside the dive."""
        steps = self.analysis.steps
        if not steps[0].first_frame <= frame_index <= steps[-1].last_frame:
            return None
        begun = [place for place, step in enumerate(steps) if frame_index >= step.first_frame]
        return begun[-1]


def _at(left: int, top: int, plate: Plate) -> Box:
    return Box(left, top, left + plate.width, top + plate.height)


class _Stepping:
    """A plate in its states that steps back, faint, while the diver is behind it."""

    def __init__(self, states: list[Plate], box: Box, way: DiverWay) -> None:
        self._way, self._behind = way, way.behind([box] * len(way.frames))
        opacities = (1.0, FAINT) if self._behind.any() else (1.0,)
        self._patches = [
            [state.patch(box.left, box.top, opacity) for state in states] for opacity in opacities
        ]

    def at(self, frame: int, state: int = 0) -> Patch:
        """Return the plate as it is laid over a frame of the source."""
        sample = self._way.sample_at(frame)
        is_behind = sample is not None and bool(self._behind[sample])
        return self._patches[is_behind][state]


def overlay_scenes(analysis: DiveAnalysis, speed: float = 1.0) -> Iterator[Scene]:
    """Yield each frame of the analysed video, to be drawn over.

    speed: at which it will be played, to be shown. Raises VideoError where the video cannot be
    read any more.
    """
    frames = iterate_frames(analysis.source.path)
    first = next(frames)
    height, width = first.image.shape[:2]
    annotator = DiveAnnotator(analysis, width, height, paced=speed != 1)
    for frame in chain([first], frames):

        def draw(frame: Frame = frame) -> np.ndarray:
            return annotator.annotate(frame.image, frame.index, frame.time_s, speed)

        yield Scene(frame.index, frame.time_s, draw)


def write_overlay(
    analysis: DiveAnalysis,
    out: Path,
    *,
    scenes: Iterator[Scene] | None = None,
    speed: float = 1.0,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the analysed video with the dive drawn over it: its frame times, and its sound.

    scenes: other pictures of the video than those of `overlay_scenes`. speed: of 1; slower ones
    stretch the frame times and leave the sound out. progress: called with (frames written, frames
    in all) after each. `out` appears only when it is complete. Raises OutputError where `out`
    exists and overwrite is false, is the source, or cannot be written; VideoError where the source
    cannot be read any more.
    """
    path, count = analysis.source.path, analysis.source.frame_count
    check_target(out, source=path, overwrite=overwrite)
    scenes = overlay_scenes(analysis, speed) if scenes is None else scenes
    first = next(scenes)  # an unreadable source is told before anything is written
    height, width = first.draw().shape[:2]
    sound = path if speed == 1 else None
    with VideoWriter(out, width=width, height=height, source=sound, overwrite=overwrite) as writer:
        for done, scene in enumerate(chain([first], scenes), start=1):
            writer.write(scene.draw(), scene.time_s / speed)
            if progress is not None:
                progress(done, count)
