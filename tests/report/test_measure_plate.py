"""The measures in the overlay: when they show, where, and that they hide no diver."""

import dataclasses

import numpy as np
import pytest

from fpcli.report.drawing import Box
from fpcli.report.measure_plate import MeasurePlate, place_measures
from fpcli.report.measure_words import shown_moments
from fpcli.report.overlay import DiveAnnotator
from fpcli.report.overlay_style import OverlayStyle
from fpcli.report.plate_places import DiverWay

SIZES = [(320, 568), (320, 240), (456, 256), (1280, 720), (720, 1280), (3840, 2160)]
FRAMES = (45, 70, 71, 81)  # at which one measure or more becomes known


def quiet(analysis):
    """The same without its measures and without a diver to paint."""
    masks = dataclasses.replace(
        analysis.masks, probabilities=np.zeros_like(analysis.masks.probabilities)
    )
    none = dataclasses.replace(analysis.measures.board_m)  # left out
    measures = dataclasses.replace(
        analysis.measures, **dict.fromkeys(analysis.measures.by_name, none)
    )
    unmeasured = dataclasses.replace(analysis, masks=masks, measures=measures, observations=())
    return dataclasses.replace(analysis, masks=masks), unmeasured


def measure_pixels(analysis, width, height):
    """By frame, where the measures change the picture; (height, width) bool."""
    image = np.full((height, width, 3), 200, dtype=np.uint8)
    with_measures, without = (DiveAnnotator(each, width, height) for each in quiet(analysis))
    for frame in range(0, 96):
        drawn = [one.annotate(image, frame, frame / 30) for one in (with_measures, without)]
        yield frame, (drawn[0] != drawn[1]).any(axis=2)


def in_a_corner(analysis, width, height):
    """The diver small and in the upper left, so that much room is free."""
    box = np.float32([0.02 * width, 0.3 * height, 0.06 * width, 0.36 * height])
    masks = dataclasses.replace(analysis.masks, boxes_px=np.tile(box, (96, 1)))
    return dataclasses.replace(analysis, masks=masks)


@pytest.mark.parametrize(("width", "height"), SIZES[:5])
def test_a_measure_shows_from_the_frame_in_which_it_was_seen(make_analysis, width, height):
    analysis = in_a_corner(make_analysis({"width": width, "height": height}), width, height)
    areas = [int(pixels.sum()) for _, pixels in measure_pixels(analysis, width, height)]
    grows = [frame for frame in range(1, 96) if areas[frame] > areas[frame - 1]]
    assert tuple(grows) == FRAMES
    assert areas[44] == 0
    assert areas[95] == max(areas)


@pytest.mark.parametrize(("width", "height"), SIZES[:5])
def test_no_measure_is_ever_laid_over_the_diver(make_analysis, width, height):
    """A large diver crosses the picture; the plate is left out where it would lie on him."""
    analysis = make_analysis({"width": width, "height": height})
    boxes = analysis.masks.boxes_px
    for frame, pixels in measure_pixels(analysis, width, height):
        x0, y0, x1, y1 = boxes[frame].astype(int)
        assert not pixels[max(y0, 0) : y1, max(x0, 0) : x1].any()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_measures_have_room_and_can_be_read(make_analysis, width, height):
    style = OverlayStyle()
    analysis = make_analysis({"width": width, "height": height})
    text_px = style.text_px(width, height)
    room = Box(8, 8, width - 8, round(height * 0.7))
    panel = Box(8, 8, 8 + width // 3, 8 + height // 4)
    assert place_measures(analysis, style, text_px, room, panel) is not None
    least_px = round(min(width, height) / 40)  # what the panel's small letters have too
    assert style.small_px(text_px) >= min(9, least_px)


def test_measures_that_find_no_room_are_left_out(make_analysis):
    analysis = make_analysis({"width": 112, "height": 112})
    room = Box(4, 4, 108, 108)
    assert place_measures(analysis, OverlayStyle(), 7, room, Box(4, 4, 60, 40)) is None
    (_, unmeasured) = quiet(analysis)
    assert place_measures(unmeasured, OverlayStyle(), 7, room, Box(4, 4, 5, 5)) is None


def test_the_plate_has_a_state_for_each_moment(make_analysis):
    analysis = make_analysis()
    plate = MeasurePlate(analysis, OverlayStyle(), 12)
    assert tuple(plate.frames) == FRAMES
    assert [plate.state_at(frame) for frame in (44, 45, 69, 70, 71, 80, 81, 500)] == [
        *(None, 0, 0, 1, 2, 2, 3, 3)
    ]
    assert len({state.width for state in plate.states}) == 1
    heights = [state.height for state in plate.states]
    assert heights == sorted(set(heights))
    assert len(shown_moments(analysis)) == 5


def test_a_plate_steps_back_while_the_diver_is_behind_it(make_analysis):
    """He stays where the timeline must lie, whichever edge it takes, for a third of the dive."""
    width, height = 640, 360
    analysis = make_analysis({"width": width, "height": height})
    boxes = np.tile(np.float32([300, 100, 340, 140]), (96, 1))
    boxes[30:50] = [200, 0, 440, height]
    masks = dataclasses.replace(analysis.masks, boxes_px=boxes)
    (analysis, _) = quiet(dataclasses.replace(analysis, masks=masks))
    annotator = DiveAnnotator(analysis, width, height)
    image = np.full((height, width, 3), 200, dtype=np.uint8)
    strip = annotator.timeline.plate
    ground = [int(annotator.annotate(image, f, 0.1)[height - 14, width - 14, 0]) for f in (10, 40)]
    assert strip.width == width - 2 * round(OverlayStyle().text_px(width, height) * 0.7)
    assert ground[0] < 80
    assert ground[1] > 120


def test_the_place_of_the_splash_counts_after_the_diver_is_gone(make_analysis):
    analysis = make_analysis({"width": 640, "height": 360})
    boxes = analysis.masks.boxes_px.copy()
    boxes[70:] = np.nan
    masks = dataclasses.replace(analysis.masks, boxes_px=boxes)
    way = DiverWay(dataclasses.replace(analysis, masks=masks))
    x0, y0, x1, y1 = (int(edge) for edge in boxes[69])
    there = [Box(x0, y0, x1, y1)] * 96
    assert not way.covered(there)[71:].any()
    assert (way.covered(there, splash=True)[71:] > 0.5).all()
    assert way.behind(there)[69]
    assert not way.behind(there)[80]
    assert (way.sample_at(-1), way.sample_at(40), way.sample_at(96)) == (None, 40, None)
