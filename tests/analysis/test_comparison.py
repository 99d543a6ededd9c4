"""How sure an order is: what the calibration measured, and never more."""

import dataclasses

import numpy as np
import pytest
import torch

from fpcli.analysis.comparison import (
    Caveat,
    StepContrast,
    Verdict,
    certainty_of,
    contrasts,
    judged,
)
from fpcli.analysis.result import DiveAnalysis, DiveFacts, Flag, Interval, Origin, Provenance
from fpcli.errors import WeightsError
from fpcli.model.features import StepDeltas

FACTS = DiveFacts("107B", "", 3.0, Origin.GIVEN, 3.0, Origin.TABLE, None, 9.0)
RESIDUALS = np.linspace(0, 1, 101)


def dive(mark: float, *flags: Flag, simulated: bool = False, **facts: object) -> DiveAnalysis:
    return DiveAnalysis(
        source=None,  # type: ignore[arg-type]
        dive=dataclasses.replace(FACTS, **facts),  # type: ignore[arg-type]
        score_points=9 * mark,
        mark=mark,
        band="",
        interval=Interval(0, 90, 0.9, "", 101),
        exemplar_mean_points=0.0,
        limit_points=0.0,
        steps=(),  # type: ignore[arg-type]
        transitions=(),  # type: ignore[arg-type]
        votes=(),
        flags=flags,
        plausibility=None,
        measures=None,  # type: ignore[arg-type]
        observations=(),
        provenance=Provenance("", "", "", simulated, "", "", "", ""),
        masks=None,  # type: ignore[arg-type]
        sample_frames=np.empty(0),
        sample_times_s=np.empty(0),
        transition_probabilities=np.empty(0),
    )


def weigh(first: DiveAnalysis, second: DiveAnalysis, direct: float = 0.3, residuals=RESIDUALS):
    steps = (StepContrast("take-off", direct, 0.0), StepContrast("flight", 0.0, 0.0))
    return judged(first, second, steps, (direct, direct), residuals, 0.9)


def test_the_share_is_that_of_simulated_errors():
    """Errors drawn with these sizes and random signs turn the order as often as is said."""
    residuals = np.sort(np.random.default_rng(1).exponential(0.5, 300))
    rng = np.random.default_rng(2)
    one, other = (rng.choice(residuals, 100_000) * rng.choice([-1, 1], 100_000) for _ in range(2))
    for difference in (0.1, 0.6, 1.5):
        said = certainty_of(difference, residuals, 0.9)
        assert said.order_share == pytest.approx((difference + one - other > 0).mean(), abs=0.01)
        inside = (said.low_marks <= difference + one - other) & (
            difference + one - other <= said.high_marks
        )
        assert inside.mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("count", [2, 10, 101, 2000])
def test_never_surer_than_the_calibration_is_large(count: int):
    said = certainty_of(9.9, np.full(count, 0.01), 0.9)
    assert said.order_share == count / (count + 1)


def test_equal_marks_are_even_and_both_signs_count_alike():
    assert certainty_of(0.0, RESIDUALS, 0.9).order_share == pytest.approx(0.5)
    plus, minus = certainty_of(0.4, RESIDUALS, 0.9), certainty_of(-0.4, RESIDUALS, 0.9)
    assert plus.order_share == minus.order_share
    assert plus.low_marks == -minus.high_marks


def test_more_residuals_than_are_paired_say_nearly_the_same():
    many = np.sort(np.random.default_rng(3).exponential(0.5, 5000))
    all_said = certainty_of(0.5, many[::12], 0.9)
    said = certainty_of(0.5, many, 0.9)
    assert said.order_share == pytest.approx(all_said.order_share, abs=0.01)
    assert said.calibration_dives == 5000


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [(3.0, Verdict.FIRST), (0.8, Verdict.FIRST_PROBABLY), (0.1, Verdict.OPEN)],
)
def test_the_verdict_is_as_loud_as_the_errors_allow(difference: float, verdict: Verdict):
    assert weigh(dive(5 + difference), dive(5)).verdict is verdict
    turned = weigh(dive(5), dive(5 + difference), direct=-0.3)
    assert turned.verdict == verdict.replace("first", "second")


def test_errors_of_simulated_dives_prove_no_order():
    found = weigh(dive(8, simulated=True), dive(5, simulated=True))
    assert found.certainty.low_marks > 0
    assert found.verdict is Verdict.FIRST_PROBABLY
    assert found.certainty.method.endswith("of simulated dives")
    near = weigh(dive(5.1, simulated=True), dive(5, simulated=True))
    assert near.verdict is Verdict.OPEN


def test_witnesses_that_disagree_leave_it_open():
    found = weigh(dive(8), dive(5), direct=-0.3)
    assert found.verdict is Verdict.OPEN
    assert found.caveats == (Caveat.WITNESSES_DISAGREE,)


@pytest.mark.parametrize("flag", [Flag.UNLIKE_TRAINING, Flag.NO_DIVE_FOUND])
def test_nothing_is_claimed_of_what_nothing_was_measured_on(flag: Flag):
    found = weigh(dive(8), dive(5, flag))
    assert found.verdict is Verdict.OPEN
    assert found.caveats == (Caveat.NOT_MEASURED,)
    assert found.certainty.order_share is None


def test_without_a_calibration_nothing_is_sure():
    found = weigh(dive(8), dive(5), residuals=np.empty(0))
    assert found.verdict is Verdict.OPEN
    assert found.certainty.order_share is None
    assert found.caveats == (Caveat.ERRORS_UNKNOWN,)


def test_unlike_dives_are_named_as_such():
    found = weigh(dive(8), dive(5, dive_number="205B", score_factor=8.7))
    assert found.caveats == (Caveat.NUMBERS_DIFFER, Caveat.DIFFICULTIES_DIFFER)
    assert not found.same_worth
    assert Caveat.NUMBER_UNKNOWN in weigh(dive(8, dive_number=None), dive(5)).caveats


def test_the_pairs_own_parts_add_up_to_what_the_network_says():
    rng = torch.Generator().manual_seed(4)
    dynamic, static = (torch.rand(2, 1, 3, generator=rng) for _ in range(2))
    deltas = StepDeltas(dynamic, static)
    steps, (there, back) = contrasts(deltas, 2.0)
    total = sum(step.contrast_marks for step in steps)
    assert total == pytest.approx((there + back) / 2, abs=1e-5)
    assert there == pytest.approx(2 * float(deltas.directions[0, 0]))
    assert back == pytest.approx(-2 * float(deltas.directions[1, 0]))
    deltas.dynamic[0, 0, 0] = torch.nan
    with pytest.raises(WeightsError, match="not a number"):
        contrasts(deltas, 1.0)
