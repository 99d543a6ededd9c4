"""What is drawn does not depend on whether a device draws in small steps or all at once."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fpcli.simulation import devices
from fpcli.simulation.followed import film_followed
from fpcli.simulation.render import Rendering, render
from fpcli.simulation.take import Take, prepare

TAKES = {
    "springboard": {"seed": 3, "camera": "broadcast", "number": "103B", "height_m": 3.0},
    "tower": {"seed": 4, "camera": "phone", "number": "405C", "height_m": 10.0},
}


@pytest.fixture(scope="module", params=TAKES)
def take(request: pytest.FixtureRequest) -> Take:
    return prepare(**TAKES[request.param], synchro=False)


def drawn(take: Take, device: str = "cpu") -> Rendering:
    motion = take.motions[0]
    times_s = np.linspace(motion.takeoff_s - 0.3, motion.entry_s + 0.4, 5)
    scene = replace(take.scene, development=replace(take.scene.development, noise=0.0))
    return render(take.motions, scene, size=(72, 96), times_s=times_s, device=device)


def assert_alike(first: Rendering, second: Rendering) -> None:
    apart = np.abs(first.frames.astype(int) - second.frames)
    # Walls may be painted a little finer or coarser, and an edge's last share may differ.
    assert apart.mean() < 2.5
    masks = np.abs(first.masks.astype(int) - second.masks)
    assert masks.mean() < 0.2
    assert (masks > 64).mean() < 1e-3


def test_all_at_once_looks_like_step_by_step(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = drawn(take)
    monkeypatch.setattr(devices, "SMALL_STEPS", frozenset())
    assert_alike(steps, drawn(take))


def test_all_at_once_in_parts_of_any_size(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "SMALL_STEPS", frozenset())
    whole = drawn(take)
    monkeypatch.setattr("fpcli.simulation.faces.PIXELS_AT_ONCE", 5_000)
    monkeypatch.setattr("fpcli.simulation.cones.MEETINGS_AT_ONCE", 50_000)
    assert_alike(whole, drawn(take))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_a_graphics_processor_draws_the_same(take: Take) -> None:
    assert_alike(drawn(take), drawn(take, "cuda"))
    here, there = (
        film_followed(take, seed=1, size=48, frames=8, device=device) for device in ("cpu", "cuda")
    )
    assert np.abs(here.frames.astype(int) - there.frames).mean() < 3
    assert np.abs(here.masks.astype(int) - there.masks).mean() < 0.5
