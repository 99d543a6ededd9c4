"""The figure: a dive's steps over time and its points by step and stream, for print and slides."""

import textwrap
import warnings
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fpcli.analysis.result import DiveAnalysis
from fpcli.report import numbers
from fpcli.report.curves import transition_curve
from fpcli.report.names import file_label, shorten
from fpcli.report.notices import notices
from fpcli.report.page_looks import LIGHT
from fpcli.report.words import dive_words, execution_words, interval_words, sum_words, trust_word
from fpcli.text import printable
from fpcli.whole_file import whole_file

SIZE_INCHES = (8.0, 5.6)
DOTS_PER_INCH = 200
HATCHES = ("..", "//", "||")  # of take-off, flight, entry
LINE_STYLES = ("-", "--")  # of the two transitions
TITLE_CELLS = 60
NOTICE_CELLS = 130
BAR_HEIGHT = 0.36  # of the distance between two steps
STEP_COLOURS = tuple(LIGHT[f"step-{place}"] for place in range(3))
SETTINGS: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 9,
    "text.parse_math": False,  # a file name may hold dollars
    "svg.fonttype": "none",
    "svg.hashsalt": "fineparser",
    "pdf.fonttype": 42,
    "hatch.linewidth": 0.6,
}
METADATA: dict[str, dict[str, Any]] = {  # no clock and no version, so that a figure is repeatable
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": "fineparser"},
    ".pdf": {"CreationDate": None, "Creator": "fineparser", "Producer": None},
}


def write_figure(analysis: DiveAnalysis, out: Path) -> None:
    """Write the figure as its suffix says: .png, .svg or .pdf; the same bytes each time.

    `out` appears, or is replaced, only when it is complete. Needs no display. Raises OSError where
    the disk refuses.
    """
    suffix = out.suffix.lower()
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a box is drawn
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        figure = draw_figure(analysis)
        with whole_file(out) as part:
            figure.savefig(part, format=suffix[1:], dpi=DOTS_PER_INCH, metadata=METADATA[suffix])


def draw_figure(analysis: DiveAnalysis) -> Figure:
    """Return the figure: headline, timeline with transition probabilities, breakdown, notices."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained", facecolor=LIGHT["ground"])
    figure.suptitle(_headline(analysis), x=0.02, ha="left", fontsize=10, color=LIGHT["ink"])
    timeline, breakdown = figure.subplots(2, 1, height_ratios=(1, 1))
    _draw_timeline(timeline, analysis)
    _draw_breakdown(breakdown, analysis)
    for axes in (timeline, breakdown):
        axes.spines[["top", "right"]].set_visible(False)
    told = "\n".join(
        textwrap.fill(f"! {notice}", NOTICE_CELLS, subsequent_indent="  ")
        for notice in notices(analysis)
    )
    made_by = analysis.provenance
    told += f"\nfineparser {made_by.version}, weights {printable(made_by.weights_name)}"
    figure.supxlabel(told.strip(), x=0.02, ha="left", fontsize=7, color=LIGHT["quiet"])
    return figure


def _headline(analysis: DiveAnalysis) -> str:
    name = shorten(file_label(analysis.source.path), TITLE_CELLS)
    score = f"Score {numbers.points(analysis.score_points)}"
    facts = [score, interval_words(analysis), execution_words(analysis)]
    return "\n".join([name, printable(" · ".join(dive_words(analysis))), " · ".join(facts)])


def _draw_timeline(axes: Axes, analysis: DiveAnalysis) -> None:
    """Draw the steps as bands and the transition probabilities over them."""
    top = 1.15 * float(analysis.transition_probabilities.max()) or 1.0
    for step, colour, hatch in zip(analysis.steps, STEP_COLOURS, HATCHES, strict=True):
        axes.axvspan(
            step.start_s, step.end_s, facecolor=colour, alpha=0.12, edgecolor="none", zorder=0
        )
        axes.axvspan(
            step.start_s, step.end_s, ymin=0.97, facecolor="none", edgecolor=colour, hatch=hatch
        )
        middle = (step.start_s + step.end_s) / 2
        axes.text(middle, 0.94 * top, step.name, ha="center", va="top", color=LIGHT["ink"])
    lines = zip(analysis.transitions, STEP_COLOURS[1:], LINE_STYLES, strict=True)
    for place, (transition, colour, style) in enumerate(lines):
        label = (
            f"{transition.name}: {numbers.seconds(transition.time_s)} s, "
            f"{numbers.percent(transition.probability)}"
        )
        times_s, chances = transition_curve(analysis, place)
        axes.plot(times_s, chances, color=colour, linestyle=style, label=label)
        axes.axvline(transition.time_s, color=colour, linewidth=0.8, linestyle=style)
    axes.set_xlim(analysis.steps[0].start_s, analysis.steps[-1].end_s)
    axes.set_ylim(0, top)
    axes.set_xlabel("seconds of the video")
    axes.set_ylabel("transition probability")
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    axes.legend(loc="best", frameon=True, fontsize=8)


def _draw_breakdown(axes: Axes, analysis: DiveAnalysis) -> None:
    """Draw each step's two streams as bars from the middle, with the sum below."""
    shown = numbers.shown_breakdown(analysis)
    scale = numbers.bar_scale(analysis)
    for place, step in enumerate(shown.steps):
        streams = (("movement", step.dynamic, ""), ("posture", step.static, "////"))
        for lane, (name, value, hatch) in enumerate(streams):
            y = place + (lane - 0.5) * BAR_HEIGHT
            colour = LIGHT["gain"] if value >= 0 else LIGHT["loss"]
            axes.barh(
                y,
                value,
                BAR_HEIGHT,
                color="none" if hatch else colour,
                edgecolor=colour,
                hatch=hatch,
            )
            words = f" {name} {numbers.signed_points(value)} "
            side = "left" if value >= 0 else "right"
            axes.text(value, y, words, ha=side, va="center", fontsize=8, color=LIGHT["ink"])
    labels = [
        f"{step.name} {numbers.signed_points(step.total)}\n{trust_word(analysis, place)}".rstrip()
        for place, step in enumerate(shown.steps)
    ]
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.axvline(0, color=LIGHT["ink"], linewidth=0.8)
    axes.set_xlim(-1.6 * scale, 1.6 * scale)
    axes.set_xlabel(f"points won or lost · {sum_words(analysis)}")
