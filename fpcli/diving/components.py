"""The five tables behind every difficulty: somersaults, position, twists, approach, entry.

Source: Appendices 8 and 10 of the edition named in `table`. Heights are metres, somersaults and
twists are counted in halves, values are parts of a difficulty. What a table leaves out has no
value.
"""

from collections.abc import Mapping

from fpcli.diving.numbers import Direction, Position

# A: height -> one value for each count of half somersaults
HALF_SOMERSAULTS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11)
SOMERSAULTS: Mapping[float, tuple[float, ...]] = {
    1.0: (0.9, 1.1, 1.2, 1.6, 2.0, 2.4, 2.7, 3.0, 3.3, 3.8),
    3.0: (1.0, 1.3, 1.3, 1.5, 1.8, 2.2, 2.3, 2.8, 2.9, 3.5),
    5.0: (0.9, 1.1, 1.2, 1.6, 2.0, 2.4, 2.7, 3.0),
    7.5: (1.0, 1.3, 1.3, 1.5, 1.8, 2.2, 2.3, 2.8, 3.5, 3.5),
    10.0: (1.0, 1.3, 1.4, 1.5, 1.9, 2.1, 2.5, 2.7, 3.5, 3.5, 4.5),
}

# B: one row for each band of somersaults, in the order of the rules' columns
POSITION_BANDS = ((0, 2), (3, 4), (5, 5), (6, 7), (8, 9))  # half somersaults, from and to
ARMSTAND_COLUMN = 4  # after the four directions
POSITIONS: Mapping[Position, tuple[tuple[float | None, ...], ...]] = {
    # forward, back, reverse, inward, armstand
    Position.TUCK: (
        (0.1, 0.1, 0.1, -0.3, 0.1),
        (0.0, 0.0, 0.0, 0.1, 0.0),
        (0.0, 0.1, 0.0, 0.2, 0.1),
        (0.0, 0.0, 0.0, 0.3, 0.2),
        (0.0, 0.1, 0.2, 0.4, 0.3),
    ),
    Position.PIKE: (
        (0.2, 0.2, 0.2, -0.2, 0.3),
        (0.1, 0.3, 0.3, 0.3, 0.3),
        (0.2, 0.3, 0.2, 0.5, 0.0),
        (0.3, 0.3, 0.3, 0.6, 0.4),
        (0.4, 0.4, 0.5, 0.8, 0.5),
    ),
    Position.STRAIGHT: (
        (0.3, 0.3, 0.3, 0.1, 0.4),
        (0.4, 0.5, 0.6, 0.8, 0.5),
        (0.6, 0.7, 0.6, None, None),
    ),
    Position.FREE: (
        (0.1, 0.1, 0.1, -0.1, 0.0),
        (0.0, -0.1, -0.1, 0.2, 0.0),
        (0.0, -0.1, -0.2, 0.4, 0.0),
        (0.0, 0.0, 0.0, None, 0.0),
    ),
}
# Of 4 and 4½ somersaults, where a platform differs from a springboard.
PLATFORM_POSITIONS: Mapping[tuple[Position, Direction], float] = {
    (Position.TUCK, Direction.REVERSE): 0.3,
    (Position.PIKE, Direction.REVERSE): 0.6,
    (Position.PIKE, Direction.INWARD): 0.7,
}
FLYING: tuple[tuple[float | None, ...], ...] = (  # forward, back, reverse, inward
    (0.2, 0.1, 0.1, 0.4),
    (0.2, 0.2, 0.2, 0.5),
    (0.3, 0.3, 0.3, 0.7),
    (0.4, None, None, None),
)

