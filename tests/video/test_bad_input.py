"""What is no video, or half of one: one sentence and a hint, or the frames that are left."""

import os
import random
import wave
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from fpcli.errors import ExitCode, VideoError
from fpcli.video import container as container_module
from fpcli.video.read import iterate_frames, read_clip

Encoder = Callable[..., Path]
Greys = Callable[..., list[np.ndarray]]
NumberOf = Callable[[np.ndarray], int]

FRAMES = 60


def refusal(path: Path) -> VideoError:
    """The error that both ways of reading give for a path, checked for its manners."""
    with pytest.raises(VideoError) as refused:
        read_clip(path)
    error = refused.value
    assert error.exit_code is ExitCode.VIDEO
    assert path.name in error.message
    for sentence in (error.message, error.hint):
        assert sentence.endswith(".")
        assert ". " not in sentence
        assert "\n" not in sentence
    return error


def test_missing_file(tmp_path: Path) -> None:
    assert "no file" in refusal(tmp_path / "missing.mp4").message


def test_name_that_no_disk_takes(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / ("x" * 300)).message


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "is empty" in refusal(path).message


@pytest.mark.parametrize(
    "content",
    [
        b"the dive went well\n" * 100,
        b"x",
        bytes(50_000),
        random.Random(5).randbytes(50_000),
        b"1\n00:00:01,000 --> 00:00:02,000\nhello\n\n" * 20,
    ],
    ids=["text", "one letter", "zeros", "noise", "subtitles"],
)
def test_something_else_under_a_video_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.mp4"
    path.write_bytes(content)
    message = refusal(path).message
    assert "not a video" in message or "no pictures" in message


def test_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "voice.mp4"
    with path.open("wb") as stream, wave.open(stream, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\1" * 8000)
    assert "only sound" in refusal(path).message


def test_sound_with_a_cover_picture_is_still_only_sound(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as output:
        sound = output.add_stream("libmp3lame", rate=44100)
        sound.layout = "mono"
        cover = output.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        output.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))))
        output.mux(cover.encode(None))
        for _ in range(20):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 1152), np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate = 44100
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    assert "only sound" in refusal(path).message


@pytest.mark.parametrize(("count", "words"), [(1, "1 frame;"), (15, "15 frames;")])
def test_too_few_frames(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, count: int, words: str
) -> None:
    message = refusal(encode(tmp_path / "short.mp4", grey_pictures(count))).message
    assert words in message
    assert "at least 16" in message


@pytest.mark.parametrize(
    ("start_s", "end_s", "words"),
    [
        (5.0, None, "no frame after 5 s"),
        (None, -1.0, "no frame before -1 s"),
        (2.0, 1.0, "no frame between 2 s and 1 s"),
        (1.0, 1.2, "6 frames between 1 s and 1.2 s; a dive needs at least 16"),
    ],
)
def test_part_without_a_dive(
    tmp_path: Path,
    encode: Encoder,
    grey_pictures: Greys,
    start_s: float | None,
    end_s: float | None,
    words: str,
) -> None:
    path = encode(tmp_path / "dive.mp4", grey_pictures(FRAMES))
    with pytest.raises(VideoError, match=words):
        read_clip(path, start_s=start_s, end_s=end_s)


