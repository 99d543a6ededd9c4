"""Whole simulated dives: the same everywhere, faults that are seen and cost marks."""

import json
from dataclasses import replace

import numpy as np
import pytest

from fpcli.diving.difficulty import heights_for
from fpcli.diving.numbers import parse
from fpcli.diving.panels import Panel
from fpcli.errors import DiveNumberError
from fpcli.simulation.body import reference_build
from fpcli.simulation.dive import performed, simulate_dive, standard_dive
from fpcli.simulation.judging import award, by_step, deductions, impression, splash_size
from fpcli.simulation.measurement import Measures, measure
from fpcli.simulation.programme import FREQUENCIES, sample_dive
from fpcli.simulation.skeleton import BONES, JOINT_INDEX
from fpcli.simulation.starts import known_refusal, known_start
from fpcli.simulation.technique import Technique


def with_fault(text: str, height_m: float, **fault: float) -> tuple[Measures, Measures]:
    """The measures of a dive with a fault and of the faultless one."""
    standard = standard_dive(text, height_m, "female")
    technique: Technique = replace(standard.technique, **fault)
    dive = performed(parse(text), height_m, reference_build("female"), technique)
    return measure(dive), standard.measures


def faults_found(text: str, height_m: float, **fault: float) -> dict[str, float]:
    seen, good = with_fault(text, height_m, **fault)
    return {one.fault: one.marks for one in deductions(parse(text), seen, good)}


def test_the_same_seed_gives_the_same_truth() -> None:
    first, second = sample_dive(11), sample_dive(11)
    assert first.truth == second.truth
    assert np.array_equal(first.motion.joints, second.motion.joints)
    assert sample_dive(12).truth != first.truth


def test_the_truth_is_plain_data() -> None:
    truth = simulate_dive("5253B", 3.0, 4).truth
    plain = json.loads(json.dumps(truth.to_dict()))
    assert plain["number"] == "5253B"
    assert plain["measures"]["flight_s"] == pytest.approx(truth.measures.flight_s, abs=1e-4)
    assert len(plain["marks"]) == 7
    assert sum(plain["lost_by_step"]) == pytest.approx(10 - truth.quality, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "height_m", "marks", "angle_deg", "flight_s", "quality"),
    [
        ("107B", 10.0, (6.0, 6.5, 7.0, 5.5, 6.5, 6.0, 6.0), -0.464, 1.7506, 6.3307),
        ("5253B", 3.0, (6.0, 6.5, 7.0, 5.5, 6.5, 6.0, 6.0), -1.054, 1.3946, 6.2506),
    ],
)
def test_a_seed_tells_the_same_on_every_machine(
    text: str,
    height_m: float,
    marks: tuple[float, ...],
    angle_deg: float,
    flight_s: float,
    quality: float,
) -> None:
    truth = simulate_dive(text, height_m, 2024).truth
    assert truth.marks == marks
    assert truth.measures.entry_angle_deg == pytest.approx(angle_deg, abs=0.002)
    assert truth.measures.flight_s == pytest.approx(flight_s, abs=1e-4)
    assert truth.quality == pytest.approx(quality, abs=1e-3)


def test_another_panel_judges_the_same_dive() -> None:
    seven = simulate_dive("107B", 10.0, 2024).truth
    five = simulate_dive("107B", 10.0, 2024, panel=Panel.FIVE).truth
    assert five.technique == seven.technique
    assert five.lost_by_step == seven.lost_by_step
    assert len(five.marks) == 5


@pytest.mark.parametrize("text", ["103B", "407C", "5152B", "614B", "201A"])
def test_a_dive_without_fault_is_nearly_perfect(text: str) -> None:
    height_m = 10.0 if text == "614B" else 3.0
    assert simulate_dive(text, height_m, 5, severity=0).truth.quality > 9.7


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"rise_m_s": 2.2}, "low take-off"),
        ({"out_m_s": 1.8}, "too far from the board"),
        ({"lean_deg": 14.0}, "off balance"),
        ({"aside_m_s": 0.2}, "off the line"),
        ({"loose_deg": 25.0}, "loose position"),
        ({"knees_deg": 25.0}, "knees bent"),
        ({"feet_apart_deg": 8.0}, "feet apart"),
        ({"toes_deg": 30.0}, "toes not pointed"),
        ({"opened_s": 0.05}, "opened late"),
        ({"somersault_error_deg": -15.0}, "entry short"),
        ({"somersault_error_deg": 15.0}, "entry over"),
        ({"entry_hips_deg": 20.0}, "body not straight"),
        ({"arms_apart_deg": 25.0}, "arms apart"),
        ({"elbows_deg": 40.0}, "arms bent"),
        ({"entry_knees_deg": 30.0}, "knees bent at the entry"),
        ({"entry_feet_deg": 12.0}, "feet apart at the entry"),
    ],
)
def test_every_fault_is_seen_where_it_happens(fault: dict[str, float], named: str) -> None:
    found = faults_found("205B", 10.0, **fault)
    assert found.get(named, 0.0) > 0.05
    assert max(found, key=lambda name: found[name]) == named


