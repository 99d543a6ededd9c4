import numpy as np
import pytest
import torch

from fpcli.diving.numbers import parse
from fpcli.simulation.camera import KINDS, Camera
from fpcli.simulation.dive import simulate_dive
from fpcli.simulation.motion import DiveMotion
from fpcli.simulation.seeds import stream
from fpcli.simulation.view import View, look_at


@pytest.fixture(scope="module")
def motion() -> DiveMotion:
    return simulate_dive(parse("405C"), 10.0, seed=5).motion


def test_what_a_camera_looks_at_is_in_the_middle_of_its_picture() -> None:
    position, target = torch.tensor([[3.0, 2.0, -9.0]]), torch.tensor([[1.0, 4.0, 0.5]])
    view = View(
        position,
        look_at(position, target, torch.zeros(1)),
        torch.tensor([500.0]),
        torch.tensor([[80.0, 50.0]]),
        100,
        160,
    )
    pixel, depth = view.project(target)
    assert pixel[0].tolist() == pytest.approx([80, 50], abs=1e-3)
    assert float(depth[0]) == pytest.approx(float((target - position).norm()), rel=1e-6)


def test_up_is_up_and_pictures_are_not_mirrored() -> None:
    position = torch.tensor([[0.0, 0.0, 10.0]])
    view = View(
        position,
        look_at(position, torch.zeros(1, 3), torch.zeros(1)),
        torch.tensor([100.0]),
        torch.tensor([[25.0, 25.0]]),
        50,
        50,
    )
    pixel, _ = view.project(torch.tensor([[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]]))
    assert pixel[0, 0, 1] < 25 - 5
    assert pixel[0, 1, 0] > 25 + 5


def test_rays_go_where_points_are_projected() -> None:
    position, target = torch.tensor([[3.0, 2.0, -9.0]]), torch.tensor([[1.0, 4.0, 0.5]])
    view = View(
        position,
        look_at(position, target, torch.tensor([0.1])),
        torch.tensor([90.0]),
        torch.tensor([[30.0, 20.0]]),
        40,
        60,
    )
    ray = view.rays()[0, 7, 11]
    pixel, _ = view.project((position[0] + 5 * ray)[None])
    assert pixel[0].tolist() == pytest.approx([11.5, 7.5], abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_the_dive_is_in_the_central_square(motion: DiveMotion, kind: str, seed: int) -> None:
    camera = Camera.random(stream(seed, "camera"), 10.0, False, kind)
    times_s = np.linspace(motion.takeoff_s, motion.entry_s, 30)
    view = camera.view((motion,), times_s, 100, 100)
    middle = torch.from_numpy(motion.at(times_s)).mean(dim=1)
    pixel, depth = view.project(middle)
    assert (depth > 2).all()
    assert ((pixel > 0) & (pixel < 100)).all(dim=-1).float().mean() > 0.9


@pytest.mark.parametrize("seed", range(8))
def test_a_broadcast_shows_the_diver_as_large_as_real_ones_do(
    motion: DiveMotion, seed: int
) -> None:
    camera = Camera.random(stream(seed, "camera"), 10.0, False, "broadcast")
    times_s = np.array([0.0])
    view = camera.view((motion,), times_s, 256, 455)
    pixel, _ = view.project(torch.from_numpy(motion.at(times_s)))
    tall = float(pixel[0, :, 1].max() - pixel[0, :, 1].min()) / 256
    assert 0.2 < tall < 0.9


def test_slow_motion_stretches_the_clip() -> None:
    camera = Camera.random(stream(1, "camera"), 3.0, True, "broadcast")
    slowed = [camera.slowed(stream(seed, "slow motion")) for seed in range(200)]
    slow = [one for one in slowed if one.slow_motion > 1]
    assert 0 < len(slow) < 40
    assert slow[0].dive_times(np.array([6.0]))[0] == pytest.approx(6 / slow[0].slow_motion)
