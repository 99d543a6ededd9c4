"""The 21 joints every simulated diver has, and the frame they are measured in.

World frame, right-handed, metres: x away from the board (out over the water), y up with the water's
surface at y = 0, z = x × y, which is to the right of a diver who faces the water. The tip of the
board or the platform's edge is at (0, height_m, 0).
"""

from typing import Final

import numpy as np

JOINTS: Final = (
    "pelvis",
    "waist",
    "chest",
    "neck",
    "head_top",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "left_fingertip",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "right_fingertip",
    "left_hip",
    "left_knee",
    "left_ankle",
    "left_toe",
    "right_hip",
    "right_knee",
    "right_ankle",
    "right_toe",
)

JOINT_INDEX: Final[dict[str, int]] = {name: index for index, name in enumerate(JOINTS)}

BONES: Final[tuple[tuple[int, int], ...]] = tuple(
    (JOINT_INDEX[a], JOINT_INDEX[b])
    for a, b in (
        ("pelvis", "waist"),
        ("waist", "chest"),
        ("chest", "neck"),
        ("neck", "head_top"),
        ("neck", "left_shoulder"),
        ("left_shoulder", "left_elbow"),
        ("left_elbow", "left_wrist"),
        ("left_wrist", "left_fingertip"),
        ("neck", "right_shoulder"),
        ("right_shoulder", "right_elbow"),
        ("right_elbow", "right_wrist"),
        ("right_wrist", "right_fingertip"),
        ("pelvis", "left_hip"),
        ("left_hip", "left_knee"),
        ("left_knee", "left_ankle"),
        ("left_ankle", "left_toe"),
        ("pelvis", "right_hip"),
        ("right_hip", "right_knee"),
        ("right_knee", "right_ankle"),
        ("right_ankle", "right_toe"),
    )
)
"""Pairs of joint indices that a bone joins, from the pelvis outward."""

STANDING: Final = np.array(
    [
        [0.00, 0.91, 0.00],
        [0.00, 1.06, 0.00],
        [0.00, 1.27, 0.00],
        [0.00, 1.49, 0.00],
        [0.02, 1.73, 0.00],
        [0.00, 1.43, -0.18],
        [0.00, 1.15, -0.20],
        [0.02, 0.88, -0.21],
        [0.03, 0.70, -0.21],
        [0.00, 1.43, 0.18],
        [0.00, 1.15, 0.20],
        [0.02, 0.88, 0.21],
        [0.03, 0.70, 0.21],
        [0.00, 0.91, -0.08],
        [0.00, 0.49, -0.07],
        [0.00, 0.07, -0.06],
        [0.17, 0.02, -0.06],
        [0.00, 0.91, 0.08],
        [0.00, 0.49, 0.07],
        [0.00, 0.07, 0.06],
        [0.17, 0.02, 0.06],
    ],
    dtype=np.float32,
)
"""(21, 3) metres: a diver of 1.73 m standing at the origin, facing +x, arms at the sides."""

STANDING_RADII: Final = np.array(
    [0.13, 0.12, 0.13, 0.06, 0.09]
    + [0.065, 0.045, 0.03, 0.015] * 2
    + [0.09, 0.06, 0.04, 0.025] * 2,
    dtype=np.float32,
)
"""(21,) metres: half the body's thickness at each joint of the standing diver."""
