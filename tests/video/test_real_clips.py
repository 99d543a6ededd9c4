"""Facts about real footage: what phones and broadcasts make, read without loss or turning."""

from pathlib import Path

import numpy as np
import pytest

from fpcli.video.read import iterate_frames, read_clip
from fpcli.video.sound import Sound
from fpcli.video.write import VideoWriter

CLIPS = Path(__file__).parents[2].parent / "shared" / "clips"
pytestmark = pytest.mark.skipif(
    not CLIPS.is_dir(), reason="the real clips lie beside the repository and are not there"
)

# file, width, height, frames, frames a second, clockwise rotation, sound
FACTS = [
    ("dives/phone_103B_mark4.5.mp4", 1280, 720, 157, 30.0, 0, True),
    ("dives/phone_rotated_103B_mark6.5.mp4", 320, 568, 259, 30.0, 90, True),
    ("dives/phone_pan_103B_mark4.5.mov", 1280, 720, 130, 29.97, 0, True),
    ("dives/phone_fixed_103B_mark6.mp4", 1280, 720, 143, 30.0, 0, True),
    ("dives/phone_tall_103B_mark6.mp4", 720, 1280, 103, 30.0, 0, True),
    ("dives/broadcast_platform.mp4", 1280, 720, 109, 29.97, 0, True),
    ("dives/broadcast_platform_small.mp4", 320, 240, 117, 30.0, 0, False),
    # stored 340 x 256 with pixels a quarter wider than high; its damage is in the pictures
    ("not_dives/armwrestling_corrupt_frames.mp4", 427, 256, 280, 28.0, 0, False),
    ("not_dives/backflip_gym.mp4", 1024, 576, 199, 30.0, 0, True),
    ("not_dives/basketball.avi", 320, 240, 141, 29.97, 0, False),
    ("not_dives/breaststroke.avi", 320, 240, 96, 25.0, 0, False),
]


@pytest.mark.parametrize(("name", "width", "height", "frames", "rate", "rotation", "sound"), FACTS)
def test_facts_of_a_real_clip(
    name: str, width: int, height: int, frames: int, rate: float, rotation: int, sound: bool
) -> None:
    clip = read_clip(CLIPS / name, max_side=320)
    info = clip.info
    assert (info.width, info.height, info.frame_count) == (width, height, frames)
    assert info.frame_rate == pytest.approx(rate, rel=0.001)
    assert info.duration_s == pytest.approx(frames / rate, abs=0.05)
    assert (info.rotation_degrees, info.has_audio, info.corrupt_frames) == (rotation, sound, 0)
    assert clip.frames.shape[0] == 96
    assert max(clip.frames.shape[1:3]) == 320
    assert (np.diff(clip.times_s) > 0).all()
    assert clip.indices[-1] == frames - 1


def test_every_clip_has_its_facts_here() -> None:
    there = {path.relative_to(CLIPS).as_posix() for path in CLIPS.glob("*/*.*")}
    assert there == {name for name, *_ in FACTS}


def test_rotated_phone_clip_has_its_ceiling_lamps_above_and_its_water_below() -> None:
    picture = read_clip(CLIPS / "dives/phone_rotated_103B_mark6.5.mp4").frames[60].astype(float)
    water, wall = picture[400:], picture[60:200]
    blue_of_water = water[:, :, 2].mean() - water[:, :, 0].mean()
    blue_of_wall = wall[:, :, 2].mean() - wall[:, :, 0].mean()
    assert blue_of_water > 40
    assert blue_of_wall < 10


@pytest.mark.parametrize(
    "name", ["dives/phone_rotated_103B_mark6.5.mp4", "dives/phone_pan_103B_mark4.5.mov"]
)
def test_real_clip_written_again_keeps_times_and_sound(tmp_path: Path, name: str) -> None:
    source = CLIPS / name
    times_s = []
    first = next(iterate_frames(source, max_side=160)).image
    with VideoWriter(
        tmp_path / "out.mp4", width=first.shape[1], height=first.shape[0], source=source
    ) as writer:
        assert writer.sound is Sound.COPIED
        for frame in iterate_frames(source, max_side=160):
            writer.write(frame.image, frame.time_s)
            times_s.append(frame.time_s)
    again = [frame.time_s for frame in iterate_frames(tmp_path / "out.mp4", max_side=16)]
    assert again == pytest.approx(times_s, abs=0.5 / 90_000)
    assert read_clip(tmp_path / "out.mp4", max_side=16).info.has_audio


def test_nothing_is_said_while_reading(capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    read_clip(CLIPS / "not_dives/armwrestling_corrupt_frames.mp4", max_side=64)
    assert capfd.readouterr() == ("", "")
