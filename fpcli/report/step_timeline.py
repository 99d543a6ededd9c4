"""The overlay's timeline: the dive's steps over the whole video, with a cursor and the notices."""

from fpcli.analysis.result import DiveAnalysis, Flag
from fpcli.report import numbers
from fpcli.report.drawing import Box, Patch, Plate
from fpcli.report.lettering import TextLine, text_line, wrap_text
from fpcli.report.notices import notices
from fpcli.report.overlay_style import OverlayStyle
from fpcli.report.score_panel import DOUBT
from fpcli.report.words import trust_word

BAR_HEIGHT = 0.55  # text sizes
CURSOR_WIDTH = 0.22
SMALL_LINE = 1.3  # of the small text's size
GREATEST_SHARE_OF_HEIGHT = 0.3
TRACK_OPACITY = 0.28
DOUBT_WORDS = f"{DOUBT} unsure"
WIDEST_TIME, WIDEST_SPEED = "00.00 s", "00.00× "


class StepTimeline:
    """A timeline ready to be laid.

    plate: all but cursor and clock. bar: where time runs, on the plate; the whole video long.
    """

    def __init__(
        self,
        analysis: DiveAnalysis,
        style: OverlayStyle,
        text_px: int,
        width: int,
        height: int,
        *,
        paced: bool = False,
    ) -> None:
        """Draw it for a picture.

        width, height: of the picture, pixels. paced: whether the clock tells the speed too.
        """
        self._style, self._text_px, self._paced = style, text_px, paced
        self._small_px = style.small_px(text_px)
        self._padding = round(text_px * style.padding)
        self._end_s = max(analysis.source.duration_s, analysis.source.end_s)
        plate_width = width - 2 * round(text_px * style.margin)
        self._left, self._right = self._padding, plate_width - self._padding

        labels = [text_line(step.name, text_px) for step in analysis.steps]
        widest = WIDEST_SPEED + WIDEST_TIME if paced else WIDEST_TIME
        clock_room = text_line(widest, self._small_px).width + text_px
        needed = sum(label.width + text_px // 2 for label in labels) + clock_room
        self._has_labels = needed <= self._right - self._left
        self._baseline = self._padding + round(text_px * 0.95)
        bar_top = self._padding + (round(text_px * style.line) if self._has_labels else 0)
        bar_bottom = bar_top + max(4, round(text_px * BAR_HEIGHT))
        self.bar = Box(self._left, bar_top, self._right, bar_bottom)

        small_line = round(self._small_px * SMALL_LINE)
        below = bar_bottom + self._padding
        sign = text_line("!", self._small_px, bold=True)
        indent = sign.width + round(self._small_px * 0.5)
        most_lines = int((height * GREATEST_SHARE_OF_HEIGHT - below - self._padding) // small_line)
        notice_room = self._right - self._left - indent
        lines = _notice_lines(analysis, self._small_px, notice_room, max(1, most_lines))

        bottom = below + len(lines) * small_line + (self._padding if lines else 0)
        self.plate = Plate(plate_width, bottom)
        whole = Box(0, 0, plate_width, bottom)
        self.plate.rectangle(whole, style.plate, style.plate_opacity, radius=text_px * 0.5)
        middles = self._draw_bar(analysis)
        if self._has_labels:
            self._draw_labels(labels, middles, clock_room)
        if lines:
            self.plate.text(sign, self._left, below + self._small_px, style.notice_ink)
        for place, line in enumerate(lines):
            baseline = below + self._small_px + place * small_line
            words = text_line(line, self._small_px)
            self.plate.text(words, self._left + indent, baseline, style.quiet_ink)
        self._cursor = _cursor(style, text_px, self.bar.height)

    def cursor_x(self, time_s: float) -> int:
        """Return the column of a moment on the plate, pixels."""
        share = time_s / self._end_s if self._end_s > 0 else 0.0
        return self.bar.left + round(min(max(share, 0.0), 1.0) * (self.bar.width - 1))

    def moment(self, time_s: float, left: int, top: int, speed: float = 1.0) -> list[Patch]:
        """Return cursor and clock for a moment, with the plate's corner at left, top.

        speed: at which the video is played, shown where the clock is paced.
        """
        cursor_left = left + self.cursor_x(time_s) - self._cursor.width // 2
        cursor_top = top + (self.bar.top + self.bar.bottom - self._cursor.height) // 2
        patches = [self._cursor.patch(cursor_left, cursor_top)]
        if self._has_labels:
            pace = f"{speed:.2f}× " if self._paced else ""
            line = text_line(f"{pace}{numbers.seconds(time_s)} s", self._small_px)
            clock = Plate(line.width, line.alpha.shape[0])
            clock.text(line, 0, line.baseline, self._style.ink)
            clock_top = top + self._baseline - line.baseline
            patches.append(clock.patch(left + self._right - line.width, clock_top))
        return patches

    def _draw_bar(self, analysis: DiveAnalysis) -> list[int]:
        """Draw the steps in their colours and return the columns of their middles."""
        bar, style = self.bar, self._style
        self.plate.rectangle(bar, style.quiet_ink, TRACK_OPACITY, radius=bar.height / 2)
        starts = [self.cursor_x(step.start_s) for step in analysis.steps]
        ends = [*starts[1:], self.cursor_x(analysis.steps[-1].end_s) + 1]
        gap = max(1, self._text_px // 8)
        for start, end, colour in zip(starts, ends, style.step_colours, strict=True):
            if start < end:
                box = Box(start, bar.top, max(end - gap, start + 1), bar.bottom)
                self.plate.rectangle(box, colour, radius=gap)
        return [(start + end) // 2 for start, end in zip(starts, ends, strict=True)]

    def _draw_labels(self, labels: list[TextLine], middles: list[int], clock_room: int) -> None:
        lefts = spread(labels, middles, self._left, self._right - clock_room, self._text_px // 2)
        for label, left, colour in zip(labels, lefts, self._style.step_colours, strict=True):
            self.plate.text(label, left, self._baseline, colour)


def _notice_lines(analysis: DiveAnalysis, small_px: int, room: int, most_lines: int) -> list[str]:
    """Return the notices in lines: what the weights were trained on, then the weightiest.

    Where they find no room all but the first are told in a few words, and what finds none then is
    counted. Where the dive was found the timeline shows by itself. Room that is left says what the
    panel's question marks are.
    """
    told = [notice for notice in notices(analysis) if notice.flag is not Flag.TRIMMED]
    told.sort(key=lambda notice: notice.flag is not Flag.SIMULATED_TRAINING)
    if not told:
        return []
    whole = [notice.sentence for notice in told]
    brief = [whole[0], *(notice.brief for notice in told[1:])]
    lines = wrap_text(" · ".join(whole), small_px, room)
    if any(trust_word(analysis, place) for place in range(len(analysis.steps))):
        with_doubt = wrap_text(" · ".join([*whole, DOUBT_WORDS]), small_px, room)
        lines = with_doubt if len(with_doubt) <= most_lines else lines
    for kept in range(len(told), 0, -1):
        if len(lines) <= most_lines:
            break
        rest = len(told) - kept
        text = " · ".join(brief[:kept]) + (f" · and {rest} more" if rest else "")
        lines = wrap_text(text, small_px, room)
    return lines


def spread(
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
