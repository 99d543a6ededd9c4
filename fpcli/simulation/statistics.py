"""How the marks of many simulated dives are spread, beside those of real panels.

    python -m fpcli.simulation.statistics --dives 10000

Source of the real numbers: published results of World Aquatics events 2015-2021, 11,153 dives with
seven marks each.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from fpcli.diving.marks import points_of
from fpcli.simulation.programme import sample_dive

CHUNK: Final = 50
LEVELS: Final = ((0, 2), (2, 4), (4, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10.01))
REAL_SPREAD: Final = (0.33, 0.50, 0.51, 0.53, 0.45, 0.38, 0.35, 0.34)
REAL_ABSOLUTE: Final = (0.20, 0.39, 0.39, 0.42, 0.35, 0.29, 0.25, 0.25)
QUANTILES: Final = ((1, 3.17), (5, 4.5), (25, 6.5), (50, 7.33), (75, 8.0), (95, 9.0), (99, 9.5))


@dataclass(frozen=True, eq=False)
class Panels:
    """The judging of many dives.

    marks: (N, 7) of the judges. mark: (N,) execution mark. difficulty: (N,). quality: (N,) the mark
    that visible faults leave. groups: (N,) first digit of the number.
    """

    marks: np.ndarray
    mark: np.ndarray
    difficulty: np.ndarray
    quality: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True)
class Row:
    """One statistic, simulated and real; tolerance is what the difference may be."""

    name: str
    simulated: float
    real: float | None
    tolerance: float | None = None


def judge_many(seeds: Sequence[int], workers: int = 1) -> Panels:
    """The panels' marks for the dives of many seeds."""
    chunks = [list(seeds[start : start + CHUNK]) for start in range(0, len(seeds), CHUNK)]
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            rows = [row for part in pool.map(_judged, chunks) for row in part]
    else:
        rows = [row for chunk in chunks for row in _judged(chunk)]
    table = np.array(rows)
    return Panels(
        marks=table[:, 4:],
        mark=table[:, 0],
        difficulty=table[:, 1],
        quality=table[:, 2],
        groups=table[:, 3].astype(int),
    )


def statistics(panels: Panels) -> list[Row]:
    """The numbers of real panels and the same of simulated ones."""
    mark = panels.mark
    rows = [
        Row("execution mark, mean", float(mark.mean()), 7.13, 0.1),
        Row("execution mark, sd", float(mark.std()), 1.31, 0.1),
    ]
    rows += [
        Row(f"execution mark, {percent} %", float(np.percentile(mark, percent)), real, 0.3)
        for percent, real in QUANTILES
    ]
    rows.append(Row("panels that give zero, %", 100 * float((mark == 0).mean()), 0.12))
    alone, others = one_against_others(panels.marks)
    weight = np.repeat(panels.difficulty, panels.marks.shape[1])
    off = alone - others
    points = 3 * weight
    rows += [
        Row(
            "one judge against the others: rho of marks",
            rank_correlation(alone, others),
            0.938,
            0.01,
        ),
        Row("one judge against the others: mean absolute", float(np.abs(off).mean()), 0.31, 0.02),
        Row(
            "one judge against the others: rho of scores",
            rank_correlation(alone * points, others * points),
            0.956,
        ),
        Row("R-l2 x 100 of scores", relative_error(alone * points, others * points), 0.111),
        Row("span of the seven marks, mean", float(np.ptp(panels.marks, axis=1).mean()), 0.91),
    ]
    for (low, high), sd, absolute in zip(LEVELS, REAL_SPREAD, REAL_ABSOLUTE, strict=True):
        here = (others >= low) & (others < high)
        if here.sum() > 30:
            name = f"one judge about the others at {low}-{high:.0f}"
            rows.append(Row(f"{name}: sd", float(off[here].std()), sd))
            rows.append(Row(f"{name}: mean absolute", float(np.abs(off[here]).mean()), absolute))
    score = np.array(
        [points_of(float(m), float(d)) for m, d in zip(mark, panels.difficulty, strict=True)]
    )
    explained = panels.quality * panels.difficulty
    rows += [
        Row(
            "difficulty alone against the score: rho",
            rank_correlation(panels.difficulty, score),
            0.508,
        ),
        Row("noise ceiling: rho of marks", rank_correlation(panels.quality, mark), None),
        Row("noise ceiling: rho of scores", rank_correlation(explained, score), None),
        Row("noise ceiling: R-l2 x 100 of scores", relative_error(3 * explained, score), None),
    ]
    names = ("forward", "back", "reverse", "inward", "twisting", "armstand")
    real = ((7.11, 1.32), (6.96, 1.39), (6.97, 1.60), (7.24, 1.21), (7.27, 1.07), (7.18, 1.27))
    for group, (name, (mean, sd)) in enumerate(zip(names, real, strict=True), start=1):
        here = panels.groups == group
        if here.sum() > 30:
            rows.append(Row(f"{name}: mean", float(mark[here].mean()), mean))
            rows.append(Row(f"{name}: sd", float(mark[here].std()), sd))
    return rows


def one_against_others(marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every judge's mark and the trimmed mean of the other six (highest, lowest off), (N * 7,)."""
    alone, others = [], []
    for judge in range(marks.shape[1]):
        rest = np.sort(np.delete(marks, judge, axis=1), axis=1)
        alone.append(marks[:, judge])
        others.append(rest[:, 1:-1].mean(axis=1))
    return np.stack(alone, axis=1).ravel(), np.stack(others, axis=1).ravel()


def rank_correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Spearman's rho of two series, ties sharing their mean rank."""
    return float(np.corrcoef(_ranks(one), _ranks(two))[0, 1])


def relative_error(predicted: np.ndarray, true: np.ndarray) -> float:
    """R-l2 x 100: mean squared error over the range of the truth."""
    return float(100 * (((predicted - true) / np.ptp(true)) ** 2).mean())


def _ranks(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(np.round(values, 6), return_inverse=True, return_counts=True)
    ranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def _judged(seeds: Sequence[int]) -> list[list[float]]:
    rows = []
    for seed in seeds:
        truth = sample_dive(seed).truth
        head = [truth.mark, truth.difficulty, truth.quality, float(truth.number[0])]
        rows.append([*head, *truth.marks])
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m fpcli.simulation.statistics")
    parser.add_argument("--dives", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.dives)
    rows = statistics(judge_many(seeds, options.workers))
    lines = [f"{options.dives} simulated dives, seeds from {options.seed}", ""]
    lines.append(f"{'':50}{'simulated':>10}{'real':>8}")
    for row in rows:
        real = "" if row.real is None else f"{row.real:8.3f}"
        missed = row.tolerance is not None and abs(row.simulated - (row.real or 0)) > row.tolerance
        lines.append(f"{row.name:50}{row.simulated:10.3f}{real}{'  off' if missed else ''}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
