"""FineDiving's clips become a pool that training and measuring take as any other."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from made_data_set import MadeDataSet

from fpcli.data.finediving import FineDivingClip, examine
from fpcli.data.framing import Framing
from fpcli.errors import DataError
from fpcli.training.augment import Augmentation, prepare_batch
from fpcli.training.finediving import finediving_pool, label_of
from fpcli.training.samples import Pool, known_durations, load_label
from fpcli.training.supply import Supply
from fpcli.video.transform import InputGeometry

KEYS = [("01", 1), ("01", 2), ("Men3m", 1)]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Sequence[FineDivingClip]:
    made = MadeDataSet(tmp_path_factory.mktemp("finediving"))
    for key in KEYS:
        made.add(key)
    made.train = list(KEYS)
    return examine(made.write()).required().train


def converted(clips: Sequence[FineDivingClip], folder: Path, **changes: object) -> Pool:
    return finediving_pool(clips, folder, size=32, workers=1, **changes)


def test_a_pool_holds_the_clips_in_their_order(
    clips: Sequence[FineDivingClip], tmp_path: Path
) -> None:
    told: list[int] = []
    pool = converted(clips, tmp_path, on_dive=told.append)
    assert [label.key for label in pool.labels] == ["01-1", "01-2", "Men3m-1"]
    assert told == [0, 1, 2, 3]
    sample = pool.sample(2)
    assert sample.label == pool.labels[2] == label_of(clips[2])
    assert (sample.label.event, sample.label.dive_number) == ("Men3m", "407C")
    assert sample.label.transitions == (29, 68)
    assert sample.label.height_m == 3.0
    assert not sample.label.simulated
    assert sample.frames.shape == (96, 32, 32, 3)
    assert sample.masks.shape == (96, 32, 32)
    assert sample.frames.dtype == sample.masks.dtype == torch.uint8


def test_a_batch_of_it_can_be_learned_from(clips: Sequence[FineDivingClip], tmp_path: Path) -> None:
    supply = Supply(converted(clips, tmp_path))
    frames, masks = supply.batch([0, 2])
    transitions = torch.tensor([label.transitions for label in supply.labels])[[0, 2]]
    seen = InputGeometry("small", size=28)
    durations_s = known_durations([supply.labels[place] for place in (0, 2)])
    assert durations_s.isnan().all()  # the annotations do not tell the rate of the frames
    rng = torch.Generator().manual_seed(0)
    batch = prepare_batch(frames, masks, transitions, durations_s, seen, Augmentation(), rng)
    assert batch.clips.shape == (2, 3, 96, 28, 28)
    assert batch.masks.mean() > 0.02
    assert torch.isfinite(batch.clips).all()


def test_masks_lie_on_the_diver(clips: Sequence[FineDivingClip], tmp_path: Path) -> None:
    sample = converted(clips[:1], tmp_path).sample(0)
    inside = sample.masks >= 128
    colours = sample.frames[inside].float().mean(dim=0)
    assert colours.tolist() == pytest.approx([250, 120, 60], abs=25)
    assert 0.02 < inside.float().mean() < 0.3


def test_what_is_there_is_kept_until_its_annotation_changes(
    clips: Sequence[FineDivingClip], tmp_path: Path
) -> None:
    paths = converted(clips, tmp_path).paths
    before = [path.stat().st_mtime_ns for path in paths]
    told: list[int] = []
    corrected = [clips[0], replace(clips[1], score=70.0), clips[2]]
    again = converted(corrected, tmp_path, on_dive=told.append)
    changed = [path.stat().st_mtime_ns != old for path, old in zip(paths, before, strict=True)]
    assert changed == [False, True, False]
    assert told == [2, 3]
    assert load_label(again.paths[1]).score == 70.0


def test_a_conversion_cut_short_is_done_again(
    clips: Sequence[FineDivingClip], tmp_path: Path
) -> None:
    path = converted(clips, tmp_path).paths[0]
    path.write_bytes(path.read_bytes()[:100])
    assert converted(clips, tmp_path).sample(0).label.key == "01-1"


def test_framings_do_not_mix(clips: Sequence[FineDivingClip], tmp_path: Path) -> None:
    followed = converted(clips[:1], tmp_path).sample(0)
    published = converted(clips[:1], tmp_path, framing=Framing.PUBLISHED).sample(0)
    assert not torch.equal(followed.frames, published.frames)
    assert torch.equal(converted(clips[:1], tmp_path).sample(0).frames, followed.frames)


def test_damaged_clips_are_all_named_and_the_others_are_converted(
    clips: Sequence[FineDivingClip], tmp_path: Path
) -> None:
    frames = tmp_path / "frames"
    shutil.copytree(clips[0].frames_folder, frames)
    (frames / "00006.jpg").write_bytes(clips[0].frames[5].read_bytes()[:-30])
    broken = [
        replace(clips[0], frames_folder=frames),
        clips[1],
        replace(clips[2], mask_names=("absent.jpg", *clips[2].mask_names[1:])),
    ]
    with pytest.raises(DataError, match="2 of 3 clips") as raised:
        converted(broken, tmp_path / "pool")
    assert "00006.jpg is cut short" in raised.value.message
    assert "absent.jpg is absent" in raised.value.message
    assert [path.name for path in (tmp_path / "pool").rglob("*.safetensors")] == [
        "01-2.dive.safetensors"
    ]


def test_a_full_disk_leaves_no_half_dive(
    clips: Sequence[FineDivingClip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        converted(clips, tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_whole_events_are_held_out(clips: Sequence[FineDivingClip], tmp_path: Path) -> None:
    learn, held_out = converted(clips, tmp_path).split(0.3)
    events = [{label.event for label in part.labels} for part in (learn, held_out)]
    assert sorted(map(sorted, events)) == [["01"], ["Men3m"]]
    assert held_out.sample(0).label == held_out.labels[0]
    assert np.isin([label.key for label in learn.labels], ["01-1", "01-2", "Men3m-1"]).all()
