from dataclasses import replace

import numpy as np
import pytest
import torch

from fpcli.diving.numbers import parse
from fpcli.simulation.camera import KINDS
from fpcli.simulation.degrade import Development
from fpcli.simulation.dive import simulate_dive
from fpcli.simulation.graphics import Graphics
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.render import render
from fpcli.simulation.scene import Scene

SIZE = (72, 128)
ROUNDING = 1  # a share of a pixel too small for the mask may still tip a rounding
CLEAN = Development(1.0, (1.0, 1.0, 1.0), 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
NO_GRAPHICS = Graphics((), (), (), 0.0)


@pytest.fixture(scope="module")
def motion() -> DiveMotion:
    return simulate_dive(parse("103B"), 3.0, seed=4).motion


def clean_scene(seed: int, camera: str = "broadcast") -> Scene:
    scene = Scene.random(seed, height_m=3.0, springboard=True, camera=camera)
    return replace(scene, development=CLEAN, graphics=NO_GRAPHICS)


def moments(motion: DiveMotion) -> np.ndarray:
    flight = motion.entry_s - motion.takeoff_s
    return np.array([motion.takeoff_s - 0.2, motion.takeoff_s + 0.5 * flight, motion.entry_s + 0.6])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mask_is_where_the_diver_changes_the_picture(motion: DiveMotion, seed: int) -> None:
    scene, times_s = clean_scene(seed), moments(motion)[:2]
    with_diver = render((motion,), scene, size=SIZE, times_s=times_s)
    without = render((motion,), scene, size=SIZE, times_s=times_s, divers=False)
    difference = np.abs(with_diver.frames.astype(int) - without.frames.astype(int)).max(-1)
    changed = difference > ROUNDING
    assert not changed[with_diver.masks == 0].any()
    solid = with_diver.masks == 255
    assert solid.any()
    # A diver's pixel may by chance have the colour of what it hides, but hardly ever does.
    assert changed[solid].mean() > 0.97
    assert not without.masks.any()


def test_nothing_is_masked_where_the_diver_is_out_of_view(motion: DiveMotion) -> None:
    scene = clean_scene(5)
    camera = replace(scene.camera, follow=0.0, aim_m=(30.0, 40.0, 0.0), short_side_m=2.0)
    drawn = render((motion,), replace(scene, camera=camera), size=SIZE, times_s=moments(motion))
    assert not drawn.masks.any()
    assert np.isnan(drawn.boxes).all()


def test_a_diver_deep_under_water_is_not_masked(motion: DiveMotion) -> None:
    scene = clean_scene(6)
    joints = motion.joints.copy()
    joints[..., 1] -= 20.0
    venue = replace(scene.venue, clearness_m=0.5)
    drawn = render(
        (replace(motion, joints=joints),),
        replace(scene, venue=venue),
        size=SIZE,
        times_s=moments(motion)[:1],
    )
    assert not drawn.masks.any()


def test_boxes_bound_the_mask(motion: DiveMotion) -> None:
    drawn = render((motion,), clean_scene(7), size=SIZE, times_s=moments(motion)[:2])
    for mask, box in zip(drawn.masks, drawn.boxes, strict=True):
        rows, columns = np.nonzero(mask >= 128)
        expected = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        assert tuple(box) == expected


def test_each_diver_of_a_pair_has_a_mask_and_they_make_the_whole(motion: DiveMotion) -> None:
    aside = np.array((0, 0, 2.5), np.float32)
    partner = replace(motion, joints=motion.joints + aside, board_tip=motion.board_tip + aside)
    drawn = render((motion, partner), clean_scene(8), size=SIZE, times_s=moments(motion)[:2])
    assert drawn.diver_masks.shape == (2, 2, *SIZE)
    total = drawn.diver_masks.astype(int).sum(axis=0).clip(max=255)
    assert np.abs(total - drawn.masks).max() <= 2
    assert all(mask.any() for mask in drawn.diver_masks)


def test_the_same_seed_draws_the_same_pictures(motion: DiveMotion) -> None:
    first, again, other = (
        render(
            (motion,),
            Scene.random(seed, height_m=3.0, springboard=True),
            size=SIZE,
            times_s=moments(motion)[:1],
        )
        for seed in (9, 9, 10)
    )
    assert np.array_equal(first.frames, again.frames)
    assert np.array_equal(first.masks, again.masks)
    assert not np.array_equal(first.frames, other.frames)


def test_a_larger_splash_hides_more(motion: DiveMotion) -> None:
    scene = clean_scene(11)
    times_s = np.array([motion.entry_s + 0.2])
    white = []
    for splash in (0.0, 0.5, 1.0):
        drawn = render(
            (replace(motion, splash=splash),), scene, size=SIZE, times_s=times_s, divers=False
        )
        white.append(int((drawn.frames.min(-1) > 170).sum()))
    assert white[0] < white[1] < white[2]


@pytest.mark.parametrize("kind", KINDS)
def test_every_camera_draws_finite_pictures_of_any_shape(motion: DiveMotion, kind: str) -> None:
    scene = Scene.random(12, height_m=3.0, springboard=True, camera=kind)
    for size in ((48, 48), (64, 36)):
        drawn = render((motion,), scene, size=size, times_s=moments(motion))
        assert drawn.frames.shape == (3, *size, 3)
        assert drawn.frames.dtype == np.uint8
        assert drawn.frames.std() > 5


def test_pictures_do_not_depend_on_how_many_threads_draw(motion: DiveMotion) -> None:
    scene, times_s = clean_scene(13), moments(motion)[:1]
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = render((motion,), scene, size=SIZE, times_s=times_s)
    finally:
        torch.set_num_threads(threads)
    many = render((motion,), scene, size=SIZE, times_s=times_s)
    assert np.abs(one.frames.astype(int) - many.frames.astype(int)).max() <= 1
