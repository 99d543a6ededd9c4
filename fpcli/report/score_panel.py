"""The overlay's panel: the score and, step by step, what it is made of."""

from dataclasses import dataclass
from enum import Enum, auto

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.drawing import Box, Plate
from fpcli.report.lettering import TextLine, text_line
from fpcli.report.overlay_style import Colour, OverlayStyle
from fpcli.report.words import band_words, interval_ends, mark_name, means_nothing, trust_word
from fpcli.text import printable

BAR_WIDTH = 6.0  # text sizes, both sides together
BAR_HEIGHT = 0.5
DOUBT = "?"  # beside points that are a guess or unsure
ROW_HIGHLIGHT_OPACITY = 0.16
FIGURE_HEIGHT = 0.73  # of a font's em, in DejaVu Sans


@dataclass(frozen=True)
class _Sizes:
    """Pixels of one panel's parts."""

    text: int
    small: int
    score: int
    padding: int
    row: int
    small_row: int
    gap: int

    @staticmethod
    def of(style: OverlayStyle, text_px: int) -> "_Sizes":
        small = style.small_px(text_px)
        return _Sizes(
            text=text_px,
            small=small,
            score=round(text_px * style.score_text),
            padding=round(text_px * style.padding),
            row=round(text_px * style.line),
            small_row=round(small * style.line),
            gap=round(text_px * 0.5),
        )


class PanelDetail(Enum):
    """How much a panel says, for pictures with ever less room."""

    FULL = auto()
    INTERVAL = auto()  # the score with its interval, and the steps
    STEPS = auto()  # the score and the steps, nothing in small letters
    SCORE = auto()


def score_panel(
    analysis: DiveAnalysis, style: OverlayStyle, text_px: int, detail: PanelDetail
) -> list[Plate]:
    """Return the panel in four states: with take-off, flight, entry or no step marked as now."""
    sizes = _Sizes.of(style, text_px)
    if detail is PanelDetail.SCORE:
        return [_score_alone(analysis, style, sizes)] * 4
    panel = _Panel(analysis, style, sizes, detail)
    states = []
    for row, colour in zip(panel.rows, style.step_colours, strict=True):
        state = panel.plate.copy()
        state.rectangle(row, colour, ROW_HIGHLIGHT_OPACITY, radius=text_px * 0.2)
        edge = Box(row.left, row.top, row.left + max(2, round(text_px * 0.2)), row.bottom)
        state.rectangle(edge, colour)
        states.append(state)
    return [*states, panel.plate]


def _score_alone(analysis: DiveAnalysis, style: OverlayStyle, sizes: _Sizes) -> Plate:
    score = text_line(numbers.points(analysis.score_points), round(sizes.text * 1.5), bold=True)
    plate = Plate(score.width + 2 * sizes.padding, score.alpha.shape[0] + 2 * sizes.padding)
    _ground(plate, style, sizes)
    plate.text(score, sizes.padding, sizes.padding + score.baseline, style.ink)
    return plate


