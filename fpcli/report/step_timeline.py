"""The overlay's timeline: the dive's steps over the whole video, with a cursor and the notices."""

from dataclasses import dataclass

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.drawing import Box, Patch, Plate
from fpcli.report.lettering import TextLine, text_line, wrap_text
from fpcli.report.notices import notices
from fpcli.report.overlay_style import OverlayStyle

BAR_HEIGHT = 0.55  # text sizes
CURSOR_WIDTH = 0.22
SMALL_LINE = 1.3  # of the small text's size
GREATEST_SHARE_OF_HEIGHT = 0.3
TRACK_OPACITY = 0.28
WIDEST_TIME = "00.00 s"


@dataclass(frozen=True, eq=False)
class StepTimeline:
    """A timeline ready to be laid. plate: all but the cursor. bar: where time runs, on the plate.

    start_s, end_s: the times at the bar's ends. cursor: laid with its middle on the moment.
    """

    plate: Plate
    bar: Box
    start_s: float
    end_s: float
    cursor: Plate
    time_right: int
    time_baseline: int
    time_px: int
    style: OverlayStyle

    def cursor_x(self, time_s: float) -> int:
        """Return the column of a moment on the plate, pixels."""
        span = self.end_s - self.start_s
        share = (time_s - self.start_s) / span if span > 0 else 0.0
        return self.bar.left + round(min(max(share, 0.0), 1.0) * (self.bar.width - 1))

    def moment(self, time_s: float, left: int, top: int) -> tuple[Patch, Patch]:
        """Return cursor and clock for a moment, with the plate's corner at left, top."""
        cursor_left = left + self.cursor_x(time_s) - self.cursor.width // 2
        cursor_top = top + (self.bar.top + self.bar.bottom - self.cursor.height) // 2
        line = text_line(f"{numbers.seconds(time_s)} s", self.time_px)
        clock = Plate(line.width, line.alpha.shape[0])
        clock.text(line, 0, line.baseline, self.style.ink)
        clock_top = top + self.time_baseline - line.baseline
        return (
            self.cursor.patch(cursor_left, cursor_top),
            clock.patch(left + self.time_right - line.width, clock_top),
        )


def step_timeline(
    analysis: DiveAnalysis, style: OverlayStyle, text_px: int, width: int, height: int
) -> StepTimeline:
    """Make the timeline for a picture. width, height: of the picture, pixels."""
    small_px = style.small_px(text_px)
    padding = round(text_px * style.padding)
    bar_px = max(4, round(text_px * BAR_HEIGHT))
    small_line = round(small_px * SMALL_LINE)
    plate_width = width - 2 * round(text_px * style.margin)
    inner = plate_width - 2 * padding

    labels_height = round(text_px * style.line)
    bar_top = padding + labels_height
    clock_room = text_line(WIDEST_TIME, small_px).width + text_px
    fixed = bar_top + bar_px + 2 * padding
    most_lines = max(1, int((height * GREATEST_SHARE_OF_HEIGHT - fixed) // small_line))
    sign = text_line("!", small_px, bold=True)
    indent = sign.width + round(small_px * 0.5)
    lines = _notice_lines(analysis, small_px, inner - indent, most_lines)

    plate = Plate(plate_width, fixed + len(lines) * small_line)
    whole = Box(0, 0, plate.width, plate.height)
    plate.rectangle(whole, style.plate, style.plate_opacity, radius=text_px * 0.5)
    bar = Box(padding, bar_top, padding + inner, bar_top + bar_px)
    start_s, end_s = 0.0, max(analysis.source.duration_s, analysis.source.end_s)
    baseline = padding + round(text_px * 0.95)
    timeline = StepTimeline(
        plate,
        bar,
        start_s,
        end_s,
        _cursor(style, text_px, bar_px),
        time_right=padding + inner,
        time_baseline=baseline,
        time_px=small_px,
        style=style,
    )
    _draw_steps(timeline, analysis, text_px, clock_room)
    if lines:
        plate.text(sign, padding, bar.bottom + padding + small_px, style.notice_ink)
    for place, line in enumerate(lines):
        row = bar.bottom + padding + small_px + place * small_line
        plate.text(text_line(line, small_px), padding + indent, row, style.quiet_ink)
    return timeline


def _notice_lines(analysis: DiveAnalysis, small_px: int, room: int, most_lines: int) -> list[str]:
    """Return the notices in lines, the weightiest first; what finds no room is counted."""
    sentences = [notice.sentence for notice in notices(analysis)]
    lines: list[str] = []
    for kept in range(len(sentences), 0, -1):
        rest = len(sentences) - kept
        text = " · ".join(sentences[:kept]) + (f" · and {rest} more" if rest else "")
        lines = wrap_text(text, small_px, room)
        if len(lines) <= most_lines:
            break
    return lines


def _draw_steps(
    timeline: StepTimeline, analysis: DiveAnalysis, text_px: int, clock_room: int
) -> None:
    plate, bar, style = timeline.plate, timeline.bar, timeline.style
    plate.rectangle(bar, style.quiet_ink, TRACK_OPACITY, radius=bar.height / 2)
    starts = [timeline.cursor_x(step.start_s) for step in analysis.steps]
    ends = [*starts[1:], timeline.cursor_x(_end_s(analysis)) + 1]
    gap = max(1, text_px // 8)
    for start, end, colour in zip(starts, ends, style.step_colours, strict=True):
        box = Box(start, bar.top, max(end - gap, start + 1), bar.bottom)
        plate.rectangle(box, colour, radius=gap)
    labels = [text_line(step.name, text_px) for step in analysis.steps]
    middles = [(start + end) // 2 for start, end in zip(starts, ends, strict=True)]
    lefts = _spread(labels, middles, bar.left, bar.right - clock_room, text_px // 2)
    for label, left, colour in zip(labels, lefts, style.step_colours, strict=True):
        plate.text(label, left, timeline.time_baseline, colour)


def _end_s(analysis: DiveAnalysis) -> float:
    """Return when the dive's last frame ends, seconds."""
    source = analysis.source
    whole = source.last_frame >= source.frame_count - 1
    return source.duration_s if whole else source.end_s


def _spread(
    labels: list[TextLine], middles: list[int], least: int, greatest: int, gap: int
) -> list[int]:
    """Return the left edges of labels near their middles, in order, without touching.

    least, greatest: the columns between which they stay.
    """
    lefts: list[int] = []
    for label, middle in zip(labels, middles, strict=True):
        lefts.append(max(middle - label.width // 2, least))
        least = lefts[-1] + label.width + gap
    for place in range(len(labels) - 1, -1, -1):
        lefts[place] = min(lefts[place], greatest - labels[place].width)
        greatest = lefts[place] - gap
    return lefts


def _cursor(style: OverlayStyle, text_px: int, bar_px: int) -> Plate:
    width = max(3, round(text_px * CURSOR_WIDTH))
    width += 1 - width % 2
    height = bar_px + 2 * max(3, round(text_px * 0.3))
    plate = Plate(width + 2, height + 2)
    plate.rectangle(Box(0, 0, width + 2, height + 2), style.plate, 0.9, radius=width / 2 + 1)
    plate.rectangle(Box(1, 1, width + 1, height + 1), style.ink, radius=width / 2)
    return plate