# C: half twists -> rows of (most half somersaults of the row, one value for each direction)
MOST_HALF_SOMERSAULTS = 11
TwistRows = tuple[tuple[int, tuple[float, ...]], ...]
SPRINGBOARD_TWISTS: Mapping[int, TwistRows] = {
    1: (
        (2, (0.4, 0.2, 0.2, 0.2)),
        (4, (0.4, 0.4, 0.4, 0.4)),
        (5, (0.4, 0.0, 0.0, 0.2)),
        (7, (0.4, 0.0, 0.0, 0.4)),
    ),
    2: ((MOST_HALF_SOMERSAULTS, (0.6, 0.4, 0.4, 0.4)),),
    3: ((4, (0.8, 0.8, 0.8, 0.8)), (MOST_HALF_SOMERSAULTS, (0.8, 0.7, 0.6, 0.8))),
    4: ((MOST_HALF_SOMERSAULTS, (1.0, 0.8, 0.8, 0.8)),),
    5: ((4, (1.2, 1.2, 1.2, 1.2)), (MOST_HALF_SOMERSAULTS, (1.2, 1.1, 1.0, 1.2))),
    6: ((MOST_HALF_SOMERSAULTS, (1.5, 1.4, 1.4, 1.5)),),
    7: ((MOST_HALF_SOMERSAULTS, (1.6, 1.7, 1.8, 1.6)),),
    8: ((MOST_HALF_SOMERSAULTS, (1.9, 1.8, 1.8, 1.9)),),
    9: ((MOST_HALF_SOMERSAULTS, (2.0, 2.1, 2.1, 2.0)),),
}
PLATFORM_TWISTS: Mapping[int, TwistRows] = {
    **SPRINGBOARD_TWISTS,
    3: ((4, (0.8, 0.8, 0.8, 0.8)), (MOST_HALF_SOMERSAULTS, (0.8, 0.6, 0.6, 0.8))),
    5: ((4, (1.2, 1.2, 1.2, 1.2)), (MOST_HALF_SOMERSAULTS, (1.2, 1.0, 1.0, 1.2))),
    7: ((4, (1.6, 1.7, 1.7, 1.6)), (MOST_HALF_SOMERSAULTS, (1.6, 1.5, 1.5, 1.6))),
    9: ((4, (2.0, 2.1, 2.1, 2.0)), (MOST_HALF_SOMERSAULTS, (2.0, 1.9, 1.9, 2.0))),
}
ARMSTAND_TWISTS: Mapping[int, TwistRows] = {  # forward, back, reverse
    1: ((2, (0.4, 0.4, 0.4)), (5, (0.5, 0.5, 0.5)), (7, (0.4, 0.5, 0.5))),
    2: ((MOST_HALF_SOMERSAULTS, (1.2, 1.2, 1.2)),),
    3: ((MOST_HALF_SOMERSAULTS, (1.3, 1.3, 1.3)),),
    4: ((MOST_HALF_SOMERSAULTS, (1.5, 1.3, 1.3)),),
    5: ((MOST_HALF_SOMERSAULTS, (1.7, 1.7, 1.7)),),
    6: ((MOST_HALF_SOMERSAULTS, (1.9, 1.9, 1.9)),),
    7: ((MOST_HALF_SOMERSAULTS, (2.1, 2.1, 2.1)),),
    8: ((MOST_HALF_SOMERSAULTS, (2.3, 2.3, 2.3)),),
    9: ((MOST_HALF_SOMERSAULTS, (2.5, 2.5, 2.5)),),
}

# D: direction, height -> (from this many half somersaults, value), the last that applies counts
ApproachSteps = tuple[tuple[int, float], ...]
APPROACHES: Mapping[tuple[Direction, float], ApproachSteps] = {
    (Direction.FORWARD, 1.0): ((0, 0.0), (8, 0.5)),
    (Direction.FORWARD, 3.0): ((0, 0.0), (8, 0.3)),
    (Direction.FORWARD, 5.0): ((0, 0.0), (8, 0.5)),
    (Direction.FORWARD, 7.5): ((0, 0.0), (8, 0.3)),
    (Direction.FORWARD, 10.0): ((0, 0.0), (8, 0.2)),
    (Direction.BACK, 1.0): ((0, 0.2), (7, 0.6)),
    (Direction.BACK, 3.0): ((0, 0.2), (7, 0.4)),
    (Direction.BACK, 5.0): ((0, 0.2), (7, 0.5)),
    (Direction.BACK, 7.5): ((0, 0.2), (7, 0.3)),
    (Direction.BACK, 10.0): ((0, 0.2),),
    (Direction.REVERSE, 1.0): ((0, 0.3), (7, 0.5)),
    (Direction.REVERSE, 3.0): ((0, 0.3),),
    (Direction.REVERSE, 5.0): ((0, 0.3), (5, 0.4), (7, 0.6)),
    (Direction.REVERSE, 7.5): ((0, 0.3), (5, 0.4), (7, 0.4)),
    (Direction.REVERSE, 10.0): ((0, 0.3), (5, 0.4), (7, 0.3)),
    (Direction.INWARD, 1.0): ((0, 0.6), (3, 0.5)),
    (Direction.INWARD, 3.0): ((0, 0.3),),
    (Direction.INWARD, 5.0): ((0, 0.6), (3, 0.5)),
    (Direction.INWARD, 7.5): ((0, 0.3),),
    (Direction.INWARD, 10.0): ((0, 0.3), (3, 0.2)),
}
ARMSTAND_APPROACHES: Mapping[Direction, ApproachSteps] = {  # without twist, every platform
    Direction.FORWARD: ((0, 0.2), (5, 0.4)),
    Direction.BACK: ((0, 0.2), (2, 0.4)),
    Direction.REVERSE: ((0, 0.3), (2, 0.5)),
    Direction.INWARD: ((0, 0.3), (5, 0.5)),
}

# E: one value for each count of half somersaults from ½, dives without twist
FORWARD_ENTRY = (0.0, 0.1, 0.0, 0.2, 0.0, 0.2, 0.0, 0.2, 0.0)
BACKWARD_ENTRY = (0.1, 0.0, 0.2, 0.0, 0.3, 0.0, 0.4, 0.0, 0.4)
ARMSTAND_BACKWARD_ENTRY = (0.0, 0.1, 0.0, 0.2, 0.0, 0.2, 0.0, 0.3, 0.0)
ARMSTAND_FORWARD_ENTRY = BACKWARD_ENTRY
PLATFORM_FORWARD_QUADRUPLE_ENTRY = 0.0  # 4 somersaults forward or inward
