import numpy as np
import pytest

from fpcli.video.masks import mask_into_box, mask_to_source
from fpcli.video.transform import CENTRE, PUBLISHED, InputGeometry, to_input, window


@pytest.mark.parametrize("geometry", [PUBLISHED, CENTRE])
@pytest.mark.parametrize(("width", "height"), [(455, 256), (360, 640), (97, 131)])
def test_mask_of_what_the_network_sees_lies_where_it_was(
    geometry: InputGeometry, width: int, height: int
) -> None:
    x0, y0, x1, y1 = window(geometry, width, height)
    disc_x, disc_y = x0 + 0.6 * (x1 - x0), y0 + 0.35 * (y1 - y0)
    y, x = np.mgrid[:height, :width]
    radius = min(x1 - x0, y1 - y0) / 5
    disc = (x + 0.5 - disc_x) ** 2 + (y + 0.5 - disc_y) ** 2 < radius**2
    frame = np.repeat(disc[None, :, :, None], 3, axis=3).astype(np.uint8) * 255
    seen = (to_input(frame, geometry)[0, 0] * 0.229 + 0.485).numpy()
    placed = mask_to_source(seen, geometry, width, height)
    assert placed.shape == (height, width)
    found = placed > 0.5
    overlap = (found & disc).sum() / (found | disc).sum()
    assert overlap > 0.93
    rows, columns = np.nonzero(found)
    assert columns.mean() == pytest.approx(np.nonzero(disc)[1].mean(), abs=0.25)
    assert rows.mean() == pytest.approx(np.nonzero(disc)[0].mean(), abs=0.25)


def test_nothing_is_marked_outside_the_window() -> None:
    placed = mask_to_source(np.ones((112, 112)), CENTRE, 200, 100)
    x0, _, x1, _ = window(CENTRE, 200, 100)
    assert placed.sum() == pytest.approx((x1 - x0) * 100, rel=0.02)
    assert placed[:, : int(x0) - 1].max() == 0
    assert placed[:, int(x1) + 1 :].max() == 0
    assert placed[50, 100] == 1


def test_small_mask_is_stretched_over_the_whole_window() -> None:
    half = np.array([[1, 0], [1, 0]], dtype=bool)
    placed = mask_to_source(half, CENTRE, 60, 60)
    assert placed[:, :14].min() == 1
    assert placed[:, 46:].max() == 0
    assert placed[30, 30] == pytest.approx(0.5, abs=0.05)


def test_box_may_reach_beyond_the_picture() -> None:
    placed = mask_into_box(np.ones((8, 8)), np.array([-20, -20, 10, 10]), 40, 30)
    assert placed[:10, :10].min() == 1
    assert placed.sum() == 100


def test_empty_box_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no pixel"):
        mask_into_box(np.ones((8, 8)), np.array([10, 10, 10, 20]), 40, 30)
