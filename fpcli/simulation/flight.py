"""Free flight: the mass centre falls, and the body turns as its angular momentum says.

With h the constant angular momentum about the mass centre, I the inertia of the shape and m the
angular momentum of the joints' own motion, the pelvis frame turns with ω = I⁻¹(Rᵀh − m). In that
frame L = Rᵀh obeys L' = L × ω, three numbers that are integrated by Runge-Kutta; R follows from ω
by the fourth-order Magnus series. Source of the method: M. R. Yeadon, "The biomechanics of
twisting somersaults", Journal of Sports Sciences 11 (1993) 187-225.
"""

from dataclasses import dataclass

import numpy as np

from fpcli.simulation.body import Body
from fpcli.simulation.choreography import Choreography
from fpcli.simulation.kinematics import Mechanics, mechanics

GRAVITY_M_S2 = 9.81


@dataclass(frozen=True, eq=False)
class Turning:
    """How a body turns in the air.

    times_s: (T,) seconds from take-off. turn: (T, 3, 3), pelvis frame to world. spin: (T, 3) rad/s
    in the pelvis frame. mechanics: of the same moments.
    """

    times_s: np.ndarray
    turn: np.ndarray
    spin: np.ndarray
    mechanics: Mechanics


def turning(
    body: Body,
    choreography: Choreography,
    start_turn: np.ndarray,
    momentum: np.ndarray,
    end_s: float,
    steps_per_s: float,
) -> Turning:
    """The orientation of a body in free flight from take-off (0) to end_s.

    start_turn: (3, 3) at take-off. momentum: (3,) kg m²/s in the world frame.
    """
    steps = max(8, int(np.ceil(end_s * steps_per_s)))
    half_times = np.linspace(0.0, end_s, 2 * steps + 1)
    shape = mechanics(body, *choreography.at(half_times))
    inverse = np.linalg.inv(shape.inertia.transpose(2, 0, 1))
    carried = _momentum_in_body(inverse, shape.own_momentum.T, momentum @ start_turn, half_times)
    spin = np.einsum("tij,tj->ti", inverse, carried - shape.own_momentum.T)
    step = half_times[2]
    start, middle, end = spin[:-2:2], spin[1::2], spin[2::2]
    angle = step / 6 * (start + 4 * middle + end) + step**2 / 12 * np.cross(start, end)
    turn = np.empty((steps + 1, 3, 3))
    turn[0] = start_turn
    for index, rotation in enumerate(rotations(angle)):
        turn[index + 1] = turn[index] @ rotation
    kept = Mechanics(
        shape.centre[:, ::2],
        shape.centre_speed[:, ::2],
        shape.inertia[:, :, ::2],
        shape.own_momentum[:, ::2],
    )
    turn = _aligned(turn, carried[::2], momentum)
    return Turning(half_times[::2], turn, spin[::2], kept)


def _momentum_in_body(
    inverse: np.ndarray, own: np.ndarray, start: np.ndarray, half_times: np.ndarray
) -> np.ndarray:
    """L = Rᵀh (2n+1, 3) at all half steps; own (2n+1, 3), inverse (2n+1, 3, 3)."""
    steps = (len(half_times) - 1) // 2
    step = float(half_times[2])
    # plain floats: three numbers at a time are far quicker without arrays
    rows = np.concatenate([inverse.reshape(-1, 9), own], axis=1).tolist()
    momentum = (float(start[0]), float(start[1]), float(start[2]))
    carried = np.empty((2 * steps + 1, 3))
    carried[0] = momentum
    for index in range(steps):
        one, two, three = rows[2 * index], rows[2 * index + 1], rows[2 * index + 2]
        a = _change(one, momentum)
        b = _change(two, _moved(momentum, a, step / 2))
        c = _change(two, _moved(momentum, b, step / 2))
        d = _change(three, _moved(momentum, c, step))
        after = (
            momentum[0] + step / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0]),
            momentum[1] + step / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1]),
            momentum[2] + step / 6 * (a[2] + 2 * b[2] + 2 * c[2] + d[2]),
        )
        e = _change(three, after)
        carried[2 * index + 1] = [
            (momentum[k] + after[k]) / 2 + step / 8 * (a[k] - e[k]) for k in range(3)
        ]
        carried[2 * index + 2] = after
        momentum = after
    size = np.linalg.norm(start)
    scaled: np.ndarray = carried * (
        size / np.maximum(np.linalg.norm(carried, axis=1, keepdims=True), 1e-12)
    )
    return scaled


_Triple = tuple[float, float, float]


def _change(row: list[float], momentum: _Triple) -> _Triple:
    """L' = L × I⁻¹(L − m) for one moment's row of inverse inertia and own momentum."""
    x, y, z = momentum
    u, v, w = x - row[9], y - row[10], z - row[11]
    p = row[0] * u + row[1] * v + row[2] * w
    q = row[3] * u + row[4] * v + row[5] * w
    r = row[6] * u + row[7] * v + row[8] * w
    return (y * r - z * q, z * p - x * r, x * q - y * p)


def _moved(momentum: _Triple, change: _Triple, time_s: float) -> _Triple:
    return (
        momentum[0] + time_s * change[0],
        momentum[1] + time_s * change[1],
        momentum[2] + time_s * change[2],
    )


def rotations(vectors: np.ndarray) -> np.ndarray:
    """Rotation matrices (N, 3, 3) of rotation vectors (N, 3) radians (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=1)
    sine = np.sinc(angle / np.pi)
    versine = 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    skew = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    matrices: np.ndarray = (
        np.eye(3) + sine[:, None, None] * skew + versine[:, None, None] * (skew @ skew)
    )
    return matrices


def _aligned(turn: np.ndarray, carried: np.ndarray, momentum: np.ndarray) -> np.ndarray:
    """Orientations that carry L exactly onto h: takes out the series' remaining drift."""
    size = float(momentum @ momentum)
    if size == 0.0:
        return turn
    drifted = np.einsum("tij,tj->ti", turn, carried)
    aligned: np.ndarray = rotations(np.cross(drifted, momentum) / size) @ turn
    return aligned


def fall(start: np.ndarray, speed: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """The mass centre (T, 3) metres of a body in free fall from start with speed (m/s)."""
    drop = np.array([0.0, -GRAVITY_M_S2 / 2, 0.0])
    path: np.ndarray = start + speed * times_s[:, None] + drop * times_s[:, None] ** 2
    return path


def flight_time(rise_m_s: float, drop_m: float) -> float:
    """Seconds until a body that leaves upwards at rise_m_s has fallen by drop_m."""
    return float((rise_m_s + np.sqrt(rise_m_s**2 + 2 * GRAVITY_M_S2 * drop_m)) / GRAVITY_M_S2)
