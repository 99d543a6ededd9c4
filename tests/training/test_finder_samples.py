"""The finder's moments: where divers are in them, and what happens to them before training."""

from pathlib import Path

import pytest
import torch
from made_moments import moving_squares
from torch import Tensor

from fpcli.errors import DataError
from fpcli.training import finder_samples
from fpcli.training.finder_augment import FinderChange, prepared
from fpcli.training.finder_samples import (
    ABSENT,
    FLIGHT,
    SUFFIX,
    SceneMoments,
    draw_scene,
    load_scene,
    make_moments,
    scene_path,
)

LONGER = 160
SEEDS = (1, 22)  # a camera on a stand, and one that follows


@pytest.fixture(scope="module", params=SEEDS)
def scene(request: pytest.FixtureRequest) -> SceneMoments:
    torch.set_num_threads(1)
    return draw_scene(request.param, "scene", longer=LONGER)


def differences(scene: SceneMoments, homographies: Tensor) -> Tensor:
    """(K, 2, H, W) absolute differences to the neighbours, after one alignment."""
    seen = prepared(
        scene.pictures,
        homographies,
        scene.centres,
        scene.statures_px,
        scene.states,
        canvas=(scene.pictures.shape[2], scene.pictures.shape[3]),
        change=None,
        rng=torch.Generator(),
    )
    return seen.pictures[:, 3:].abs()


def test_every_phase_of_the_dive_is_shown(scene: SceneMoments) -> None:
    assert scene.pictures.dtype == torch.uint8
    assert {0, 1, 2} <= set(scene.states[:, 0].tolist()) | {finder_samples.UNSURE}
    assert scene.states[:, 0].eq(FLIGHT).sum() >= 3


def test_alignment_takes_the_camera_s_motion_away(scene: SceneMoments) -> None:
    still = torch.eye(3).expand_as(scene.homographies)
    aligned, raw = differences(scene, scene.homographies), differences(scene, still)
    moved = (scene.homographies - still)[..., :2, 2].abs().amax(dim=(1, 2)) > 1.5
    for place in moved.nonzero()[:, 0].tolist():
        assert aligned[place].mean() < 0.8 * raw[place].mean()


def test_what_moves_by_itself_in_flight_is_the_diver(scene: SceneMoments) -> None:
    moving = differences(scene, scene.homographies).amax(dim=1)
    for place in scene.states[:, 0].eq(FLIGHT).nonzero()[:, 0].tolist():
        column, row = scene.centres[place, 0].round().int().tolist()
        reach = max(int(0.5 * float(scene.statures_px[place, 0])), 2)
        near = moving[place, max(row - reach, 0) : row + reach, max(column - reach, 0) :][
            :, : 2 * reach
        ]
        assert near.mean() > moving[place].mean()


def test_a_pool_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = moving_squares("small")
    drawn: list[str] = []

    def quick(seed: int, key: str, *, device: str) -> SceneMoments:
        drawn.append(key)
        return small

    monkeypatch.setattr(finder_samples, "draw_scene", quick)
    assert make_moments(tmp_path, 2, 5, workers=1) == 2
    assert make_moments(tmp_path, 3, 5, workers=1) == 3
    assert len(set(drawn)) == len(drawn) == 3
    assert make_moments(tmp_path, 9, 5, workers=1, until=lambda: True) == 4
    again = load_scene(scene_path(tmp_path, 5, 0))
    assert again.label == small.label
    torch.testing.assert_close(again.homographies, small.homographies)


def test_a_cut_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / f"cut{SUFFIX}"
    path.write_bytes(b"nothing")
    with pytest.raises(DataError, match="cut"):
        load_scene(path)


def dotted(count: int, state: int = FLIGHT) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Grey pictures with one white dot of 5 x 5 pixels at the diver's middle."""
    pictures = torch.full((count, 5, 96, 160), 60, dtype=torch.uint8)
    centres = torch.rand(count, 1, 2, generator=torch.Generator().manual_seed(0))
    centres = (centres * torch.tensor((120.0, 60.0)) + torch.tensor((20.0, 18.0))).round() + 0.5
    for place, (x, y) in enumerate(centres[:, 0].int().tolist()):
        pictures[place, :, y - 2 : y + 3, x - 2 : x + 3] = 255
    homographies = torch.eye(3).repeat(count, 2, 1, 1)
    return (
        pictures,
        homographies,
        centres,
        torch.full((count, 1), 30.0),
        torch.full((count, 1), state),
    )


def test_the_truth_goes_where_the_picture_goes() -> None:
    only_moved = FinderChange(
        gain=0, bias=0, gamma=0, noise=0, blurred=0, blocky=0, shot=0, shift_px=0, stretch=0, lost=0
    )
    seen = prepared(
        *dotted(12), canvas=(64, 96), change=only_moved, rng=torch.Generator().manual_seed(1)
    )
    checked = 0
    for place in range(12):
        if seen.states[place, 0] == ABSENT:
            continue
        bright = seen.pictures[place, 0] > seen.pictures[place, 0].max() - 0.5
        rows, columns = bright.nonzero(as_tuple=True)
        middle = torch.stack([columns.float().mean(), rows.float().mean()]) + 0.5
        assert (middle - seen.centres[place, 0]).norm() < 2.5
        checked += 1
    assert checked >= 6
    assert seen.statures_px.min() >= 0.69 * 30
    assert seen.statures_px.max() <= 1.51 * 30
    # Nothing moved, and neither crop nor turn makes it seem so.
    assert float(seen.pictures[:, 3:].abs().max()) < 0.5


def test_all_changes_leave_finite_pictures_and_the_same_seed_the_same() -> None:
    first, second = (
        prepared(
            *dotted(6),
            canvas=(64, 96),
            change=FinderChange(),
            rng=torch.Generator().manual_seed(3),
        )
        for _ in range(2)
    )
    assert torch.isfinite(first.pictures).all()
    torch.testing.assert_close(first.pictures, second.pictures)
