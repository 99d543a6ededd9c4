"""The overlay's plate of measures: each appears at the frame in which it was seen, and stays."""

from collections.abc import Iterator
from dataclasses import dataclass

from fpcli.analysis.result import DiveAnalysis
from fpcli.report.drawing import Box, Patch, Plate
from fpcli.report.lettering import TextLine, text_line, wrap_text
from fpcli.report.measure_words import ShownMoment, shown_moments
from fpcli.report.overlay_style import Colour, OverlayStyle
from fpcli.report.plate_places import DiverWay

LINE = 1.4  # of the letters' size
EDGE = 0.25  # of the letters' size: the bar in the step's colour
GAP = 0.6
OBSERVED_OPACITY = 0.25
GREATEST_SHARE = 0.4  # of the room's area
LEAST_WRAPPED = 11.0  # of the letters' size: a plate any narrower breaks every word
NOWHERE = Box(0, 0, 0, 0)

Row = list[list[tuple[TextLine, Colour]]]  # its lines, from left to right


class MeasurePlate:
    """The measures, in a state for each frame at which one more is known.

    frames: of the source, rising. states: the plate from each of them on.
    """

    def __init__(
        self,
        analysis: DiveAnalysis,
        style: OverlayStyle,
        letters_px: int,
        *,
        most_px: int | None = None,
    ) -> None:
        """Draw every state.

        letters_px: size of the letters, pixels. most_px: its greatest width; words are broken to it
        and intervals that find no room left out.
        """
        self._style, self._letters_px, self._most_px = style, letters_px, most_px
        self._padding = round(letters_px * style.padding)
        self._line_px = round(letters_px * LINE)
        self._gap, self._edge = round(letters_px * GAP), max(2, round(letters_px * EDGE))
        moments = shown_moments(analysis)
        rows = [self._written(moment) for moment in moments]
        colours = [_colour(analysis, style, moment.frame) for moment in moments]
        self.frames = sorted({moment.frame for moment in moments})
        self.states = []
        for frame in self.frames:
            count = sum(moment.frame <= frame for moment in moments)
            plate = self._empty(rows, count)
            top = self._padding
            for row, colour, moment in zip(rows[:count], colours, moments, strict=False):
                self._draw(plate, top, row, colour, moment.is_observed)
                top += len(row) * self._line_px
            self.states.append(plate)

    def state_at(self, frame: int) -> int | None:
        """Return the place of the state that holds at a frame; None before the first measure."""
        known = sum(first <= frame for first in self.frames)
        return known - 1 if known else None

    def _written(self, moment: ShownMoment) -> Row:
        style, px = self._style, self._letters_px
        interval = text_line(moment.interval, style.small_px(px))
        if self._most_px is not None:
            room = self._most_px - 2 * self._padding - self._edge - self._gap
            words = wrap_text(f"{moment.words} {moment.value}", px, room)
            row = [[(text_line(part, px), style.ink)] for part in words]
            if moment.interval and row[-1][0][0].width + self._gap + interval.width <= room:
                row[-1].append((interval, style.quiet_ink))
            return row
        line = [(text_line(moment.words, px), style.ink)]
        if moment.value:
            line.append((text_line(moment.value, px, bold=True), style.ink))
        if moment.interval:
            line.append((interval, style.quiet_ink))
        return [line]

    def _empty(self, rows: list[Row], count: int) -> Plate:
        """Return the plate with room for some rows, as wide as the widest of all."""
        widths = [sum(self._gap + part.width for part, _ in line) for row in rows for line in row]
        plate = Plate(
            2 * self._padding + self._edge + max(widths),
            2 * self._padding + sum(map(len, rows[:count])) * self._line_px,
        )
        whole = Box(0, 0, plate.width, plate.height)
        plate.rectangle(
            whole, self._style.plate, self._style.plate_opacity, radius=self._letters_px * 0.5
        )
        return plate

    def _draw(self, plate: Plate, top: int, row: Row, colour: Colour, is_observed: bool) -> None:
        bottom = top + len(row) * self._line_px - 1
        edge = Box(self._padding, top + 1, self._padding + self._edge, bottom)
        if is_observed:
            ground = Box(edge.left, edge.top, plate.width - self._padding // 2, edge.bottom)
            plate.rectangle(ground, colour, OBSERVED_OPACITY, radius=self._edge / 2)
        plate.rectangle(edge, colour, radius=self._edge / 2)
        for place, line in enumerate(row):
            left = edge.right + self._gap
            baseline = top + place * self._line_px + round(self._line_px * 0.72)
            for part, ink in line:
                plate.text(part, left, baseline, ink)
                left += part.width + self._gap


@dataclass(frozen=True)
class _Corner:
    """Where a growing plate is held: by its left side, and by its upper or its lower edge."""

    left: int
    y: int
    grows_down: bool

    def box(self, plate: Plate) -> Box:
        top = self.y if self.grows_down else self.y - plate.height
        return Box(self.left, top, self.left + plate.width, top + plate.height)


class PlacedMeasures:
    """The plate of measures where it hides least; left out while the diver is behind it."""

    def __init__(self, plate: MeasurePlate, corners: list[_Corner], way: DiverWay) -> None:
        """Choose a corner. corners: one at least, with room for all of the plate."""
        self._plate, self._way = plate, way
        by_corner = [[corner.box(state) for state in plate.states] for corner in corners]
        boxes = min(
            by_corner, key=lambda b: float(way.covered(self._by_sample(b), splash=True).sum())
        )
        self._hidden = way.behind(self._by_sample(boxes))
        self._patches = [
            state.patch(box.left, box.top) for state, box in zip(plate.states, boxes, strict=True)
        ]

    def patch(self, frame: int) -> Patch | None:
        """Return what is shown with a frame of the source, if anything."""
        state, sample = self._plate.state_at(frame), self._way.sample_at(frame)
        if state is None or (sample is not None and self._hidden[sample]):
            return None
        return self._patches[state]

    def _by_sample(self, boxes: list[Box]) -> list[Box]:
        states = [self._plate.state_at(int(frame)) for frame in self._way.frames]
        return [NOWHERE if state is None else boxes[state] for state in states]


def place_measures(
    analysis: DiveAnalysis, style: OverlayStyle, text_px: int, room: Box, panel: Box
) -> PlacedMeasures | None:
    """Return the measures at a place in the room beside the panel; None without any, or without.

    room: the part of the picture that the timeline leaves. panel: a part of it that is taken.
    """
    if not shown_moments(analysis):
        return None
    margin = round(text_px * style.margin)
    for plate in _plates(analysis, style, text_px, max(_beside(room, panel, margin))):
        whole = plate.states[-1]
        is_small = whole.width * whole.height <= GREATEST_SHARE * room.width * room.height
        corners = list(_corners(whole, room, panel, margin))
        if corners and is_small:
            return PlacedMeasures(plate, corners, DiverWay(analysis))
    return None


def _plates(
    analysis: DiveAnalysis, style: OverlayStyle, text_px: int, beside_px: int
) -> Iterator[MeasurePlate]:
    """Yield plates that take ever less room; the last one fits in beside the panel."""
    small_px = style.small_px(text_px)
    yield MeasurePlate(analysis, style, text_px)
    yield MeasurePlate(analysis, style, small_px)
    if text_px >= style.least_text_px and beside_px >= LEAST_WRAPPED * small_px:
        yield MeasurePlate(analysis, style, small_px, most_px=beside_px)


def _beside(room: Box, panel: Box, margin: int) -> tuple[int, int]:
    """Return the pixels left and right of the panel."""
    return panel.left - margin - room.left, room.right - panel.right - margin


def _corners(plate: Plate, room: Box, panel: Box, margin: int) -> Iterator[_Corner]:
    """Yield where a plate can lie without touching the panel."""
    for left in (room.left, room.right - plate.width):
        for corner in (
            _Corner(left, room.top, True),
            _Corner(left, room.bottom, False),
            _Corner(left, panel.bottom + margin, True),
            _Corner(left, panel.top - margin, False),
        ):
            box = corner.box(plate)
            if room.contains(box) and not box.touches(panel):
                yield corner


def _colour(analysis: DiveAnalysis, style: OverlayStyle, frame: int) -> Colour:
    """Return the colour of the step in which a frame lies, the first step's before the dive."""
    begun = sum(frame >= step.first_frame for step in analysis.steps)
    return style.step_colours[max(begun - 1, 0)]
