"""Bodies of divers: sixteen segments with the masses, centres and inertias of real people.

Source: P. de Leva, "Adjustments to Zatsiorsky-Seluyanov's segment inertia parameters", Journal of
Biomechanics 29 (1996) 1223-1230, Table 4, both sexes. The head and the upper trunk are those
measured from the cervicale, the hand reaches to the tip of the third finger.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Sex = Literal["female", "male"]

SEGMENTS: Final = (
    "lower_trunk",
    "middle_trunk",
    "upper_trunk",
    "head",
    "left_upper_arm",
    "left_forearm",
    "left_hand",
    "right_upper_arm",
    "right_forearm",
    "right_hand",
    "left_thigh",
    "left_shank",
    "left_foot",
    "right_thigh",
    "right_shank",
    "right_foot",
)

REFERENCE_STATURE_M: Final[dict[Sex, float]] = {"female": 1.735, "male": 1.741}


@dataclass(frozen=True)
class SegmentData:
    """One row of the table.

    length_m: at the reference stature. mass: share of the body's. centre: share of the length from
    the near (for the trunk and head: the lower) end. gyration: radii about the sagittal
    (front-back), transverse (side-side) and longitudinal axes, shares of the length.
    """

    length_m: float
    mass: float
    centre: float
    gyration: tuple[float, float, float]


DE_LEVA: Final[dict[Sex, dict[str, SegmentData]]] = {
    "female": {
        "lower_trunk": SegmentData(0.1815, 0.1247, 1 - 0.4920, (0.433, 0.402, 0.444)),
        "middle_trunk": SegmentData(0.2053, 0.1465, 1 - 0.4512, (0.433, 0.354, 0.415)),
        "upper_trunk": SegmentData(0.2280, 0.1545, 1 - 0.5050, (0.466, 0.314, 0.449)),
        "head": SegmentData(0.2437, 0.0668, 1 - 0.4841, (0.271, 0.295, 0.263)),
        "upper_arm": SegmentData(0.2751, 0.0255, 0.5754, (0.278, 0.260, 0.148)),
        "forearm": SegmentData(0.2643, 0.0138, 0.4559, (0.261, 0.257, 0.094)),
        "hand": SegmentData(0.1701, 0.0056, 0.3427, (0.244, 0.208, 0.154)),
        "thigh": SegmentData(0.3685, 0.1478, 0.3612, (0.369, 0.364, 0.162)),
        "shank": SegmentData(0.4323, 0.0481, 0.4416, (0.271, 0.267, 0.093)),
        "foot": SegmentData(0.2283, 0.0129, 0.4014, (0.299, 0.279, 0.139)),
    },
    "male": {
        "lower_trunk": SegmentData(0.1457, 0.1117, 1 - 0.6115, (0.615, 0.551, 0.587)),
        "middle_trunk": SegmentData(0.2155, 0.1633, 1 - 0.4502, (0.482, 0.383, 0.468)),
        "upper_trunk": SegmentData(0.2421, 0.1596, 1 - 0.5066, (0.505, 0.320, 0.465)),
        "head": SegmentData(0.2429, 0.0694, 1 - 0.5002, (0.303, 0.315, 0.261)),
        "upper_arm": SegmentData(0.2817, 0.0271, 0.5772, (0.285, 0.269, 0.158)),
        "forearm": SegmentData(0.2689, 0.0162, 0.4574, (0.276, 0.265, 0.121)),
        "hand": SegmentData(0.1879, 0.0061, 0.3624, (0.288, 0.235, 0.184)),
        "thigh": SegmentData(0.4222, 0.1416, 0.4095, (0.329, 0.329, 0.149)),
        "shank": SegmentData(0.4340, 0.0433, 0.4459, (0.255, 0.249, 0.103)),
        "foot": SegmentData(0.2581, 0.0137, 0.4415, (0.257, 0.245, 0.124)),
    },
}

SHOULDERS_ABOVE_HIPS_M: Final[dict[Sex, float]] = {"female": 0.4979, "male": 0.5155}
SHOULDER_HALF_WIDTH_M: Final[dict[Sex, float]] = {"female": 0.158, "male": 0.178}
HIP_HALF_WIDTH_M: Final[dict[Sex, float]] = {"female": 0.083, "male": 0.083}
HEEL_BEHIND_ANKLE: Final = 0.24  # share of the foot's length
TOE_BELOW_ANKLE_M: Final = 0.050

STATURE_M: Final[dict[Sex, tuple[float, float]]] = {"female": (1.60, 0.05), "male": (1.70, 0.055)}
BODY_MASS_INDEX: Final[dict[Sex, tuple[float, float]]] = {
    "female": (20.8, 1.3),
    "male": (22.6, 1.3),
}
REFERENCE_MASS_INDEX: Final[dict[Sex, float]] = {"female": 20.8, "male": 22.6}

THICKNESS_M: Final[dict[Sex, tuple[float, ...]]] = {
    "female": (0.128, 0.108, 0.118, 0.050, 0.088)
    + (0.054, 0.038, 0.026, 0.012) * 2
    + (0.086, 0.056, 0.036, 0.022) * 2,
    "male": (0.125, 0.118, 0.135, 0.058, 0.092)
    + (0.064, 0.043, 0.029, 0.013) * 2
    + (0.086, 0.058, 0.039, 0.024) * 2,
}


@dataclass(frozen=True)
class Build:
    """What tells one diver's body from another's.

    stature_m, mass_kg: of the whole body. leg_share, shoulder_share: leg length and shoulder width
    over those of the reference body at this stature.
    """

    sex: Sex
    stature_m: float
    mass_kg: float
    leg_share: float = 1.0
    shoulder_share: float = 1.0


@dataclass(frozen=True, eq=False)
class Body:
    """A diver's body, ready for mechanics; segments in the order of `SEGMENTS`.

    mass: (16,) kg. centre: (16, 3) metres from the segment's near joint, segment axes (x front,
    y up, z right, standing). inertia: (16, 3) kg m², principal, about x, y, z. offset: (16, 3)
    metres of the segment's near joint in its parent's axes. head_m, hand_m: lengths. toe:
    (3,) metres from the ankle in the foot's axes. radii: (21,) metres.
    """

    build: Build
    mass: np.ndarray
    centre: np.ndarray
    inertia: np.ndarray
    offset: np.ndarray
    head_m: float
    hand_m: float
    toe: np.ndarray
    radii: np.ndarray


def reference_build(sex: Sex) -> Build:
    """The middle diver of a sex."""
    stature = STATURE_M[sex][0]
    return Build(sex, stature, BODY_MASS_INDEX[sex][0] * stature**2)


def random_build(generator: np.random.Generator) -> Build:
    """A diver's build: sex, stature, mass and proportions."""
    sex: Sex = "female" if generator.random() < 0.5 else "male"
    spread = np.clip(generator.standard_normal(4), -2.2, 2.2)
    stature = STATURE_M[sex][0] + STATURE_M[sex][1] * spread[0]
    mass_index = BODY_MASS_INDEX[sex][0] + BODY_MASS_INDEX[sex][1] * spread[1]
    return Build(
        sex=sex,
        stature_m=round(float(stature), 4),
        mass_kg=round(float(mass_index * stature**2), 3),
        leg_share=round(float(1 + 0.02 * spread[2]), 4),
        shoulder_share=round(float(1 + 0.03 * spread[3]), 4),
    )


