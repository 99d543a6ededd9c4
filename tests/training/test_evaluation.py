"""Weights measured as a user would meet them: votes, intervals, ceiling and verdicts by hand."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from made_dives import SMALL, label, write_pool
from tiny_network import TINY

from fpcli.analysis.exemplars import choose_by_features
from fpcli.diving.numbers import Group
from fpcli.model.build import build
from fpcli.model.features import DiveFeatures
from fpcli.model.fineparser import FineParser
from fpcli.model.inference import prepare
from fpcli.training import evaluation
from fpcli.training.bank import make_bank
from fpcli.training.evaluation import CEILING, Evaluation, Row
from fpcli.training.measure import Predictions
from fpcli.training.predict import EncodedPool, predict
from fpcli.training.samples import DiveLabel
from fpcli.weights.bundle import Bundle, Calibration, Card, ExemplarBank

CARD = Card(
    name="tiny", training_data="", simulated=True, licence="", origin="", recipe="", metrics={},
    created="", version="",
)  # fmt: skip


def features_of(count: int, seed: int) -> DiveFeatures:
    torch.manual_seed(seed)
    return DiveFeatures(
        torch.rand(count, 9, TINY.dynamic_width), torch.randn(count, 3, 4, 8),
        torch.rand(count, 96, 2),
    )  # fmt: skip


@pytest.fixture(scope="module")
def network() -> FineParser:
    """One whose differences are not near nothing, as a fresh one's are."""
    torch.manual_seed(2)
    made = build(TINY).eval()
    for stream in (made.regression.dynamic, made.regression.static):
        torch.nn.init.normal_(stream.regressor[-1].weight, std=0.3)
    return made


