import struct

import numpy as np
import pytest

from fpcli.video.orientation import Orientation

ONE = 1 << 16
# (a, b, c, d) of the display matrix; upright picture of [[1, 2], [3, 4]]; clockwise degrees
CASES = [
    ((1, 0, 0, 1), [[1, 2], [3, 4]], 0),
    ((0, 1, -1, 0), [[3, 1], [4, 2]], 90),
    ((-1, 0, 0, -1), [[4, 3], [2, 1]], 180),
    ((0, -1, 1, 0), [[2, 4], [1, 3]], 270),
    ((-1, 0, 0, 1), [[2, 1], [4, 3]], 0),  # mirrored left to right
    ((1, 0, 0, -1), [[3, 4], [1, 2]], 180),  # upside down mirror
    ((0, 1, 1, 0), [[1, 3], [2, 4]], 270),  # mirrored, then turned
    ((0, -1, -1, 0), [[4, 2], [3, 1]], 90),
]


def matrix(a: float, b: float, c: float, d: float) -> bytes:
    values = (a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)
    return struct.pack("=9i", *(round(value) for value in values))


@pytest.mark.parametrize(("entries", "upright", "degrees"), CASES)
def test_display_matrix_brings_the_picture_upright(
    entries: tuple[int, int, int, int], upright: list[list[int]], degrees: int
) -> None:
    orientation = Orientation.from_display_matrix(matrix(*entries))
    picture = np.repeat(np.array([[1, 2], [3, 4]], np.uint8)[:, :, None], 3, axis=2)
    assert orientation.apply(picture)[:, :, 0].tolist() == upright
    assert orientation.rotation_degrees == degrees


def test_sizes_swap_for_a_quarter_turn_only() -> None:
    assert Orientation.from_display_matrix(matrix(0, 1, -1, 0)).upright_size(568, 320) == (320, 568)
    assert Orientation.from_display_matrix(matrix(-1, 0, 0, -1)).upright_size(8, 6) == (8, 6)


def test_skewed_angle_goes_to_the_nearest_right_angle() -> None:
    assert Orientation.from_display_matrix(matrix(0.1, 0.99, -0.99, 0.1)).rotation_degrees == 90


@pytest.mark.parametrize(
    ("counter_clockwise", "clockwise"), [(0, 0), (-90, 90), (180, 180), (90, 270)]
)
def test_angle_alone_gives_the_same_as_the_matrix(counter_clockwise: int, clockwise: int) -> None:
    by_angle = Orientation.from_angle(counter_clockwise)
    by_matrix = next(
        Orientation.from_display_matrix(matrix(*entries))
        for entries, _, degrees in CASES
        if degrees == clockwise
    )
    assert by_angle == by_matrix
