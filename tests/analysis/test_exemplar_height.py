"""From which height a scored dive was dived, where nobody says so."""

import pytest

from fpcli.analysis.exemplar_height import (
    HeightReason,
    are_of_half_marks,
    may_be,
    possible_heights,
)
from fpcli.analysis.result import Measure, Missing
from fpcli.diving.numbers import parse
from fpcli.errors import UsageError

UNSEEN = Measure(missing=Missing.IMPRECISE)


def board(value: float, half: float = 0.9) -> Measure:
    return Measure(value, value - half, value + half, 10, 0.4)


@pytest.mark.parametrize(
    ("number", "dd", "points", "height_m", "difficulty", "reason"),
    [
        ("107B", None, 62.0, 3.0, 3.1, HeightReason.USUAL),  # 20 x 3.1, which is 7.5 m's, too
        ("107B", None, 63.0, 10.0, 3.0, HeightReason.POINTS),
        ("107B", 3.3, 50.0, 1.0, 3.3, HeightReason.DIFFICULTY),
        ("408C", None, 60.0, 10.0, 4.1, HeightReason.ONLY_ONE),
    ],
)
def test_points_or_difficulty_leave_one_height(number, dd, points, height_m, difficulty, reason):
    found = possible_heights(parse(number), dd, points).settled(UNSEEN)
    assert (found.height_m, found.difficulty, found.reason) == (height_m, difficulty, reason)


def test_what_points_do_not_tell_the_flight_may():
    possible = possible_heights(parse("103B"), None, 0.0)  # completely failed from any height
    assert len(possible.difficulties) > 1
    found = possible.settled(board(3.1))
    assert (found.height_m, found.reason) == (3.0, HeightReason.MEASURED)
    assert found.difficulty == possible.difficulties[3.0]


def test_heights_that_nothing_tells_apart_are_asked_for_with_their_difficulties():
    possible = possible_heights(parse("103B"), None, 0.0)
    with pytest.raises(UsageError, match=r"1 m \(difficulty 1.7\), .* or 10 m") as asked:
        possible.settled(UNSEEN)
    assert "--height" in asked.value.hint
    with pytest.raises(UsageError, match=r"2\.0 m high"):
        possible.settled(board(2.0, 1.2))


def test_points_that_the_flight_denies_settle_nothing():
    possible = possible_heights(parse("107B"), None, 62.0)
    assert list(possible.difficulties) == [3.0, 7.5]
    assert possible.settled(board(7.1)).reason is HeightReason.MEASURED
    with pytest.raises(UsageError, match=r"its points fit 3 m .* 10\.1 m high"):
        possible.settled(board(10.1))


def test_points_that_no_height_allows_are_refused():
    with pytest.raises(UsageError, match="from any height"):
        possible_heights(parse("107B"), None, 120.0)
    with pytest.raises(UsageError, match="in no table"):
        possible_heights(parse("1011B"), 5.0, 60.0)


@pytest.mark.parametrize(
    ("points", "difficulty", "are"),
    [
        (76.8, 3.2, True),
        (76.8, 3.4, False),
        (59.2, 3.2, True),
        (96.0, 3.2, True),
        (97.6, 3.2, False),
    ],
)
def test_sums_of_half_marks(points, difficulty, are):
    assert are_of_half_marks(points, difficulty) is are


def test_a_board_that_was_not_measured_denies_no_height():
    assert may_be(10.0, UNSEEN)
    assert may_be(3.0, board(3.9))
    assert not may_be(10.0, board(3.9))
