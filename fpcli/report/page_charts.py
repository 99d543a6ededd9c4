"""The pages' charts as SVG: as wide as their place, letters of one size, sense without colour."""

from collections.abc import Iterator, Sequence

import numpy as np

from fpcli.analysis.result import DiveAnalysis, Vote
from fpcli.diving.marks import HIGHEST_MARK
from fpcli.report import numbers
from fpcli.report.curves import transition_curve
from fpcli.report.page_parts import Markup, element, joined
from fpcli.report.words import interval_words

BAND_PX, HATCH_PX = 24, 6
PLOT_TOP_PX, PLOT_PX = 40, 64
TICK_PX, LABEL_PX = 6, 18
TIMELINE_PX = PLOT_TOP_PX + PLOT_PX + LABEL_PX + 4
CURVE_UNITS = 1000  # across the plot, as wide as it may be on the screen
PROBABILITY_TOPS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
TICK_STEPS_S = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 7
NAMED_FROM_SHARE = 7.0  # per cent of the width: a narrower step shows its number alone
NAMED_ON_PHONES_FROM_SHARE = 16.0
LANE_PX, ROW_PX = 9, 26
MARK_STEP = 2

_HATCHES = (  # of take-off, flight, entry: dots, slants, upright lines
    "M1 3h2",
    "M-1 7L7 -1",
    "M3 0v6",
)


class TimeAxis:
    """Where a moment of the dive lies across a chart."""

    def __init__(self, analysis: DiveAnalysis) -> None:
        self.start_s = min(analysis.steps[0].start_s, float(analysis.sample_times_s[0]))
        self.end_s = max(analysis.steps[-1].end_s, float(analysis.sample_times_s[-1]))

    def share(self, time_s: float) -> float:
        """Return per cent of the width."""
        span = self.end_s - self.start_s
        return min(max(100 * (time_s - self.start_s) / span, 0.0), 100.0) if span > 0 else 0.0

    def ticks(self) -> Iterator[float]:
        """Yield round moments, seconds."""
        span = self.end_s - self.start_s
        step = next((s for s in TICK_STEPS_S if span / s <= MOST_TICKS), TICK_STEPS_S[-1])
        for place in range(int(np.ceil(self.start_s / step)), int(self.end_s / step) + 1):
            yield place * step


def timeline(analysis: DiveAnalysis, key_times_s: Sequence[float]) -> Markup:
    """Return the steps over time and, below, how probable each transition is at each moment.

    key_times_s: when the pictures of the film strip were taken; each gets a tick.
    """
    axis = TimeAxis(analysis)
    steps = ", ".join(
        f"{step.name} {numbers.seconds(step.start_s)} to {numbers.seconds(step.end_s)} s"
        for step in analysis.steps
    )
    peaks = ", ".join(
        f"{t.name} at {numbers.seconds(t.time_s)} s with {numbers.percent(t.probability)}"
        for t in analysis.transitions
    )
    return element(
        "svg",
        element("title", f"Steps and transition probabilities over time: {steps}; {peaks}."),
        element("defs", *map(_hatch, range(len(_HATCHES)))),
        *_bands(analysis, axis),
        *_curves(analysis, axis),
        *_time_ticks(axis, key_times_s),
        element("line", class_="cursor", x1="0%", x2="0%", y1=0.0, y2=PLOT_TOP_PX + PLOT_PX),
        class_="timeline",
        role="img",
        height=TIMELINE_PX,
    )


def _hatch(step: int) -> Markup:
    path = element("path", class_="hatch", d=_HATCHES[step])
    return element(
        "pattern",
        path,
        id=f"hatch-{step}",
        class_=f"step-{step}",
        width=6.0,
        height=6.0,
        patternUnits="userSpaceOnUse",
    )


