"""The overlay's panel: the score and, step by step, what it is made of."""

from dataclasses import dataclass

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.drawing import Box, Plate
from fpcli.report.lettering import text_line
from fpcli.report.names import safe_text
from fpcli.report.overlay_style import Colour, OverlayStyle

BAR_WIDTH = 5.0  # text sizes, both sides together
BAR_HEIGHT = 0.5
ROW_HIGHLIGHT_OPACITY = 0.16


@dataclass(frozen=True)
class _Sizes:
    """Pixels of one panel's parts."""

    text: int
    small: int
    score: int
    padding: int
    line: int
    gap: int

    @staticmethod
    def of(style: OverlayStyle, text_px: int) -> "_Sizes":
        return _Sizes(
            text=text_px,
            small=max(style.least_text_px - 1, round(text_px * style.small_text)),
            score=round(text_px * style.score_text),
            padding=round(text_px * style.padding),
            line=round(text_px * style.line),
            gap=round(text_px * 0.5),
        )


def score_panel(analysis: DiveAnalysis, style: OverlayStyle, text_px: int) -> list[Plate]:
    """Return the panel in four states: with take-off, flight, entry or no step marked as now."""
    sizes = _Sizes.of(style, text_px)
    plate, rows = _panel(analysis, style, sizes)
    marked = []
    for row, colour in zip(rows, style.step_colours, strict=True):
        state = plate.copy()
        state.rectangle(row, colour, ROW_HIGHLIGHT_OPACITY, radius=sizes.text * 0.2)
        strip = Box(row.left, row.top, row.left + max(2, round(sizes.text * 0.2)), row.bottom)
        state.rectangle(strip, colour)
        marked.append(state)
    return [*marked, plate]


def small_score_panel(analysis: DiveAnalysis, style: OverlayStyle, text_px: int) -> list[Plate]:
    """Return the panel for pictures too small for more than the score, in the same four states."""
    sizes = _Sizes.of(style, text_px)
    score = text_line(numbers.points(analysis.score_points), round(text_px * 1.5), bold=True)
    plate = Plate(score.width + 2 * sizes.padding, score.alpha.shape[0] + 2 * sizes.padding)
    _ground(plate, style, sizes)
    plate.text(score, sizes.padding, sizes.padding + score.baseline, style.ink)
    return [plate] * 4


def _panel(analysis: DiveAnalysis, style: OverlayStyle, sizes: _Sizes) -> tuple[Plate, list[Box]]:
    shown = numbers.shown_breakdown(analysis)
    score = text_line(numbers.points(shown.score), sizes.score, bold=True)
    execution = text_line(f"execution {numbers.mark(analysis.mark)}", sizes.small)
    band = text_line(analysis.band, sizes.small, bold=True)
    facts = text_line(_facts(analysis), sizes.small)
    interval = text_line(_interval(analysis), sizes.small)
    total = text_line(_sum(shown), sizes.small)
    names = [text_line(step.name, sizes.text) for step in shown.steps]
    signed = [text_line(numbers.signed_points(step.total), sizes.text) for step in shown.steps]
    name_width, signed_width = (max(line.width for line in lines) for lines in (names, signed))
    bar_width = round(sizes.text * BAR_WIDTH)
    beside = max(execution.width, band.width)
    inner = max(
        score.width + sizes.gap + beside,
        facts.width,
        interval.width,
        total.width,
        name_width + bar_width + signed_width + 3 * sizes.gap,
    )
    bar_width += inner - (name_width + bar_width + signed_width + 3 * sizes.gap)

    capital = round(sizes.score * 0.73)  # height of a figure in this font, of its em
    small_line = round(sizes.small * 1.4)
    tops = _stack(
        sizes.padding,
        small_line,
        capital + sizes.gap * 2,
        small_line,
        *[sizes.line] * 3,
        small_line,
    )
    plate = Plate(inner + 2 * sizes.padding, tops[-1] + sizes.padding)
    _ground(plate, style, sizes)
    left, right = sizes.padding, sizes.padding + inner
    plate.text(facts, left, tops[0] + sizes.small, style.quiet_ink)
    base = tops[1] + sizes.gap + capital
    plate.text(score, left, base, style.ink)
    plate.text(band, right - beside, base, style.ink)
    plate.text(execution, right - beside, base - small_line, style.quiet_ink)
    plate.text(interval, left, tops[2] + sizes.small, style.quiet_ink)
    largest = max(abs(step.total) for step in shown.steps)
    rows = []
    for place, step in enumerate(shown.steps):
        top = tops[3 + place]
        base = top + round(sizes.line * 0.72)
        plate.text(names[place], left + sizes.gap // 2, base, style.ink)
        bar_left = left + name_width + round(sizes.gap * 1.5)
        bar = Box(bar_left, top, bar_left + bar_width, top + sizes.line)
        _bar(plate, bar, step.total / largest if largest else 0, style.step_colours[place], style)
        plate.text(signed[place], right - signed[place].width - sizes.gap // 2, base, style.ink)
        rows.append(Box(left - sizes.padding // 2, top, right + sizes.padding // 2, bar.bottom))
    plate.text(total, left, tops[6] + sizes.small, style.quiet_ink)
    return plate, rows


def _stack(start: int, *heights: int) -> list[int]:
    """Return the top of each line and the bottom of the last."""
    tops = [start]
    for height in heights:
        tops.append(tops[-1] + height)
    return tops


def _ground(plate: Plate, style: OverlayStyle, sizes: _Sizes) -> None:
    whole = Box(0, 0, plate.width, plate.height)
    plate.rectangle(whole, style.plate, style.plate_opacity, radius=sizes.text * 0.5)


def _bar(plate: Plate, room: Box, share: float, colour: Colour, style: OverlayStyle) -> None:
    """Draw a bar from a middle axis; share: -1 to 1 of half the room."""
    middle = (room.left + room.right) // 2
    thick = max(3, round(room.height * BAR_HEIGHT))
    top = room.top + (room.height - thick) // 2
    length = round(abs(share) * (room.width // 2 - 1))
    if length:
        left, right = (middle - length, middle) if share < 0 else (middle, middle + length)
        plate.rectangle(Box(left, top, right, top + thick), colour)
    axis = max(1, thick // 8)
    plate.rectangle(Box(middle, room.top + 1, middle + axis, room.bottom - 1), style.quiet_ink)


def _facts(analysis: DiveAnalysis) -> str:
    dive = analysis.dive
    facts = [safe_text(dive.dive_number) if dive.dive_number else "number unknown"]
    if dive.height_m is not None:
        facts.append(numbers.height(dive.height_m))
    facts.append(f"difficulty {numbers.difficulty(dive.difficulty)}")
    return " · ".join(facts)


def _interval(analysis: DiveAnalysis) -> str:
    interval = analysis.interval
    low, high = numbers.points(interval.low_points), numbers.points(interval.high_points)
    return f"{numbers.percent(interval.level)} interval {low} – {high}"


def _sum(shown: numbers.ShownBreakdown) -> str:
    return f"against exemplars' mean {numbers.points(shown.mean)}"
