"""Masks on the network's picture become boxes on the source."""

import numpy as np
import pytest

from fpcli.analysis.mask_track import only_diver, track_masks

WINDOW = np.array([100.0, 0.0, 1180.0, 1080.0])  # the centre of a 1280 x 1080 source
SIZE = (1280, 1080)
SCALE = 1080 / 112


def masks_with(*rectangles: tuple[int, int, int, int]) -> np.ndarray:
    masks = np.zeros((96, 112, 112), dtype=np.float32)
    for x0, y0, x1, y1 in rectangles:
        masks[:, y0:y1, x0:x1] = 0.9
    return masks


def test_box_lands_where_the_diver_is_in_the_source():
    track = track_masks(masks_with((10, 20, 30, 60)), WINDOW, SIZE, synchro=False)
    expected = [100 + 10 * SCALE, 20 * SCALE, 100 + 30 * SCALE, 60 * SCALE]
    assert track.boxes_px[5] == pytest.approx(expected, abs=0.01)
    assert track.area_fraction[5] == pytest.approx(20 * 40 / 112**2)


def test_only_the_largest_piece_is_the_diver():
    masks = masks_with((10, 20, 30, 60), (90, 90, 95, 95))
    alone = track_masks(masks_with((10, 20, 30, 60)), WINDOW, SIZE, synchro=False)
    assert track_masks(masks, WINDOW, SIZE, synchro=False).boxes_px[0] == pytest.approx(
        alone.boxes_px[0]
    )


def test_synchro_covers_both_divers():
    masks = masks_with((10, 20, 30, 60), (90, 20, 100, 60))
    box = track_masks(masks, WINDOW, SIZE, synchro=True).boxes_px[0]
    assert box == pytest.approx([100 + 10 * SCALE, 20 * SCALE, 100 + 100 * SCALE, 60 * SCALE], 1e-4)


def test_nobody_found_has_no_box():
    track = track_masks(np.full((96, 112, 112), 0.3, np.float32), WINDOW, SIZE, synchro=False)
    assert np.isnan(track.boxes_px).all()
    assert (track.area_fraction == 0).all()


def test_box_is_cut_to_the_source_where_the_window_reaches_beyond():
    padded = np.array([-200.0, 0.0, 880.0, 1080.0])
    track = track_masks(masks_with((0, 0, 112, 112)), padded, (680, 1080), synchro=False)
    assert track.boxes_px[0].tolist() == [0, 0, 680, 1080]
    outside = track_masks(masks_with((0, 0, 5, 5)), padded, (680, 1080), synchro=False)
    assert np.isnan(outside.boxes_px).all()


WINDOWS = np.tile(WINDOW, (96, 1))


def boxes_at(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """The followed diver's boxes on the source, said in pixels of the masks."""
    return np.tile(np.array([x0, y0, x1, y1]) * SCALE + (100, 0, 100, 0), (96, 1))


def test_the_piece_that_was_followed_is_the_diver_though_another_is_larger():
    diver, other = masks_with((50, 40, 60, 70)), (5, 5, 40, 45)
    cleaned = only_diver(np.maximum(diver, masks_with(other)), WINDOWS, boxes_at(35, 35, 75, 75))
    assert (cleaned == diver).all()


def test_faint_specks_beside_the_diver_go_and_his_soft_edge_stays():
    diver = masks_with((50, 40, 60, 70))
    diver[:, 39, 50:60] = 0.3
    speckled = diver.copy()
    speckled[:, 90:93, 20:24] = 0.45
    assert (only_diver(speckled, WINDOWS, boxes_at(35, 35, 75, 75)) == diver).all()


def test_parts_that_almost_touch_are_one_diver():
    masks = masks_with((50, 40, 60, 54), (50, 55, 60, 70))
    assert (only_diver(masks, WINDOWS, boxes_at(35, 35, 75, 75)) == masks).all()


def test_limbs_that_came_apart_are_his_and_specks_are_not():
    apart = masks_with((50, 40, 60, 54), (50, 60, 58, 70))
    speckled = np.maximum(apart, masks_with((64, 45, 68, 50)))
    assert (only_diver(speckled, WINDOWS, boxes_at(35, 35, 75, 75)) == apart).all()


@pytest.mark.parametrize("boxes", [None, boxes_at(90, 90, 110, 110)])
def test_where_nobody_was_followed_the_largest_piece_is_the_diver(boxes):
    diver = masks_with((50, 40, 60, 70))
    assert (only_diver(masks_with((50, 40, 60, 70), (5, 5, 9, 9)), WINDOWS, boxes) == diver).all()


def test_nobody_stays_nobody_where_the_followed_diver_left_the_picture():
    nobody = np.full((96, 112, 112), 0.3, np.float32)
    assert (only_diver(nobody, WINDOWS, boxes_at(-90, -90, -40, -40)) == nobody).all()