@pytest.fixture(scope="module")
def bank() -> ExemplarBank:
    """Six exemplars of one number and six of another."""
    labels = [
        label(place, number=("107B", "205B")[place // 6], mark=4.0 + place / 4)
        for place in range(12)
    ]
    return make_bank(labels, features_of(12, 0))


def encoded(labels: tuple[DiveLabel, ...]) -> EncodedPool:
    nothing = np.zeros(len(labels))
    return EncodedPool(labels, features_of(len(labels), 1), *[nothing] * 5)


ASKED = (label(20, number="205B"), label(21, number="107B"), label(22, number="205B"))


@pytest.mark.parametrize("told", [True, False])
def test_a_mark_is_the_voters_mean_and_what_each_step_has_over_them(
    network: FineParser, bank: ExemplarBank, told: bool
) -> None:
    dives = encoded(ASKED)
    found = predict(prepare(network, "float32"), bank, dives, with_number=told, exemplars=6)
    assert found.marks is not None
    assert found.steps is not None
    for place, known in enumerate(ASKED):
        query = dives.features[place : place + 1]
        voters = [n for n, number in enumerate(bank.dive_numbers) if number == known.dive_number]
        if not told:
            voters = list(choose_by_features(bank, query, 6).indices)
        with torch.no_grad():
            deltas = network.compare(query, bank.features[torch.tensor(voters)])
        steps = deltas.contributions().sum(dim=2).mean(dim=0).numpy()
        assert np.abs(steps).max() > 0.01
        assert found.steps[place] == pytest.approx(steps, abs=1e-5)
        assert found.marks[place] == pytest.approx(
            np.clip(bank.marks[voters].mean() + steps.sum(), 0, 10), abs=1e-5
        )
    assert found.boundaries is not None
    assert np.array_equal(found.boundaries, dives.features.boundaries.numpy())


def test_intervals_hold_the_dives_whose_score_lies_in_them() -> None:
    """Residuals of 0.1 to 1.9 marks: the interval of 90 % reaches 1.8 either way, that of half 1.

    Errors of 0.05 to 2.45 marks: 17 and 10 of 25 dives lie inside, a share of each dive's points.
    """
    labels = tuple(
        dataclasses.replace(label(place, mark=5.0), difficulty=d, score=3 * d * 5.0)
        for place, d in enumerate(np.linspace(1.2, 4.4, 25).round(1).tolist())
    )
    errors = np.arange(25) / 10 + 0.05
    residuals = (np.arange(1, 20) / 10).astype(np.float32)
    bundle = Bundle(CARD, TINY, SMALL, {}, None, Calibration(residuals))
    above, below = (Predictions(labels, marks=5.0 + sign * errors) for sign in (1, -1))
    found = evaluation._coverages(bundle, above, with_number=True)
    assert found[0.9] == pytest.approx((errors < 1.8).mean())
    assert found[0.5] == pytest.approx((errors < 1.0).mean())
    assert evaluation._coverages(bundle, below, with_number=True) == found
    unknown = dataclasses.replace(bundle, calibration=None)
    assert evaluation._coverages(unknown, above, with_number=True) == {}


def test_coverage_is_of_each_dives_own_interval_as_a_user_is_shown_it() -> None:
    """Forward dives err by up to 1 mark, twisting ones by up to 4, and each is promised that.

    Where numbers are not told all get the interval of all, which lies between.
    """
    steps = np.arange(1, 101) / 100
    every = np.concatenate([steps, 4 * steps]).astype(np.float32)
    order = np.argsort(every)
    groups = tuple((Group.FORWARD, Group.TWISTING)[place // 100] for place in order)
    bundle = Bundle(CARD, TINY, SMALL, {}, None, Calibration(every[order], groups=groups))
    numbers = ("107B",) * 20 + ("5253B",) * 20 + ("999X",) * 10  # of the last no rule is known
    labels = tuple(label(n, number=number, mark=5.0) for n, number in enumerate(numbers))
    forward, twisting, unknown = np.linspace(0, 1.5, 20), np.linspace(0, 4.5, 20), np.full(10, 3.0)
    errors = np.concatenate([forward, twisting, unknown])
    predicted = Predictions(labels, marks=5.0 + errors)
    level, (of_forward, of_twisting, of_all) = 0.8, (0.81, 3.24, np.sort(every)[160])
    told = evaluation._coverages(bundle, predicted, with_number=True)[level]
    inside = [*(forward <= of_forward), *(twisting <= of_twisting), *(unknown <= of_all)]
    assert told == pytest.approx(np.mean(inside))
    alike = evaluation._coverages(bundle, predicted, with_number=False)[level]
    assert alike == pytest.approx(np.mean(errors <= of_all))
    assert alike != told


def test_an_evaluation_shows_a_dive_the_interval_of_all_where_its_number_is_not_told(
    network: FineParser, bank: ExemplarBank, tmp_path: Path
) -> None:
    """Forward dives may err by anything, and twisting ones, which are most dives, by nothing."""
    residuals = np.repeat([0, 10], [600, 50]).astype(np.float32)
    groups = (Group.TWISTING,) * 600 + (Group.FORWARD,) * 50
    calibration = Calibration(residuals, groups=groups)
    bundle = Bundle(CARD, TINY, SMALL, network.state_dict(), bank, calibration)
    pool = write_pool(tmp_path, [label(20, mark=6.25), label(21, mark=3.75)])
    told, untold = (evaluation.evaluate(bundle, pool, with_number=known) for known in (True, False))
    assert (told.coverage, untold.coverage) == (1.0, 0.0)


def test_the_ceiling_is_what_the_faults_say_where_they_are_known() -> None:
    labels = [label(place, mark=3.0 + place / 2) for place in range(12)]
    known = [
        dataclasses.replace(one, quality=one.mark + (0.75 if place % 2 else -0.25))
        for place, one in enumerate(labels[:10])
    ]
    found = evaluation._ceiling([*known, *labels[10:]])
    assert found is not None
    assert (found.name, found.bounds) == (CEILING, {})
    assert "10 dives" in found.source
    assert found.values["mean_absolute_error_marks"] == pytest.approx(0.5)
    assert evaluation._ceiling(labels) is None


def row(name: str, value: float, spread: float, **given: bool) -> Row:
    values = {"rho": value, "r_l2_x100": 1 - value, "aiou_0.75": value}
    ends = {name: (own - spread, own + spread) for name, own in values.items()}
    return Row(name, "", values, ends, **given)


@pytest.mark.parametrize(
    ("value", "spread", "said"),
    [
        (0.9, 0.05, "better than by number, intervals apart"),
        (0.75, 0.1, "missed: intervals overlap with by number"),
        (0.6, 0.01, "missed: not better than by number"),
    ],
)
def test_a_verdict_is_about_the_best_that_needs_no_video(
    value: float, spread: float, said: str
) -> None:
    rows = (
        row("tiny", value, spread),
        row("by number", 0.7, 0.05, needs_video=False),
        row("by difficulty", 0.5, 0.3, needs_video=False),
        row("other weights", 0.99, 0.0),
        Row("human judge", "", {"rho": 0.95}, {}),
    )
    found = Evaluation(
        dives=3, events=1, simulated=True, with_number=True, rows=rows,
        predicted=Predictions(()), by_group={}, by_number={}, coverages={},
    )  # fmt: skip
    assert set(found.verdicts) == {"rho", "r_l2_x100", "aiou_0.75"}
    assert all(verdict.startswith(said) for verdict in found.verdicts.values())
