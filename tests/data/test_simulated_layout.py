"""What the simulator writes is what the reader reads, with its truth."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from fpcli.data import layout as read_layout
from fpcli.data.finediving import examine
from fpcli.simulation import layout as written_layout
from fpcli.simulation.clip import simulate_clip
from fpcli.simulation.dataset import PlannedDive

FRAMES = 24


def jpeg(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".jpg", picture[..., ::-1])[1])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("simulated")
    writer = written_layout.FineDivingWriter(root, jpeg)
    for event in range(4):
        planned = PlannedDive(f"Simulated_{event:04d}", 1, event, event, "103B", 3.0, False)
        clip = simulate_clip(
            event, size=(36, 64), number="103B", height_m=3.0, synchro=False, frames=FRAMES
        )
        writer.add(planned, clip)
    writer.finish()
    return root


def test_both_sides_name_the_same_files() -> None:
    for name in ("FRAMES_FOLDER", "MASKS_FOLDER", "ANNOTATIONS_FOLDER", "TRUTH_FOLDER"):
        assert getattr(read_layout, name) == getattr(written_layout, name)
    for name in ("FINE_AQA", "FINE", "COARSE", "TRAIN", "TEST"):
        assert getattr(read_layout, name) == getattr(written_layout, name)


def test_a_simulated_data_set_is_whole_and_without_noise(root: Path) -> None:
    found = examine(root, pictures=True)
    assert found.problems == ()
    assert found.noise == ()
    assert len(found.train) == 3
    assert len(found.test) == 1


def test_clips_carry_the_simulators_truth(root: Path) -> None:
    clip = examine(root).train[0]
    truth = json.loads((root / "Truth" / clip.event / "1.json").read_text())
    assert clip.simulated
    assert clip.height_m == truth["height_m"] == 3.0
    assert clip.step_deductions == tuple(truth["truth"]["lost_by_step"])
    assert clip.mark == pytest.approx(truth["truth"]["mark"], abs=1e-4)
    assert clip.judge_marks == tuple(truth["truth"]["marks"])
    shown = np.linspace(0, FRAMES - 1, 96).astype(int)
    for sampled, true in zip(clip.transitions, truth["transitions"], strict=True):
        assert shown[sampled - 1] < true <= shown[sampled]
