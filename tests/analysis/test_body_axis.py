"""The axis of drawn bodies: bars that turn as they are told."""

import cv2
import numpy as np
import pytest

from fpcli.analysis.body_axis import body_axis, entry_line, sinks_at_touch, spin

SIDE, SAMPLES, RATE_HZ = 112, 96, 25.0
TOUCH_S = 2.0
TIMES_S = np.arange(SAMPLES) / RATE_HZ
WINDOWS = np.tile([0.0, 0.0, 224.0, 224.0], (SAMPLES, 1))


def bars(angles_deg: np.ndarray, length: np.ndarray, width: float = 9.0) -> np.ndarray:
    """Masks of a bar that leans to the right by these angles off the vertical."""
    masks = np.zeros((SAMPLES, SIDE, SIDE), np.float32)
    for mask, angle, long in zip(masks, angles_deg, length, strict=True):
        if long > 0:
            box = cv2.boxPoints(((SIDE / 2, SIDE / 2), (width, float(long)), float(angle)))
            cv2.fillPoly(mask, [np.round(box).astype(np.int32)], 1.0)
    return masks


def axis_of(masks: np.ndarray):
    return body_axis(masks, WINDOWS, TIMES_S, np.arange(SAMPLES))


def sinking() -> np.ndarray:
    """Lengths of a body that goes under within 0.15 s of the touch."""
    return 64 * np.clip((TOUCH_S + 0.15 - TIMES_S) / 0.15, 0, 1)


@pytest.mark.parametrize("turn_deg_s", [200.0, -200.0])
@pytest.mark.parametrize("off_deg", [-15.0, 8.0])
def test_short_and_past_are_told_by_the_way_that_the_body_turns(turn_deg_s, off_deg):
    """off_deg: past vertical in the sense of the turn."""
    lean = (TIMES_S - TOUCH_S) * turn_deg_s + off_deg * np.sign(turn_deg_s)
    line = entry_line(axis_of(bars(lean, np.full(SAMPLES, 64.0))), TOUCH_S, 1.0)
    assert line is not None
    assert line.angle_deg == pytest.approx(off_deg, abs=2)
    assert TIMES_S[line.sample] == pytest.approx(TOUCH_S, abs=0.05)


def test_a_body_that_does_not_turn_is_neither_short_nor_past():
    axis = axis_of(bars(np.full(SAMPLES, 10.0), np.full(SAMPLES, 64.0)))
    assert entry_line(axis, TOUCH_S, 1.0) is None


def test_a_disc_has_no_line():
    axis = axis_of(bars(TIMES_S * 200, np.full(SAMPLES, 12.0), width=12.0))
    assert entry_line(axis, TOUCH_S, 1.0) is None


@pytest.mark.parametrize(("wrong_s", "believed"), [(0.0, True), (-0.15, False), (0.15, False)])
def test_a_touch_is_believed_where_the_body_sinks_after_it(wrong_s, believed):
    axis = axis_of(bars((TIMES_S - TOUCH_S) * 200, sinking()))
    assert sinks_at_touch(axis, TOUCH_S + wrong_s, 1.0) is believed


@pytest.mark.parametrize("rate", [1.5, 2.6])
def test_a_steady_somersault_is_counted(rate):
    axis = axis_of(bars(360 * rate * TIMES_S, np.full(SAMPLES, 25.0), width=14.0))
    found = spin(axis, 0.5, TOUCH_S, 1.0)
    assert found is not None
    assert found.rate == pytest.approx(rate, abs=0.05)


def test_no_rate_is_made_up_where_nobody_turns_or_is_seen():
    still = axis_of(bars(np.full(SAMPLES, 30.0), np.full(SAMPLES, 25.0), width=14.0))
    assert spin(still, 0.5, TOUCH_S, 1.0) is None
    nobody = axis_of(np.zeros((SAMPLES, SIDE, SIDE), np.float32))
    assert spin(nobody, 0.5, TOUCH_S, 1.0) is None
    assert entry_line(nobody, TOUCH_S, 1.0) is None
    assert not sinks_at_touch(nobody, TOUCH_S, 1.0)


@pytest.mark.filterwarnings("error")
def test_a_square_has_no_axis_that_could_turn():
    squares = np.zeros((SAMPLES, SIDE, SIDE), np.float32)
    squares[:, 40:60, 40:60] = 1.0
    assert spin(axis_of(squares), 0.5, TOUCH_S, 1.0) is None
