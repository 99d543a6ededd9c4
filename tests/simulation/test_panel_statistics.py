"""The marks of many simulated dives are spread as those of real panels are."""

import numpy as np
import pytest

from fpcli.simulation.judging import award
from fpcli.simulation.statistics import (
    judge_many,
    one_against_others,
    rank_correlation,
    statistics,
)


def test_marks_are_spread_as_real_ones() -> None:
    rows = {row.name: row.simulated for row in statistics(judge_many(range(60)))}
    assert rows["execution mark, mean"] == pytest.approx(7.1, abs=0.6)
    assert rows["execution mark, sd"] == pytest.approx(1.3, abs=0.45)
    assert rows["execution mark, 50 %"] == pytest.approx(7.33, abs=0.7)
    assert 0.85 < rows["noise ceiling: rho of marks"] < 0.995


def test_one_judge_agrees_with_the_others_as_real_judges_do() -> None:
    generator = np.random.default_rng(5)
    quality = np.clip(7.3 + 1.25 * generator.standard_normal(6000), 0, 10)
    marks = np.array([award(float(level), 7, generator) for level in quality])
    alone, others = one_against_others(marks)
    assert rank_correlation(alone, others) == pytest.approx(0.938, abs=0.012)
    assert np.abs(alone - others).mean() == pytest.approx(0.31, abs=0.02)


def test_rank_correlation_shares_ranks_among_ties() -> None:
    one = np.array([1.0, 2.0, 2.0, 3.0])
    assert rank_correlation(one, one) == pytest.approx(1.0)
    assert rank_correlation(one, -one) == pytest.approx(-1.0)
    assert rank_correlation(one, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.9487, abs=1e-4)
