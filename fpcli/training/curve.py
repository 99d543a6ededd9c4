"""The learning curve of a run, as a picture."""

import csv
from pathlib import Path

import numpy as np

from fpcli.weights.part_file import written_whole

CURVES = {
    "total": "all together",
    "delta": "difference of marks",
    "step_delta": "difference by step",
    "transition": "transitions",
    "mask": "mask",
    "measures": "measures",
}
AVERAGED_SHARE = 0.05  # of the run, for the smooth line


def draw_curve(log: Path, picture: Path) -> None:
    """Draw the losses of a run's CSV log as a PNG: each step faint, their running mean strong.

    A log without rows draws nothing. Raises OSError.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with log.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows:
        return
    steps = np.array([int(row["step"]) for row in rows])
    figure = Figure(figsize=(8, 10), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (column, title) in zip(
        figure.subplots(len(CURVES), sharex=True), CURVES.items(), strict=True
    ):
        values = np.array([float(row[column]) for row in rows])
        axes.plot(steps, values, color="#9bb7d4", linewidth=0.8)
        axes.plot(steps, running_mean(values), color="#123a63", linewidth=1.8)
        axes.set_ylabel(title)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    axes.set_xlabel("step")
    figure.suptitle("Training loss")
    with written_whole(picture) as target:
        figure.savefig(target, format="png", dpi=110)


def running_mean(values: np.ndarray) -> np.ndarray:
    """(N,) means over the last twentieth of the run up to each step."""
    width = max(1, round(len(values) * AVERAGED_SHARE))
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    means: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return means