class _Panel:
    """The panel without a marked step. rows: where the steps' lines lie on it."""

    def __init__(
        self, analysis: DiveAnalysis, style: OverlayStyle, sizes: _Sizes, detail: PanelDetail
    ) -> None:
        self._style, self._sizes = style, sizes
        full = detail is PanelDetail.FULL
        has_interval = full or detail is PanelDetail.INTERVAL
        shown = numbers.shown_breakdown(analysis)
        small = sizes.small
        self._above = [text_line(_facts(analysis), small)] if full else []
        self._score = text_line(numbers.points(shown.score), sizes.score, bold=True)
        self._execution = text_line(f"{mark_name(analysis)} {numbers.mark(analysis.mark)}", small)
        self._band = text_line(band_words(analysis), small, bold=True)
        self._below = [text_line(_interval(analysis), small)] if has_interval else []
        self._names = [text_line(step.name, sizes.text) for step in shown.steps]
        self._signed = [
            text_line(numbers.signed_points(step.total), sizes.text) for step in shown.steps
        ]
        self._doubt = text_line(DOUBT, sizes.text, bold=True)
        self._doubted = [bool(trust_word(analysis, place)) for place in range(len(shown.steps))]
        self._last = [text_line(_sum(shown), small)] if full else []
        scale = numbers.bar_scale(analysis)
        self._shares = [numbers.bar_share(step.total, scale) for step in shown.steps]

        self._left, self._right = sizes.padding, sizes.padding + self._inner_width()
        self.plate = Plate(self._right + sizes.padding, self._height())
        _ground(self.plate, style, sizes)
        top = self._draw_result(sizes.padding)
        self.rows, top = self._draw_steps(top + sizes.gap)
        self._draw_small(self._last, top + sizes.gap)

    def _height(self) -> int:
        sizes = self._sizes
        small_lines = [*self._above, *self._below, *self._last]
        gaps = sum(map(bool, (self._above, self._below, self._last))) + 1
        height = 2 * sizes.padding + round(sizes.score * FIGURE_HEIGHT) + gaps * sizes.gap
        return height + len(small_lines) * sizes.small_row + len(self._names) * sizes.row

    def _inner_width(self) -> int:
        beside = max(self._execution.width, self._band.width)
        step = self._name_width + self._signed_width + round(self._sizes.text * BAR_WIDTH)
        return max(
            self._score.width + self._sizes.text + beside,
            step + 3 * self._sizes.gap,
            *(line.width for line in (*self._above, *self._below, *self._last)),
        )

    @property
    def _name_width(self) -> int:
        return max(line.width for line in self._names)

    @property
    def _signed_width(self) -> int:
        return max(line.width for line in self._signed)

    @property
    def _doubt_room(self) -> int:
        """Pixels that the bars leave to question marks."""
        return self._doubt.width + self._sizes.gap // 2 if any(self._doubted) else 0

    def _draw_small(self, lines: list[TextLine], top: int) -> int:
        """Write small lines and return the row below them."""
        for line in lines:
            self.plate.text(line, self._left, top + self._sizes.small, self._style.quiet_ink)
            top += self._sizes.small_row
        return top

    def _draw_result(self, top: int) -> int:
        """Write dive, score, execution mark and interval; return the row below them."""
        sizes, style = self._sizes, self._style
        if self._above:
            top = self._draw_small(self._above, top) + sizes.gap
        base = top + round(sizes.score * FIGURE_HEIGHT)
        self.plate.text(self._score, self._left, base, style.ink)
        beside = self._right - max(self._execution.width, self._band.width)
        self.plate.text(self._execution, beside, base - sizes.small_row, style.quiet_ink)
        self.plate.text(self._band, beside, base, style.ink)
        return self._draw_small(self._below, base + sizes.gap) if self._below else base

    def _draw_steps(self, top: int) -> tuple[list[Box], int]:
        """Write a line a step; return where the lines lie and the row below them."""
        sizes, style = self._sizes, self._style
        rows = []
        for place, name in enumerate(self._names):
            beyond = sizes.padding // 2
            row = Box(self._left - beyond, top, self._right + beyond, top + sizes.row)
            base = top + round(sizes.row * 0.72)
            self.plate.text(name, self._left + sizes.gap // 2, base, style.ink)
            signed = self._signed[place]
            signed_right = self._right - sizes.gap // 2 - self._doubt_room
            self.plate.text(signed, signed_right - signed.width, base, style.ink)
            if self._doubted[place]:
                doubt_left = signed_right + sizes.gap // 2
                self.plate.text(self._doubt, doubt_left, base, style.notice_ink)
            bar_left = self._left + self._name_width + round(1.5 * sizes.gap)
            points_width = self._signed_width + self._doubt_room
            bar_right = self._right - points_width - round(1.5 * sizes.gap)
            room = Box(bar_left, row.top, bar_right, row.bottom)
            self._bar(room, self._shares[place], style.step_colours[place])
            rows.append(row)
            top = row.bottom
        return rows, top

    def _bar(self, room: Box, share: float, colour: Colour) -> None:
        """Draw a bar from a middle axis; share: -1 to 1 of half the room."""
        middle = (room.left + room.right) // 2
        thick = max(3, round(room.height * BAR_HEIGHT))
        top = room.top + (room.height - thick) // 2
        length = round(abs(share) * (room.width // 2 - 1))
        if length:
            left, right = (middle - length, middle) if share < 0 else (middle, middle + length)
            self.plate.rectangle(Box(left, top, right, top + thick), colour)
        axis = Box(middle, room.top + 1, middle + max(1, thick // 8), room.bottom - 1)
        self.plate.rectangle(axis, self._style.quiet_ink)


def _ground(plate: Plate, style: OverlayStyle, sizes: _Sizes) -> None:
    whole = Box(0, 0, plate.width, plate.height)
    plate.rectangle(whole, style.plate, style.plate_opacity, radius=sizes.text * 0.5)


def _facts(analysis: DiveAnalysis) -> str:
    dive = analysis.dive
    facts = [printable(dive.dive_number) if dive.dive_number else "number unknown"]
    if dive.synchro:
        facts.append("synchro")
    if dive.height_m is not None:
        facts.append(numbers.height(dive.height_m))
    facts.append(f"difficulty {numbers.difficulty(dive.difficulty)}")
    return " · ".join(facts)


def _interval(analysis: DiveAnalysis) -> str:
    if means_nothing(analysis):
        return "no dive found: means nothing"
    return f"{numbers.percent(analysis.interval.level)} interval {interval_ends(analysis)}"


def _sum(shown: numbers.ShownBreakdown) -> str:
    text = f"exemplars' mean {numbers.points(shown.mean)} {numbers.added_points(shown.difference)}"
    return f"{text} {numbers.added_points(shown.limit)} limit" if shown.limit else text