def _bands(analysis: DiveAnalysis, axis: TimeAxis) -> Iterator[Markup]:
    starts = [axis.share(step.start_s) for step in analysis.steps]
    ends = [*starts[1:], axis.share(analysis.steps[-1].end_s)]
    for place, (step, start, end) in enumerate(zip(analysis.steps, starts, ends, strict=True)):
        if end <= start:
            continue
        across = {"x": _percent(start), "width": _percent(end - start)}
        hatch = f"url(#hatch-{place})"
        narrow = "narrow" if end - start < NAMED_ON_PHONES_FROM_SHARE else None
        name = f" {step.name}" if end - start >= NAMED_FROM_SHARE else ""
        label = joined(str(place + 1), element("tspan", name, class_=narrow))
        middle = _percent((start + end) / 2)
        yield element(
            "g",
            element("rect", class_="band", height=BAND_PX, **across),
            element("rect", y=BAND_PX, height=HATCH_PX, fill=hatch, **across),
            element("text", label, x=middle, y=16.0, text_anchor="middle"),
            class_=f"step-{place}",
        )


def _curves(analysis: DiveAnalysis, axis: TimeAxis) -> Iterator[Markup]:
    probabilities = analysis.transition_probabilities
    highest = float(probabilities.max())
    top = next((value for value in PROBABILITY_TOPS if highest <= value), 1.0)
    bottom = PLOT_TOP_PX + PLOT_PX
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * PLOT_PX
        yield element("line", class_="grid", x1="0%", x2="100%", y1=y, y2=y)
        if share:
            label = f"{100 * share * top:g} %"
            yield element("text", label, class_="quiet", x="0%", y=y + 12)
    lines = []
    for place in range(probabilities.shape[1]):
        points = " ".join(
            f"{axis.share(float(time)) / 100 * CURVE_UNITS:.1f},{100 - 100 * float(p) / top:.2f}"
            for time, p in zip(*transition_curve(analysis, place), strict=True)
        )
        lines.append(element("polyline", class_=f"curve step-{place + 1}", points=points))
    yield element(
        "svg",
        *lines,
        y=PLOT_TOP_PX,
        width="100%",
        height=PLOT_PX,
        viewBox=f"0 0 {CURVE_UNITS} 100",
        preserveAspectRatio="none",
    )
    for place, transition in enumerate(analysis.transitions, start=1):
        x = _percent(axis.share(transition.time_s))
        yield element("line", class_=f"transition step-{place}", x1=x, x2=x, y1=0.0, y2=bottom)


def _time_ticks(axis: TimeAxis, key_times_s: Sequence[float]) -> Iterator[Markup]:
    bottom = PLOT_TOP_PX + PLOT_PX
    for time_s in key_times_s:
        x = _percent(axis.share(time_s))
        yield element("line", class_="tick", x1=x, x2=x, y1=bottom, y2=bottom - TICK_PX)
    for time_s in axis.ticks():
        share = axis.share(time_s)
        anchor = "start" if share < 3 else "end" if share > 97 else "middle"
        yield element(
            "text",
            f"{time_s:g} s",
            class_="quiet",
            x=_percent(share),
            y=bottom + LABEL_PX,
            text_anchor=anchor,
        )


def curve_legend(analysis: DiveAnalysis) -> Markup:
    """Return which line is which transition, and where it was found."""
    items = []
    for place, transition in enumerate(analysis.transitions, start=1):
        line = element("line", class_=f"curve step-{place}", x1="0%", x2="100%", y1=6.0, y2=6.0)
        words = (
            f" {transition.name}: frame {transition.frame}, "
            f"{numbers.seconds(transition.time_s)} s, "
            f"probability {numbers.percent(transition.probability)}"
        )
        items.append(element("li", element("svg", line, aria_hidden="true"), words))
    return element("ul", *items, class_="legend")


