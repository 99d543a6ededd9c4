import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpcli.report import numbers

points = st.floats(-30, 30)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3.14, "+3.1"), (-0.55, "−0.6"), (0.04, "0.0"), (-0.04, "0.0"), (0.0, "0.0")],
)
def test_differences_carry_a_true_minus_and_zero_carries_no_sign(value, shown):
    assert numbers.signed_points(value) == shown


def test_a_term_of_a_sum_shows_its_sign_apart():
    assert numbers.added_points(-2.4) == "− 2.4"
    assert numbers.added_points(0.1) == "+ 0.1"


def test_plain_numbers():
    assert numbers.points(76.84) == "76.8"
    assert numbers.points(-0.01) == "0.0"
    assert numbers.mark(8.0) == "8.0"
    assert numbers.difficulty(3.2) == "3.2"
    assert numbers.difficulty(3.166667) == "3.17"
    assert numbers.seconds(0.9333) == "0.93"
    assert numbers.percent(0.9) == "90 %"
    assert numbers.height(7.5) == "7.5 m"
    assert numbers.height(10.0) == "10 m"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "back 2½ somersaults · −0.6"),
        ("latin-1", "back 2½ somersaults · -0.6"),  # has ½ and ·, lacks the minus
        ("ascii", "back 2 1/2 somersaults - -0.6"),
        ("no-such-encoding", "back 2 1/2 somersaults - -0.6"),
    ],
)
def test_signs_a_stream_lacks_are_written_plainly(encoding, shown):
    assert numbers.for_encoding("back 2½ somersaults · −0.6", encoding) == shown


@pytest.fixture(scope="module")
def any_analysis(make_analysis_once):
    return make_analysis_once()


@settings(deadline=None)
@given(mean=st.floats(0, 110), streams=st.lists(st.tuples(points, points), min_size=3, max_size=3))
def test_shown_numbers_add_up_and_stay_within_a_tenth(any_analysis, mean, streams):
    steps = tuple(
        dataclasses.replace(step, dynamic_points=dynamic, static_points=static)
        for step, (dynamic, static) in zip(any_analysis.steps, streams, strict=True)
    )
    score = mean + sum(step.contribution_points for step in steps)
    analysis = dataclasses.replace(
        any_analysis, steps=steps, exemplar_mean_points=mean, score_points=score
    )
    shown = numbers.shown_breakdown(analysis)

    assert round(10 * shown.score) == round(10 * (shown.mean + shown.difference + shown.limit))
    assert round(10 * shown.difference) == round(10 * sum(step.total for step in shown.steps))
    assert shown.score == pytest.approx(score, abs=0.05 + 1e-9)
    assert shown.mean == pytest.approx(mean, abs=0.1 + 1e-9)
    for step, true in zip(shown.steps, steps, strict=True):
        assert round(10 * step.total) == round(10 * (step.dynamic + step.static))
        assert step.total == pytest.approx(true.contribution_points, abs=0.1 + 1e-9)
        assert step.dynamic == pytest.approx(true.dynamic_points, abs=0.1 + 1e-9)
        assert step.static == pytest.approx(true.static_points, abs=0.1 + 1e-9)


def test_a_limited_score_shows_its_limit_in_the_sum(make_analysis):
    analysis = make_analysis(score_points=96.0, exemplar_mean_points=97.5, limit_points=-1.6)
    shown = numbers.shown_breakdown(analysis)
    assert shown.limit == -1.6
    assert shown.mean + shown.difference + shown.limit == pytest.approx(96.0)


def test_a_vote_shows_a_sum(make_analysis):
    vote = dataclasses.replace(
        make_analysis().votes[0], exemplar_points=70.04, difference_points=3.04, vote_points=73.08
    )
    own, difference, total = numbers.shown_vote(vote)
    assert total == 73.1
    assert own + difference == pytest.approx(total)


@given(st.floats(0, 10), st.floats(0, 10))
def test_a_difference_is_the_one_that_a_reader_finds(one, other):
    shown = numbers.shown_difference(one, other, 2)
    assert f"{shown:.2f}" == f"{float(f'{one:.2f}') - float(f'{other:.2f}'):.2f}".replace(
        "-0.00", "0.00"
    )


def test_what_a_panel_gave_is_shown_as_it_gave_it():
    assert [numbers.panel_points(value) for value in (76.8, 33.15, 60.0, 0.0)] == [
        "76.8",
        "33.15",
        "60.0",
        "0.0",
    ]