def test_a_twist_stopped_early_twists_the_entry() -> None:
    assert "entry twisted" in faults_found("5253B", 10.0, twist_error_deg=1.2)


def test_a_worse_fault_costs_more() -> None:
    costs = [
        sum(faults_found("107B", 10.0, somersault_error_deg=-error).values())
        for error in (4.0, 12.0, 25.0)
    ]
    assert costs[0] < costs[1] < costs[2]


def test_a_flat_entry_splashes_more() -> None:
    good, _ = with_fault("107B", 10.0)
    flat, _ = with_fault("107B", 10.0, somersault_error_deg=-30.0)
    small = splash_size(good, np.random.default_rng(0))
    large = splash_size(flat, np.random.default_rng(0))
    assert 0 <= small < 0.3 < 0.6 < large <= 1


def test_deductions_by_step_add_up() -> None:
    seen, good = with_fault("107B", 10.0, somersault_error_deg=-10.0, toes_deg=25.0)
    found = impression(deductions(parse("107B"), seen, good), seen)
    take_off, flight, entry = by_step(found)
    assert take_off + flight + entry == pytest.approx(sum(one.marks for one in found))
    assert entry > flight > take_off


def test_a_twist_wrong_by_a_quarter_turn_fails_the_dive() -> None:
    seen, good = with_fault("107B", 10.0)
    failed = replace(seen, entry_twist_deg=-95.0)
    found = impression(deductions(parse("107B"), failed, good), failed)
    assert sum(by_step(found)) == pytest.approx(10.0, abs=1e-3)


def test_no_diver_goes_through_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    assert simulate_dive("407C", 3.0, 1110473925).truth.measures.distance_m > 0.3
    monkeypatch.setattr("fpcli.simulation.dive.CLEAR_DRAWS", 1)
    with pytest.raises(DiveNumberError, match="through the end of the board"):
        simulate_dive("407C", 3.0, 1110473925)


def test_judges_award_half_points() -> None:
    marks = award(9.9, 1000, np.random.default_rng(1))
    assert all(0 <= mark <= 10 and (2 * mark).is_integer() for mark in marks)


def test_the_moments_are_in_order_and_the_bones_keep_their_length() -> None:
    for seed in range(4):
        motion = sample_dive(seed).motion
        assert 0 < motion.takeoff_s < motion.position_s < motion.opened_s < motion.entry_s
        assert motion.end_s - motion.entry_s == pytest.approx(1.0, abs=0.02)
        for one, two in BONES:
            length = np.linalg.norm(motion.joints[:, one] - motion.joints[:, two], axis=1)
            assert np.ptp(length) < 1e-4


def test_the_diver_stands_on_the_board_and_enters_the_water() -> None:
    motion = simulate_dive("305C", 3.0, 1).motion
    start = int(np.searchsorted(motion.times_s, motion.takeoff_s))
    toe = motion.joints[start, JOINT_INDEX["right_toe"]]
    assert np.abs(toe - motion.board_tip[start])[:2].max() < 0.06
    assert motion.board_tip[:, 1].min() < motion.height_m - 0.3
    entry = int(np.searchsorted(motion.times_s, motion.entry_s))
    assert abs(motion.joints[entry, :, 1].min()) < 0.1
    assert motion.joints[-1, :, 1].max() < 0
    assert np.linalg.norm(motion.at(np.array([0.0]))[0] - motion.joints[0]) == 0


def test_it_is_known_of_every_dive_with_twists_whether_it_is_possible() -> None:
    unknown = [
        (text, height_m, sex)
        for text in FREQUENCIES
        if parse(text).half_twists
        for height_m in heights_for(parse(text))
        for sex in ("female", "male")
        if known_start(text, height_m, sex) is None and known_refusal(text, height_m, sex) is None
    ]
    assert not unknown


def test_a_known_refusal_says_why() -> None:
    assert known_start("5154B", 1.0, "male") is None
    with pytest.raises(DiveNumberError, match="5154B from 1 m"):
        standard_dive("5154B", 1.0, "male")
