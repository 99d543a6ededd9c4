"""FineDiving's sub-action labels of a dive's frames.

A simulated dive has three steps: take-off, flight, entry. FineDiving splits the flight of twisting
dives once more; its first and last label changes, which the transitions are, are the same.
"""

import numpy as np

from fpcli.diving.numbers import DiveNumber, Group, Position, parse

ENTRY = 36
TAKE_OFFS = {1: "Forward", 2: "Back", 3: "Reverse", 4: "Inward"}
ARMSTANDS = {1: "Arm.Forward", 2: "Arm.Back", 3: "Arm.Reverse"}
ARMSTAND_FROM = 4  # the identifier before the first armstand's
PIKES = {1: 37, 2: 12, 3: 13, 4: 14, 5: 15, 6: 16, 7: 17, 9: 19}  # by half somersaults
TUCKS = {3: 21, 4: 22, 5: 23, 6: 24, 7: 25, 9: 27}
OTHER_FROM = 40  # identifiers of flights that FineDiving does not have


def _take_off(dive: DiveNumber) -> tuple[int, str]:
    direction = int(dive.direction)
    if dive.group == Group.ARMSTAND and direction in ARMSTANDS:
        return ARMSTAND_FROM + direction, ARMSTANDS[direction]
    return direction, TAKE_OFFS[direction]


def _flight(dive: DiveNumber) -> tuple[int, str]:
    tuck = dive.position == Position.TUCK
    halves = dive.half_somersaults
    whole = f"{halves / 2:g}"
    name = f"{whole} Som{'s' if halves > 2 else ''}.{'Tuck' if tuck else 'Pike'}"
    known = (TUCKS if tuck else PIKES).get(halves)
    return known if known is not None else OTHER_FROM + 2 * halves + int(tuck), name


def step_names(number: str) -> dict[int, str]:
    """The sub-actions of a dive by their identifiers, in order."""
    dive = parse(number)
    return dict((_take_off(dive), _flight(dive), (ENTRY, "Entry")))


def frame_labels(number: str, transitions: np.ndarray, frames: int) -> np.ndarray:
    """(frames,) int64, the sub-action shown in each frame; transitions: (2,) frames."""
    take_off, flight, entry = step_names(number)
    labels = np.full(frames, take_off, np.int64)
    labels[int(transitions[0]) :] = flight
    labels[int(transitions[1]) :] = entry
    return labels
