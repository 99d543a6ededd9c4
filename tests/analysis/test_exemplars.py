"""Which exemplars vote: their own kind first, spread over marks, always the same."""

import numpy as np
import pytest
import torch

from fpcli.analysis.exemplars import choose_by_features, choose_by_number, usual_height_m
from fpcli.analysis.facts import question_by_features, question_by_number
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import Flag, Origin
from fpcli.diving.numbers import parse
from fpcli.model.features import DiveFeatures
from fpcli.weights.bundle import ExemplarBank


def make_bank(*dives: tuple[str, float, float, float]) -> ExemplarBank:
    """A bank of (number, height, difficulty, mark); features far apart, in order."""
    numbers, heights, difficulties, marks = zip(*dives, strict=True)
    count = len(dives)
    places = torch.arange(count, dtype=torch.float32)
    return ExemplarBank(
        keys=tuple(f"key-{place:03d}" for place in range(count)),
        dive_numbers=numbers,
        heights_m=np.array(heights, np.float32),
        difficulties=np.array(difficulties, np.float32),
        marks=np.array(marks, np.float32),
        features=DiveFeatures(
            dynamic=places[:, None, None].expand(count, 9, 4).clone(),
            static=places[:, None, None, None].expand(count, 3, 4, 2).clone(),
            transitions=torch.zeros(count, 96, 2),
        ),
    )


def dives(number: str, count: int, height: float = 3.0, difficulty: float = 3.1):
    return [(number, height, difficulty, 10 * place / max(count - 1, 1)) for place in range(count)]


def chosen_marks(bank: ExemplarBank, indices: tuple[int, ...]) -> list[float]:
    return sorted(float(bank.marks[place]) for place in indices)


def test_more_than_may_vote_are_spread_over_marks():
    bank = make_bank(*dives("107B", 100))
    chosen = choose_by_number(bank, parse("107B"), 3.0, 3.1, 5)
    assert not chosen.few
    assert chosen_marks(bank, chosen.indices) == pytest.approx([1, 3, 5, 7, 9], abs=0.2)


def test_same_height_votes_before_another_height():
    bank = make_bank(*dives("107B", 6, height=10.0, difficulty=3.0), *dives("107B", 6))
    chosen = choose_by_number(bank, parse("107B"), 3.0, 3.1, 8)
    assert set(chosen.indices[:6]) == set(range(6, 12))
    assert len(chosen.indices) == 8


def test_nearer_difficulty_votes_first_at_the_same_height():
    bank = make_bank(*dives("107B", 3, difficulty=2.0), *dives("107B", 3, difficulty=3.0))
    assert set(choose_by_number(bank, parse("107B"), 3.0, 3.1, 3).indices) == {3, 4, 5}


def test_too_few_of_a_number_are_joined_by_the_most_alike():
    bank = make_bank(
        ("205B", 3.0, 3.0, 7.0),
        ("107B", 3.0, 3.1, 7.0),
        ("107C", 3.0, 2.8, 7.0),
        ("105B", 3.0, 2.4, 7.0),
        ("5253B", 3.0, 3.4, 7.0),
        ("103B", 3.0, 1.6, 7.0),
    )
    chosen = choose_by_number(bank, parse("107B"), 3.0, 3.1, 10)
    assert chosen.few
    assert chosen.indices == (1, 2, 3, 5, 0)


def test_label_that_is_no_dive_number_joins_last():
    bank = make_bank(("oops", 3.0, 3.0, 7.0), ("205B", 3.0, 3.0, 7.0), ("103B", 3.0, 1.6, 7.0))
    assert choose_by_number(bank, parse("107B"), 3.0, 3.1, 3).indices == (2, 1, 0)


def test_number_the_bank_does_not_hold_still_finds_the_most_alike():
    bank = make_bank(*dives("205B", 4), *dives("207C", 4), *dives("103B", 4))
    chosen = choose_by_number(bank, parse("207B"), 3.0, 3.6, 10)
    assert chosen.few
    assert set(chosen.indices[:4]) == {4, 5, 6, 7}
    assert len(chosen.indices) == 5


def test_fewer_asked_for_than_enough_is_not_few():
    bank = make_bank(*dives("107B", 3))
    assert not choose_by_number(bank, parse("107B"), 3.0, 3.1, 2).few


