from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from fpcli.video.copy_part import copy_part
from fpcli.video.read import iterate_frames

RATE = 25
Greys = Callable[..., list[np.ndarray]]
Encoder = Callable[..., Path]


@pytest.fixture
def joined(tmp_path: Path, encode: Encoder, grey_pictures: Greys) -> Path:
    """Two recordings of a camcorder copied into one file: its clock starts anew at 1.6 s."""
    parts = [
        encode(
            tmp_path / f"{later_s}.ts",
            grey_pictures(60)[place * 40 : place * 40 + count],
            times_s=[later_s + picture / RATE for picture in range(count)],
            options={"g": "5", "bf": "0"},
        )
        for place, (later_s, count) in enumerate([(0.0, 40), (0.013, 20)])
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def test_part_after_a_clock_starts_anew_is_that_part(
    joined: Path, tmp_path: Path, frame_number: Callable[[np.ndarray], int]
) -> None:
    target = tmp_path / "part.mp4"
    assert not copy_part(joined, target, 1.95, 2.2)
    numbers = [frame_number(frame.image) for frame in iterate_frames(target)]
    assert numbers == pytest.approx(range(49, 56), abs=1)


def test_late_moment_is_found_after_a_clock_started_anew(
    joined: Path, frame_number: Callable[[np.ndarray], int]
) -> None:
    frames = list(iterate_frames(joined, start_s=1.95, end_s=2.2))
    assert [frame.index for frame in frames] == list(range(49, 56))
    assert frame_number(frames[0].image) == pytest.approx(49, abs=1)


@pytest.mark.parametrize("suffix", [".ts", ".mp4"])
def test_part_begins_with_the_last_keyframe_before_it(
    tmp_path: Path,
    encode: Encoder,
    grey_pictures: Greys,
    frame_number: Callable[[np.ndarray], int],
    suffix: str,
) -> None:
    options = {"g": "20", "keyint_min": "20", "sc_threshold": "0"}
    source = encode(tmp_path / f"video{suffix}", grey_pictures(60), options=options)
    target = tmp_path / "part.mp4"
    assert copy_part(source, target, 1.4, 1.8)
    first, *_, last = iterate_frames(target)
    assert frame_number(first.image) == 20
    assert frame_number(last.image) >= 45


def test_a_cover_larger_than_the_video_is_no_part_of_it(tmp_path: Path) -> None:
    covered, target = tmp_path / "covered.mp4", tmp_path / "part.mp4"
    with av.open(str(covered), "w") as output:
        video, cover = output.add_stream("libx264", rate=RATE), output.add_stream("mjpeg", rate=1)
        video.width, video.height, cover.width, cover.height = 64, 48, 160, 120
        cover.pix_fmt, cover.disposition = "yuvj420p", Disposition.attached_pic
        for stream, count in ((cover, 1), (video, 50)):
            for _ in range(count):
                output.mux(stream.encode(av.VideoFrame(stream.width, stream.height, "yuv420p")))
            output.mux(stream.encode(None))
    assert copy_part(covered, target, 0.0, 1.0)
    frames = list(iterate_frames(target))
    assert len(frames) > RATE
    assert frames[0].source_size == (64, 48)
