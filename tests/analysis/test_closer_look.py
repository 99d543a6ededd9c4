"""What the closer look shows the finder: the diver, as large as it knows divers, in his place."""

import numpy as np
import pytest

from fpcli.analysis.closer_look import MOST_ENLARGED, STATURE_PX, diver_view
from fpcli.video.follow import Track
from fpcli.video.read import Frame

SIZE_PX = 640, 360
PLACE = 400.0, 150.0


def shown(stature_px: float):
    """A picture with a spot where the diver is, looked at."""
    image = np.zeros((SIZE_PX[1], SIZE_PX[0], 3), np.uint8)
    x, y = (round(value) for value in PLACE)
    image[y - 2 : y + 2, x - 2 : x + 2] = 255
    track = Track(
        times_s=np.array([0.0, 1.0]),
        centres=np.array([PLACE, PLACE]),
        stature_px=np.full(2, stature_px),
    )
    frame = Frame(index=0, time_s=0.5, image=image, source_size=SIZE_PX)
    return diver_view(frame, track, grain=1.0)


@pytest.mark.parametrize("stature_px", [8.0, 20.0, 44.0, 60.0])
def test_small_diver_is_enlarged_and_stays_where_he_is(stature_px: float) -> None:
    view = shown(stature_px)
    enlarged = min(max(STATURE_PX / stature_px, 1.0), MOST_ENLARGED)
    assert 1 / view.grain == pytest.approx(enlarged, rel=0.01)
    rows, columns = np.nonzero(view.picture[..., 0] > 127)
    middle = np.array([columns.mean() + 0.5, rows.mean() + 0.5, 1.0])
    assert (view.to_source @ middle)[:2] == pytest.approx(PLACE, abs=0.6)


def test_enlarged_pictures_cost_no_more() -> None:
    assert shown(20.0).picture.size <= shown(44.0).picture.size * 1.02