def test_bank_in_lower_case_is_understood():
    bank = make_bank(*dives("107b", 6), *dives("5253b", 6, 10.0, 3.2))
    chosen = choose_by_number(bank, parse("107B"), 3.0, 3.1, 10)
    assert set(chosen.indices) == set(range(6))


@pytest.mark.parametrize("count", [1, 3, 10])
def test_choice_never_repeats_and_never_exceeds_what_was_asked(count: int):
    bank = make_bank(*dives("107B", 4), *dives("107C", 4), *dives("205B", 4))
    for number in ("107B", "207B"):
        indices = choose_by_number(bank, parse(number), 3.0, 3.1, count).indices
        assert len(set(indices)) == len(indices) <= count


def test_nearest_features_vote_nearest_first():
    bank = make_bank(*dives("107B", 20))
    query = DiveFeatures(
        dynamic=torch.full((1, 9, 4), 7.2),
        static=torch.full((1, 3, 4, 2), 7.2),
        transitions=torch.zeros(1, 96, 2),
    )
    assert choose_by_features(bank, query, 3).indices == (7, 8, 6)


def test_feature_that_varies_much_does_not_drown_one_that_varies_little():
    bank = make_bank(*dives("107B", 4))
    dynamic = torch.tensor([0.0, 1000.0, 0.0, 1000.0])[:, None, None].expand(4, 9, 4).clone()
    static = torch.tensor([0.0, 0.0, 0.01, 0.01])[:, None, None, None].expand(4, 3, 4, 2).clone()
    features = DiveFeatures(dynamic, static, torch.zeros(4, 96, 2))
    bank = ExemplarBank(
        bank.keys, bank.dive_numbers, bank.heights_m, bank.difficulties, bank.marks, features
    )
    query = DiveFeatures(dynamic[:1] + 300, static[2:3], torch.zeros(1, 96, 2))
    assert choose_by_features(bank, query, 1).indices == (2,)


def test_height_narrows_the_nearest_where_there_are_enough():
    bank = make_bank(*dives("107B", 10), *dives("107B", 10, height=10.0))
    query = bank.features[:1]
    assert min(choose_by_features(bank, query, 5, height_m=10.0).indices) >= 10
    few = choose_by_features(bank, query, 5, height_m=7.5)
    assert few.indices == (0, 1, 2, 3, 4)


def test_usual_height_is_the_most_frequent_of_the_number():
    bank = make_bank(*dives("107B", 3, height=10.0), *dives("107B", 4), *dives("205B", 9, 1.0))
    assert usual_height_m(bank, parse("107B")) == 3.0
    assert usual_height_m(bank, parse("614B")) is None


def test_height_of_a_number_without_exemplars_comes_from_the_table():
    bank = make_bank(*dives("107B", 6))
    question = question_by_number(AnalysisRequest(dive_number="614B"), bank)
    assert question is not None
    assert question.facts.height_m == 10.0
    assert {Flag.HEIGHT_ASSUMED, Flag.FEW_EXEMPLARS} <= set(question.flags)


def test_dive_outside_the_table_is_calculated_and_says_so():
    bank = make_bank(*dives("107B", 6))
    request = AnalysisRequest(dive_number="105A", height_m=1)
    question = question_by_number(request, bank)
    assert question is not None
    assert question.facts.difficulty_origin == "formula"


@pytest.mark.parametrize(
    ("difficulties", "assumed"),
    [
        ([3.0, 3.0, 3.1, 3.1, 3.1, 3.2, 3.2, 3.2, 3.2, 3.0], 3.11),
        ([3.0, 3.1, 3.1], 3.07),
        ([2.4, 2.4], 2.4),
    ],
)
def test_assumed_difficulty_is_the_mean_in_hundredths(difficulties: list[float], assumed: float):
    bank = make_bank(*(("107B", 3.0, difficulty, 7.0) for difficulty in difficulties))
    asked = AnalysisRequest(exemplars=len(difficulties))
    facts = question_by_features(asked, bank, bank.features[:1]).facts
    assert (facts.difficulty, facts.difficulty_origin) == (assumed, Origin.ASSUMED)
    assert facts.score_factor == pytest.approx(3 * assumed)
