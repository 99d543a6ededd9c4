"""The postures of diving, in degrees of joint angle, and how a fault opens or bends them."""

from typing import Final

from fpcli.simulation.choreography import Pose

STANDING: Final[Pose] = {"raise": 0, "plane": 0, "hip": 0, "knee": 0, "ankle": 0}
ARMS_HIGH: Final[Pose] = {"raise": 168, "plane": 0, "roll": 0, "elbow": 6, "wrist": 0}
ARMS_BACK: Final[Pose] = {"raise": -35, "plane": 0, "roll": 0, "elbow": 10, "wrist": 0}
ARMS_SIDE: Final[Pose] = {"raise": 92, "plane": 88, "roll": 0, "elbow": 0, "wrist": 0}
ARMS_AT_SIDES: Final[Pose] = {"raise": 2, "plane": 0, "roll": 0, "elbow": 2, "wrist": 0}
HANDS_TOGETHER: Final[Pose] = {"raise": 193, "plane": 90, "roll": 0, "elbow": 0, "wrist": 0}
TRUNK_STRAIGHT: Final[Pose] = {
    "waist_flex": 0,
    "chest_flex": 0,
    "side_bend": 0,
    "trunk_turn": 0,
    "neck_flex": 0,
    "neck_turn": 0,
}
LEGS_STRAIGHT: Final[Pose] = {"hip": 0, "knee": 0, "ankle": 62, "spread": 0}
LINE_UP: Final[Pose] = {**TRUNK_STRAIGHT, **LEGS_STRAIGHT, **HANDS_TOGETHER}
FEET_FIRST: Final[Pose] = {**TRUNK_STRAIGHT, **LEGS_STRAIGHT, **ARMS_AT_SIDES}

TUCK: Final[Pose] = {
    "waist_flex": 28,
    "chest_flex": 25,
    "neck_flex": 22,
    "hip": 128,
    "knee": 140,
    "ankle": 62,
    "spread": 0,
    "raise": 33,
    "plane": 13,
    "roll": 20,
    "elbow": 85,
}
PIKE: Final[Pose] = {
    "waist_flex": 30,
    "chest_flex": 28,
    "neck_flex": 12,
    "hip": 122,
    "knee": 0,
    "ankle": 62,
    "spread": 0,
    "raise": 62,
    "plane": 9,
    "roll": 24,
    "elbow": 112,
}
PIKE_TOUCHED: Final[Pose] = {
    "waist_flex": 28,
    "chest_flex": 24,
    "neck_flex": 5,
    "hip": 108,
    "knee": 0,
    "ankle": 62,
    "spread": 0,
    "raise": 100,
    "plane": 0,
    "roll": 0,
    "elbow": 0,
}
PIKE_FREE: Final[Pose] = {
    "waist_flex": 18,
    "chest_flex": 14,
    "neck_flex": 5,
    "hip": 88,
    "knee": 0,
    "ankle": 62,
    "spread": 0,
    "raise": 92,
    "plane": 70,
    "roll": 0,
    "elbow": 0,
}
STRAIGHT: Final[Pose] = {
    **LEGS_STRAIGHT,
    "waist_flex": -4,
    "chest_flex": -4,
    "neck_flex": -4,
    "raise": 80,
    "plane": 88,
    "roll": 0,
    "elbow": 0,
}
STRAIGHT_FAST: Final[Pose] = {**STRAIGHT, **ARMS_AT_SIDES}
ARM_ACROSS: Final[Pose] = {"raise": 15, "plane": 11, "roll": 70, "elbow": 90}
ARM_BEHIND_HEAD: Final[Pose] = {"raise": 142, "plane": 18, "roll": 0, "elbow": 140}
ARMSTAND: Final[Pose] = {
    **TRUNK_STRAIGHT,
    **LEGS_STRAIGHT,
    "raise": 180,
    "plane": 0,
    "elbow": 0,
    "wrist": -80,
}
CROUCH: Final[Pose] = {"hip": 62, "knee": 78, "ankle": -18, "waist_flex": 10, "chest_flex": 4}
