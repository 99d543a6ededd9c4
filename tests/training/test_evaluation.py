"""Weights measured as a user would meet them: votes, intervals, ceiling and verdicts by hand."""

import dataclasses

import numpy as np
import pytest
import torch
from made_dives import SMALL, label
from tiny_network import TINY

from fpcli.analysis.exemplars import choose_by_features
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
    found = evaluation._coverages(bundle, Predictions(labels, marks=5.0 + errors))
    assert found[0.9] == pytest.approx((errors < 1.8).mean())
    assert found[0.5] == pytest.approx((errors < 1.0).mean())
    below = evaluation._coverages(bundle, Predictions(labels, marks=5.0 - errors))
    assert below == found
    assert evaluation._coverages(dataclasses.replace(bundle, calibration=None),
                                 Predictions(labels, marks=5.0 + errors)) == {}  # fmt: skip


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