class Span:
    """A range of points and where a value lies in it."""

    def __init__(self, values: Sequence[float], least: float) -> None:
        """Cover the values with some room around, at least `least` points wide."""
        low, high = min(values), max(values)
        half = max((high - low) * 0.55, least / 2)
        self.low, self.high = (low + high) / 2 - half, (low + high) / 2 + half

    def share(self, value: float) -> float:
        """Return per cent of the width."""
        return min(max(100 * (value - self.low) / (self.high - self.low), 0.0), 100.0)

    def ends(self) -> Markup:
        """Return what the two ends stand for."""
        low, high = numbers.points(self.low), numbers.points(self.high)
        return element("div", element("span", low), element("span", high), class_="ends")


def level(span: Span, value: float) -> Markup:
    """Return a row with one upright line: where the sum stands."""
    x = _percent(span.share(value))
    line = element("line", class_="level", x1=x, x2=x, y1=2.0, y2=ROW_PX - 2)
    return _row(line)


def stream_bars(span: Span, begin: float, dynamic: float, static: float) -> Markup:
    """Return a row with a step's two streams, one after the other from where the sum stands."""
    middle = begin + dynamic
    lanes = [
        _lane(span, begin, middle, "moving", 3.0),
        _lane(span, middle, middle + static, "still", 3.0 + LANE_PX + 2),
    ]
    return _row(joined(*lanes))


def _lane(span: Span, begin: float, end: float, kind: str, y: float) -> Markup:
    left, right = sorted([span.share(begin), span.share(end)])
    way = "gain" if end >= begin else "loss"
    cap = _percent(span.share(end))
    return joined(
        element(
            "rect",
            class_=f"{kind} {way}",
            x=_percent(left),
            width=_percent(right - left),
            y=y,
            height=LANE_PX,
        ),
        element("line", class_="end", x1=cap, x2=cap, y1=y - 1, y2=y + LANE_PX + 1),
    )


def vote_row(span: Span, vote: Vote, score: float) -> Markup:
    """Return a row with a line from the exemplar's own points to its vote, and the score."""
    own, given, at = (
        _percent(span.share(v)) for v in (vote.exemplar_points, vote.vote_points, score)
    )
    middle = ROW_PX / 2
    return _row(
        joined(
            element("line", class_="grid", x1=at, x2=at, y1=0.0, y2=ROW_PX),
            element("line", class_="level", x1=own, x2=given, y1=middle, y2=middle),
            element("circle", class_="dot", cx=given, cy=middle, r=4.0),
        )
    )


def _row(inside: Markup) -> Markup:
    return element("svg", inside, height=ROW_PX, aria_hidden="true")


def interval_chart(analysis: DiveAnalysis) -> Markup:
    """Return the score and its interval on the scale of marks, 0 to 10."""
    factor = analysis.dive.score_factor

    def share(points: float) -> float:
        return min(max(100 * points / factor / HIGHEST_MARK, 0.0), 100.0)

    low, high = share(analysis.interval.low_points), share(analysis.interval.high_points)
    at = _percent(share(analysis.score_points))
    ticks = []
    for mark in range(0, int(HIGHEST_MARK) + 1, MARK_STEP):
        x = _percent(10.0 * mark)
        anchor = "start" if mark == 0 else "end" if mark == HIGHEST_MARK else "middle"
        ticks.append(element("line", class_="grid", x1=x, x2=x, y1=4.0, y2=24.0))
        words = str(mark) if mark else "mark 0"
        ticks.append(element("text", words, class_="quiet", x=x, y=38.0, text_anchor=anchor))
    words = f"{interval_words(analysis)}, on the scale of execution marks from 0 to 10."
    return element(
        "svg",
        element("title", words),
        *ticks,
        element("line", class_="grid", x1="0%", x2="100%", y1=14.0, y2=14.0),
        element(
            "rect", class_="spread", x=_percent(low), width=_percent(high - low), y=8.0, height=12.0
        ),
        element("line", class_="end", x1=at, x2=at, y1=2.0, y2=26.0),
        role="img",
        height=42.0,
    )


def _percent(share: float) -> str:
    return f"{share:.2f}%"
