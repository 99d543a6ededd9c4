import json
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from fpcli.video import transform
from fpcli.video.transform import CENTRE, PUBLISHED, InputGeometry, to_input, window

DATA = Path(__file__).parent / "data"
MEAN = torch.tensor(transform.IMAGENET_MEAN).view(3, 1, 1)
STD = torch.tensor(transform.IMAGENET_STD).view(3, 1, 1)


def read_picture(name: str) -> np.ndarray:
    with av.open(str(DATA / name)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_published_geometry_gives_the_published_input() -> None:
    frame = read_picture("published_geometry_frame.png")
    levels = torch.from_numpy(read_picture("published_geometry_levels.png")).permute(2, 0, 1)
    expected = (levels / 255 - MEAN) / STD
    found = to_input(frame[None], PUBLISHED)[:, 0]
    assert found.shape == (3, 112, 112)
    assert (found - expected).abs().max() < 0.02


def test_published_window_cuts_above_and_below_only() -> None:
    assert window(PUBLISHED, 455, 256) == pytest.approx([0, 256 * 44 / 200, 455, 256 * 156 / 200])


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (720, 1280), (320, 240), (101, 99)])
def test_centre_keeps_the_aspect_and_the_shorter_side(width: int, height: int) -> None:
    x0, y0, x1, y1 = window(CENTRE, width, height)
    assert x1 - x0 == pytest.approx(y1 - y0, rel=0.01)
    assert min(x1 - x0, y1 - y0) == pytest.approx(min(width, height), rel=0.01)
    assert x0 == pytest.approx(width - x1, abs=width / 100)
    assert y0 == pytest.approx(height - y1, abs=height / 100)


def test_circle_stays_round_in_the_centre_geometry() -> None:
    y, x = np.mgrid[:360, :640]
    disc = ((x - 320) ** 2 + (y - 180) ** 2 < 100**2).astype(np.uint8) * 255
    seen = to_input(np.repeat(disc[None, :, :, None], 3, axis=3), CENTRE)[0, 0] > 0
    assert seen.any(0).sum() == pytest.approx(seen.any(1).sum(), abs=1)


def test_window_is_where_the_network_looks() -> None:
    x0, y0, x1, y1 = (round(edge) for edge in window(PUBLISHED, 400, 200))
    frame = np.zeros((1, 200, 400, 3), np.uint8)
    frame[:, y0:y1, x0:x1] = 255
    seen = to_input(frame, PUBLISHED) * STD[:, None] + MEAN[:, None]
    assert seen.mean() > 0.99
    around = to_input(255 - frame, PUBLISHED) * STD[:, None] + MEAN[:, None]
    assert around.mean() < 0.01


def test_colours_are_normalised_by_channel() -> None:
    red = np.full((1, 50, 50, 3), (255, 0, 0), np.uint8)
    means = to_input(red, CENTRE).mean(dim=(1, 2, 3))
    assert means.tolist() == pytest.approx(
        [(1 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225], rel=1e-4
    )


def test_detail_finer_than_a_pixel_is_averaged_away() -> None:
    stripes = np.zeros((1, 896, 896, 3), np.uint8)
    stripes[:, :, ::2] = 255
    levels = to_input(stripes, CENTRE)[0] * 0.229 + 0.485
    assert levels.std() < 0.02


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.random.default_rng(1).integers(0, 255, (7, 60, 90, 3), dtype=np.uint8)
    whole = to_input(frames, CENTRE)
    monkeypatch.setattr(transform, "CHUNK_BYTES", 2 * 60 * 90 * 3 * 4)
    assert torch.equal(to_input(torch.from_numpy(frames), CENTRE), whole)


@pytest.mark.parametrize("geometry", [PUBLISHED, CENTRE])
def test_geometry_survives_json(geometry: InputGeometry) -> None:
    assert InputGeometry.from_dict(json.loads(json.dumps(geometry.to_dict()))) == geometry


def test_cut_larger_than_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        InputGeometry("wrong", size=112, resized=(112, 100))


@pytest.mark.parametrize(
    "frames", [np.zeros((2, 8, 8), np.uint8), np.zeros((2, 8, 8, 3), np.float32)]
)
def test_other_arrays_are_refused(frames: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        to_input(frames, CENTRE)


def test_transform_needs_no_video_library() -> None:
    code = (
        "import sys; sys.modules['av'] = sys.modules['cv2'] = sys.modules['torchvision'] = None;"
        "import fpcli.video.transform"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
