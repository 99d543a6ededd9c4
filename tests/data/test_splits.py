"""Events held out of a training list."""

import pytest

from fpcli.data.splits import held_out_events
from fpcli.errors import DataError

EVENTS = [f"event {place // 20:02d}" for place in range(600)]


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3, 0.5])
def test_about_the_share_is_held_out(share: float) -> None:
    chosen = held_out_events(EVENTS, share)
    held = sum(event in chosen for event in EVENTS) / len(EVENTS)
    assert held == pytest.approx(share, abs=20 / 600 + 0.1 * share)  # an event more or less


def test_the_choice_is_the_same_each_time_whatever_the_order() -> None:
    assert held_out_events(EVENTS, 0.15) == held_out_events(EVENTS[::-1], 0.15)


def test_the_choice_is_not_the_end_of_the_alphabet() -> None:
    chosen = sorted(held_out_events(EVENTS, 0.15))
    assert chosen != sorted(set(EVENTS))[-len(chosen) :]


def test_an_event_too_large_to_hold_out_is_learned_from() -> None:
    events = ["large"] * 90 + ["small"] * 6 + ["smaller"] * 4
    assert held_out_events(events, 0.1) <= {"small", "smaller"}
    assert held_out_events(events, 0.001) == {"smaller"}


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_neither_side_is_empty(share: float) -> None:
    chosen = held_out_events(["a", "a", "b"], share)
    assert len(chosen) == 1


def test_one_event_cannot_be_split() -> None:
    with pytest.raises(DataError, match="one event"):
        held_out_events(["a", "a"], 0.5)
