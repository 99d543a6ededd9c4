"""What tests of several rooms share: a small bundle and a small video, both made on the spot.

The bundle's network has seeded random weights: it scores nothing, and nothing of it is shipped.
"""

from collections.abc import Callable
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


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames, 96 x 64 pixels, 25 a second: a bright block that falls and turns."""
    path = tmp_path_factory.mktemp("video") / "dive.mp4"
    write_falling_block(path)
    return path


@pytest.fixture(scope="session")
def make_video() -> VideoMaker:
    """Write a video like `small_video`, of any number of frames, the block falling from `left`."""
    return write_falling_block


def write_falling_block(path: Path, frames: int = VIDEO_FRAMES, left: int = 40) -> None:
    from fpcli.video.write import VideoWriter

    with VideoWriter(path, width=96, height=64) as writer:
        for index in range(frames):
            picture = np.full((64, 96, 3), (40, 90, 160), dtype=np.uint8)
            top = round(50 * (index / max(frames - 1, 1)) ** 2)
            picture[top : top + 8 + index % 4, left : left + 12 - index % 4] = (220, 180, 150)
            writer.write(picture, index / VIDEO_RATE_HZ)
