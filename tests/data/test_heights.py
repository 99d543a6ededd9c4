"""Heights out of event names and difficulties."""

import pytest

from fpcli.data.heights import heights_of

BY_NAME = [
    ("FINADivingWorldCup2021_Men3m_final", 3.0),
    ("FINADivingWorldCup2021_Women10m_final", 10.0),
    ("Women 1m springboard", 1.0),
    ("Mixed_10mPlatform", 10.0),
    ("Men_7.5m", 7.5),
    ("Synchro 3 metres", 3.0),
]


@pytest.mark.parametrize(("event", "height_m"), BY_NAME)
def test_the_events_name_says_it(event: str, height_m: float) -> None:
    assert heights_of([(event, "107B", 9.9)]) == [(height_m, False)]


def test_without_a_name_the_difficulties_say_it_event_by_event() -> None:
    # 107B is 3.0 from 10 m and 3.1 from 3 m, 205B 2.9 and 3.0; fixed 2.0 says nothing.
    dives = [("01", "107B", 3.0), ("01", "205B", 2.9), ("02", "107B", 3.1), ("02", "103B", 2.0)]
    assert heights_of(dives) == [(10.0, False), (10.0, False), (3.0, False), (3.0, False)]


def test_a_mistyped_difficulty_is_outvoted() -> None:
    dives = [("01", "107B", 3.0), ("01", "205B", 2.9), ("01", "407C", 3.4)]
    assert {height for height, _ in heights_of(dives)} == {10.0}


def test_an_armstand_is_not_done_from_a_springboard() -> None:
    assert heights_of([("Men3m_final", "626C", 3.3)]) == [(10.0, False)]


def test_a_guess_is_called_one() -> None:
    assert heights_of([("05", "107B", 9.9)]) == [(3.0, True)]
    assert heights_of([("05", "626C", 9.9)]) == [(10.0, True)]


@pytest.mark.parametrize("event", ["2021_Men_final", "Round3_Mixed", "FINA2010March", "33m"])
def test_other_numbers_are_no_heights(event: str) -> None:
    assert heights_of([(event, "107B", 9.9)])[0][1]
