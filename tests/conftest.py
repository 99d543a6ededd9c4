"""What tests of several rooms share: a small bundle and a small video, both made on the spot.

The bundle's network has seeded random weights: it scores nothing, and nothing of it is shipped.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Examples are the same in every run, and a busy machine fails no test.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

BANK_NUMBERS = ("107B",) * 12 + ("5253B",) * 6 + ("103B", "205B", "301C", "405C")
VIDEO_FRAMES = 40
VIDEO_RATE_HZ = 25

VideoMaker = Callable[..., None]


@pytest.fixture(scope="session")
def small_bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the xs size: a seeded random network, an exemplar bank, a calibration."""
    import torch

    from fpcli.model.build import build
    from fpcli.model.config import CONFIGS
    from fpcli.model.features import DiveFeatures
    from fpcli.video.transform import CENTRE
    from fpcli.weights.bundle import Bundle, Calibration, Card, ExemplarBank, save_bundle

    torch.manual_seed(7)
    config = CONFIGS["xs"]
    network = build(config)
    count = len(BANK_NUMBERS)
    rng = np.random.default_rng(7)
    heights = {"5253B": 10.0, "107B": 3.0}
    difficulties = {"107B": 3.1, "5253B": 3.2, "103B": 1.6, "205B": 3.0, "301C": 1.6, "405C": 2.7}
    bank = ExemplarBank(
        keys=tuple(f"exemplar-{place:02d}" for place in range(count)),
        dive_numbers=BANK_NUMBERS,
        heights_m=np.array([heights.get(n, 3.0) for n in BANK_NUMBERS], np.float32),
        difficulties=np.array([difficulties[n] for n in BANK_NUMBERS], np.float32),
        marks=np.round(rng.uniform(4, 9, count) * 2).astype(np.float32) / 2,
        features=DiveFeatures(
            dynamic=torch.rand(count, 9, config.dynamic_width),
            static=torch.randn(count, 3, 4, config.token_width),
            transitions=torch.rand(count, 96, 2) / 20,
        ),
    )
    card = Card(
        name="small-test",
        training_data="nothing: seeded random weights",
        simulated=True,
        licence="MIT",
        origin="made by the tests",
        recipe="none",
    )
    residuals = np.sort(rng.exponential(0.6, 60)).astype(np.float32)
    bundle = Bundle(card, config, CENTRE, network.state_dict(), bank, Calibration(residuals, 0.05))
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_bundle(bundle, path)
    return path


@pytest.fixture(scope="session", autouse=True)
def without_finder() -> Iterator[None]:
    """Look for dives by their flight alone: the block of `small_video` is no person."""
    from fpcli.analysis import begun

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(begun, "bundled_diver_finder", lambda _=None: None)
        yield


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames, 96 x 64 pixels, 25 a second: a bright block that flies, turns and splashes."""
    path = tmp_path_factory.mktemp("video") / "dive.mp4"
    write_falling_block(path)
    return path


@pytest.fixture(scope="session")
def make_video() -> VideoMaker:
    """Write a video like `small_video`, of any number of frames, the block falling from `left`."""
    return write_falling_block


TAKEOFF_S, FLIGHT_S = 0.2, 1.04  # of the made dive
BODY_STATURE_PX = 22.0  # of a block that turns in the air: 10 x 8 pixels


def write_falling_block(path: Path, frames: int = VIDEO_FRAMES, left: int = 40) -> None:
    """A block leaves a board, flies on the parabola of a body of its size, and splashes."""
    from fpcli.video.write import VideoWriter

    gravity = 9.81 / 1.65 * BODY_STATURE_PX
    rng = np.random.default_rng(3)
    scene = rng.integers(40, 120, (16, 24, 3)).astype(np.uint8).repeat(4, 0).repeat(4, 1)
    scene[54:] = (40, 90, 160)
    with VideoWriter(path, width=96, height=64) as writer:
        for index in range(frames):
            time_s = index / VIDEO_RATE_HZ
            flown_s = np.clip(time_s - TAKEOFF_S, 0, FLIGHT_S)
            picture = scene.copy()
            top = 20 - 36 * flown_s + gravity / 2 * flown_s**2
            across = left + 10 * flown_s
            if time_s < TAKEOFF_S + FLIGHT_S:
                high, wide = (10, 8) if index % 4 < 2 else (8, 10)
                row, column = round(top - high / 2), round(across - wide / 2)
                picture[max(row, 0) : row + high, column : column + wide] = (230, 190, 160)
            else:
                reach = 2 + index % 3
                column = round(across)
                picture[54 - reach : 56, column - 2 * reach : column + 2 * reach] = 250
            writer.write(picture, time_s)
