"""Which way is down in a scene whose camera turned."""

import numpy as np
import pytest

from fpcli.analysis.camera_motion import CameraStep
from fpcli.analysis.lookout import Lookout
from fpcli.analysis.scene import Scene, View

PICTURES, TURNING = 60, 12


def scene_ways(degrees: float, zoom: float) -> list[np.ndarray]:
    """From pixels to the scene, of a camera that turns and zooms in its first pictures."""
    lookout = Lookout(None)
    scene = Scene(lookout, after_cut=False)
    turn, size = np.radians(degrees) / TURNING, zoom ** (1 / TURNING)
    cos, sin = size * np.cos(turn), size * np.sin(turn)
    moves = np.array([[cos, -sin, 3.0], [sin, cos, -2.0], [0, 0, 1]])
    view = View(np.full((24, 32, 3), 90, np.uint8), (32, 24))
    for place in range(PICTURES):
        step = CameraStep(moves if 0 < place <= TURNING else np.eye(3))
        scene.watch(place / 30, view, step, is_looked_at=False)
    stretch = scene.close()
    lookout.close()
    assert stretch is not None
    return [glimpse.to_scene for glimpse in stretch.glimpses]


@pytest.mark.parametrize(("degrees", "zoom"), [(40.0, 1.0), (-90.0, 1.0), (0.0, 0.3), (25.0, 2.0)])
def test_down_is_where_it_mostly_is(degrees: float, zoom: float) -> None:
    first, *_, last = scene_ways(degrees, zoom)
    assert last[:2, :2] == pytest.approx(np.eye(2), abs=1e-6)
    turned = np.degrees(np.arctan2(first[1, 0], first[0, 0]))
    assert turned == pytest.approx(degrees, abs=1e-6)
    assert np.hypot(first[0, 0], first[1, 0]) == pytest.approx(zoom)


def test_a_hand_that_hardly_turns_leaves_the_scene_as_it_began() -> None:
    assert scene_ways(4.0, 1.1)[0] == pytest.approx(np.eye(3))
