"""An evaluation as a picture: marks, intervals, transitions."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fpcli.model.config import FRAMES
from fpcli.training.evaluation import Evaluation
from fpcli.training.measure import LEVEL
from fpcli.weights.part_file import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DARK, LIGHT, WARM = "#123a63", "#9bb7d4", "#b3561b"
TRANSITIONS = ("flight reached", "opened for the entry")


def draw_evaluation(found: Evaluation, picture: Path) -> None:
    """Draw found against true marks, residuals by number, intervals and transitions.

    picture: its suffix names the format, .png, .svg or .pdf. Raises OSError.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 9), layout="constrained")
    FigureCanvasAgg(figure)
    (marks, numbers), (intervals, transitions) = figure.subplots(2, 2)
    _marks(marks, found)
    _residuals(numbers, found)
    _intervals(intervals, found)
    _transitions(transitions, found)
    kind = "simulated dives" if found.simulated else "dives"
    figure.suptitle(f"{found.rows[0].name} on {found.dives} {kind} of {found.events} events")
    with written_whole(picture) as target:
        figure.savefig(target, format=picture.suffix[1:].lower(), dpi=110)


def _true_marks(found: Evaluation) -> np.ndarray:
    return np.array([label.mark for label in found.predicted.labels])


def _marks(axes: "Axes", found: Evaluation) -> None:
    """Draw a dot a dive."""
    assert found.predicted.marks is not None
    axes.plot([0, 10], [0, 10], color=LIGHT, linewidth=1)
    axes.scatter(_true_marks(found), found.predicted.marks, s=14, color=DARK, alpha=0.6)
    axes.set(xlabel="panel's mark", ylabel="found mark", xlim=(0, 10), ylim=(0, 10))
    axes.set_title("Execution marks")


def _residuals(axes: "Axes", found: Evaluation) -> None:
    """Draw the residuals of each dive number, the most frequent first."""
    assert found.predicted.marks is not None
    residuals = found.predicted.marks - _true_marks(found)
    numbers = np.array([label.dive_number for label in found.predicted.labels])
    shown = sorted(found.by_number, key=lambda number: -found.by_number[number].dives)[:20]
    for place, number in enumerate(shown):
        values = residuals[numbers == number]
        axes.plot(values, np.full(len(values), place), "|", color=DARK, alpha=0.6)
        axes.plot(values.mean(), place, "o", color=WARM, markersize=4)
    axes.axvline(0, color=LIGHT, linewidth=1)
    axes.set_yticks(range(len(shown)), shown)
    axes.invert_yaxis()
    axes.set_xlabel("found mark less panel's; dots are means")
    axes.set_title("Residuals by dive number")


def _intervals(axes: "Axes", found: Evaluation) -> None:
    """Draw how many scores intervals hold, by how many they promise, beside chance's own spread."""
    promised = np.linspace(0, 1, 101)
    spread = 1.96 * np.sqrt(promised * (1 - promised) / found.dives)
    axes.fill_between(
        promised,
        np.clip(promised - spread, 0, 1),
        np.clip(promised + spread, 0, 1),
        color=LIGHT,
        alpha=0.4,
        label=f"{LEVEL:.0%} of exact ones",
    )
    if found.coverages:
        axes.plot(*zip(*found.coverages.items(), strict=True), "o-", color=DARK, label="held")
    axes.set(xlabel="promised share", ylabel="share of scores in the interval")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(loc="upper left")
    axes.set_title("Intervals" if found.coverages else "Intervals: no calibration")


def _transitions(axes: "Axes", found: Evaluation) -> None:
    """Draw how often each transition lies within so many frames."""
    assert found.predicted.boundaries is not None
    truth = np.array([label.transitions for label in found.predicted.labels])
    errors = np.abs(found.predicted.boundaries - truth)
    for column, (name, colour) in enumerate(zip(TRANSITIONS, (DARK, WARM), strict=True)):
        rising = np.sort(errors[:, column])
        shares = np.arange(1, len(rising) + 1) / len(rising)
        axes.step(rising, shares, where="post", color=colour, label=name)
    axes.set(xlabel=f"error, of {FRAMES} frames", ylabel="share of dives within", ylim=(0, 1.02))
    axes.set_xlim(left=0)
    axes.legend(loc="lower right")
    axes.set_title("Transitions")