def make_body(build: Build) -> Body:
    """The sixteen segments of a build: lengths follow stature, masses mass, girth both."""
    sex = build.sex
    table = DE_LEVA[sex]
    scale = build.stature_m / REFERENCE_STATURE_M[sex]
    lengths = {name: data.length_m * scale for name, data in table.items()}
    for name in ("thigh", "shank"):
        lengths[name] *= build.leg_share
    girth = np.sqrt(build.mass_kg / build.stature_m**2 / REFERENCE_MASS_INDEX[sex]) * scale
    shoulder = SHOULDER_HALF_WIDTH_M[sex] * scale * build.shoulder_share
    hip = HIP_HALF_WIDTH_M[sex] * scale
    trunk_to_chest = lengths["lower_trunk"] + lengths["middle_trunk"]
    shoulder_height = SHOULDERS_ABOVE_HIPS_M[sex] * scale - trunk_to_chest

    mass, centre, inertia = [], [], []
    for segment in SEGMENTS:
        name = segment.removeprefix("left_").removeprefix("right_")
        data, length = table[name], lengths[name]
        kilograms = data.mass * build.mass_kg
        sagittal, transverse, longitudinal = (kilograms * (r * length) ** 2 for r in data.gyration)
        mass.append(kilograms)
        if name == "foot":
            centre.append([(data.centre - HEEL_BEHIND_ANKLE) * length, -0.6 * TOE_BELOW_ANKLE_M, 0])
            inertia.append([longitudinal, sagittal, transverse])
        else:
            up = 1 if name in ("lower_trunk", "middle_trunk", "upper_trunk", "head") else -1
            centre.append([0, up * data.centre * length, 0])
            inertia.append([sagittal, longitudinal, transverse])

    offset = np.zeros((len(SEGMENTS), 3))
    offset[1, 1] = lengths["lower_trunk"]
    offset[2, 1] = lengths["middle_trunk"]
    offset[3, 1] = lengths["upper_trunk"]
    for first, side in ((4, -1), (7, 1)):
        offset[first] = [0, shoulder_height, side * shoulder]
        offset[first + 1, 1] = -lengths["upper_arm"]
        offset[first + 2, 1] = -lengths["forearm"]
    for first, side in ((10, -1), (13, 1)):
        offset[first] = [0, 0, side * hip]
        offset[first + 1, 1] = -lengths["thigh"]
        offset[first + 2, 1] = -lengths["shank"]
    return Body(
        build=build,
        mass=np.array(mass) * (build.mass_kg / np.sum(mass)),
        centre=np.array(centre, float),
        inertia=np.array(inertia),
        offset=offset,
        head_m=lengths["head"],
        hand_m=lengths["hand"],
        toe=np.array([(1 - HEEL_BEHIND_ANKLE) * lengths["foot"], -TOE_BELOW_ANKLE_M * scale, 0.0]),
        radii=(np.array(THICKNESS_M[sex]) * girth).astype(np.float32),
    )
