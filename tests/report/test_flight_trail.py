"""The trail: behind the diver, where he was, and nowhere else."""

import dataclasses

import numpy as np
import pytest

from fpcli.analysis.flight_track import FlightTrack
from fpcli.report.overlay import DiveAnnotator
from fpcli.report.side_by_side import _fitted

WIDTH, HEIGHT, RATE_HZ = 640, 360, 30.0
FIRST, LAST = 20, 80  # frames of the flight


@pytest.fixture
def analysis(make_analysis):
    """A dive without plates' measures whose way leads straight across the picture's middle."""
    made = make_analysis({"width": WIDTH, "height": HEIGHT})
    flown_s = np.linspace(FIRST, LAST, 31) / RATE_HZ
    way = np.stack([np.linspace(250, 450, 31), np.full(31, 200.5)], axis=1)
    track = FlightTrack(made.sample_times_s, flown_s, np.tile(way, (96, 1, 1)))
    nobody = np.zeros_like(made.masks.probabilities)
    masks = dataclasses.replace(made.masks, probabilities=nobody)
    return dataclasses.replace(made, track=track, masks=masks)


def trail(analysis, frame: int) -> np.ndarray:
    """Which columns change at the height of the way."""
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    moment = (frame, frame / RATE_HZ)
    with_it = DiveAnnotator(analysis, WIDTH, HEIGHT).annotate(picture, *moment)
    bare = dataclasses.replace(analysis, track=None)
    without = DiveAnnotator(bare, WIDTH, HEIGHT).annotate(picture, *moment)
    rows, columns = np.nonzero((with_it != without).any(axis=2))
    assert not len(rows) or np.abs(rows - 200).max() <= 3
    return columns


def test_it_reaches_to_the_diver_and_no_further(analysis):
    assert len(trail(analysis, FIRST - 5)) == 0
    for frame in (35, 50, 65):
        reached = 250 + 200 * (frame - FIRST) / (LAST - FIRST)
        columns = trail(analysis, frame)
        assert columns.min() == pytest.approx(250, abs=4)
        assert columns.max() == pytest.approx(reached, abs=4)
    assert trail(analysis, 90).max() == pytest.approx(450, abs=4)


def test_the_diver_stays_before_it(analysis, make_analysis):
    masks = make_analysis({"width": WIDTH, "height": HEIGHT}).masks
    shown = dataclasses.replace(analysis, masks=masks)
    frame = 50
    x0, y0, x1, y1 = masks.boxes_px[frame]
    over = np.full((31, 2), ((x0 + x1) / 2, (y0 + y1) / 2)) + np.linspace(-5, 5, 31)[:, None]
    track = dataclasses.replace(analysis.track, places_px=np.tile(over, (96, 1, 1)))
    assert len(trail(dataclasses.replace(shown, track=None), frame)) == 0
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    drawn = [
        DiveAnnotator(each, WIDTH, HEIGHT).annotate(picture, frame, frame / RATE_HZ)
        for each in (
            dataclasses.replace(shown, track=track),
            dataclasses.replace(shown, track=None),
        )
    ]
    assert (drawn[0] == drawn[1]).all()


def test_it_has_the_colours_of_the_steps(analysis):
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    annotator = DiveAnnotator(analysis, WIDTH, HEIGHT)
    drawn = annotator.annotate(picture, 90, 3.0)
    colours = np.array(annotator.style.step_colours)
    for place, step in enumerate(analysis.steps):
        middle_s = (max(step.start_s, FIRST / RATE_HZ) + min(step.end_s, LAST / RATE_HZ)) / 2
        column = round(250 + 200 * (middle_s * RATE_HZ - FIRST) / (LAST - FIRST))
        off = np.abs(drawn[200, column].astype(int) - colours).max(axis=1)
        assert off.argmin() == place
        assert off[place] < 60  # a thin line is mixed with its ground


def test_beside_another_dive_it_is_scaled_with_the_picture(analysis):
    fitted = _fitted(analysis, WIDTH // 2, HEIGHT // 2)
    assert fitted.track.places_px[0, 0] == pytest.approx([125, 100.25])