def test_empty_part_is_refused_while_streaming_too(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    path = encode(tmp_path / "dive.mp4", grey_pictures(20))
    with pytest.raises(VideoError, match="no frame after 90 s"):
        list(iterate_frames(path, start_s=90))


def test_mp4_without_its_index(tmp_path: Path, encode: Encoder, grey_pictures: Greys) -> None:
    path = encode(tmp_path / "cut.mp4", grey_pictures(FRAMES))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "cut short" in refusal(path).message


def spoil(path: Path, places: list[int], packet_bytes: int = 40) -> None:
    """Overwrite the middle of some packets, counted in file order, with noise."""
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    noise = random.Random(3)
    for place in places:
        position, size = packets[place]
        begin = position + min(12, size // 2)
        end = min(begin + packet_bytes, position + size)
        data[begin:end] = noise.randbytes(end - begin)
    path.write_bytes(data)


@pytest.fixture
def noisy(encode: Encoder) -> Callable[..., Path]:
    """A video of independent noisy pictures, so that damage stays in its frame."""

    def make(path: Path, **container: str) -> Path:
        noise = np.random.default_rng(2)
        pictures = [noise.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(FRAMES)]
        return encode(path, pictures, options={"g": "1"}, container=container)

    return make


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.ts", "cut.avi"])
def test_file_that_ends_in_the_middle_gives_what_it_holds(
    tmp_path: Path, noisy: Callable[..., Path], name: str
) -> None:
    path = noisy(tmp_path / name, **({"movflags": "+faststart"} if name == "cut.mp4" else {}))
    whole = read_clip(path, samples=FRAMES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    left = read_clip(path, samples=FRAMES)
    count = left.info.frame_count
    assert FRAMES * 0.6 < count < FRAMES * 0.7
    kept = np.unique(left.indices)
    assert kept.tolist() == list(range(count))
    assert np.unique(left.times_s) == pytest.approx(whole.times_s[:count])
    assert (left.frames[np.searchsorted(left.indices, kept)] == whole.frames[:count]).all()


def test_corrupt_frames_are_skipped_counted_and_keep_their_moment(
    tmp_path: Path, noisy: Callable[..., Path]
) -> None:
    path = noisy(tmp_path / "spoilt.mp4")
    before = read_clip(path, samples=FRAMES)
    spoil(path, [20, 21, 40], packet_bytes=2000)
    clip = read_clip(path, samples=FRAMES)
    assert clip.info.corrupt_frames == 3
    assert clip.info.frame_count == FRAMES - 3
    left = np.delete(before.times_s, [20, 21, 40])
    assert np.unique(clip.times_s) == pytest.approx(left)
    last = clip.frames[-1].astype(int) - before.frames[-1]
    assert np.abs(last).max() == 0
    assert [frame.time_s for frame in iterate_frames(path)] == pytest.approx(left)


def test_damage_is_counted_the_same_every_time(tmp_path: Path, encode: Encoder) -> None:
    noise = np.random.default_rng(2)
    pictures = [noise.integers(0, 255, (240, 320, 3), dtype=np.uint8) for _ in range(FRAMES)]
    path = encode(tmp_path / "spoilt.mp4", pictures, options={"g": "10", "crf": "30"})
    spoil(path, [15, 16, 30, 45], packet_bytes=50)
    counts = {read_clip(path, max_side=32).info.corrupt_frames for _ in range(3)}
    assert counts == {4}
    assert sum(1 for _ in iterate_frames(path, max_side=32)) == FRAMES - 4


def test_too_many_corrupt_frames_in_a_row(
    tmp_path: Path, noisy: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = noisy(tmp_path / "spoilt.mp4")
    spoil(path, list(range(20, 35)), packet_bytes=2000)
    assert read_clip(path).info.corrupt_frames == 15
    monkeypatch.setattr(container_module, "MAX_CORRUPT_RUN", 10)
    assert "10 frames in a row" in refusal(path).message


def test_nothing_decodable(tmp_path: Path, noisy: Callable[..., Path]) -> None:
    path = noisy(tmp_path / "spoilt.mp4")
    spoil(path, list(range(FRAMES)), packet_bytes=100_000)
    assert "no frame that can be decoded" in refusal(path).message


def test_damage_is_not_reported_on_the_terminal(
    tmp_path: Path, noisy: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    path = noisy(tmp_path / "spoilt.mp4")
    spoil(path, [5, 6, 7], packet_bytes=2000)
    capfd.readouterr()
    read_clip(path)
    assert capfd.readouterr() == ("", "")


def test_file_that_may_not_be_read(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "locked.mp4", grey_pictures(16))
    if os.geteuid() == 0:  # nothing is locked for root

        def refuse(*_: object, **__: object) -> None:
            raise av.PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(container_module.av, "open", refuse)
    path.chmod(0)
    assert "cannot be read: permission denied" in refusal(path).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    assert "not a file" in refusal(path).message


def test_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "1.txt").write_text("a dive")
    assert "without numbered pictures" in refusal(tmp_path / "notes").message
