"""Masks on the network's picture become boxes on the source."""

import numpy as np
import pytest

from fpcli.analysis.mask_track import track_masks

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
