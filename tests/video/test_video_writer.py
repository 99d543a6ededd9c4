import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fpcli.errors import ExitCode, OutputError
from fpcli.video import write as write_module
from fpcli.video.read import iterate_frames, read_clip
from fpcli.video.sound import Sound
from fpcli.video.write import VideoWriter, check_target
from fpcli.whole_file import part_of

Encoder = Callable[..., Path]
Greys = Callable[..., list[np.ndarray]]
NumberOf = Callable[[np.ndarray], int]

TICK_S = 1 / 90_000
RATE_HZ = 44_100


def written(path: Path, pictures: list[np.ndarray], times_s: list[float]) -> Path:
    height, width, _ = pictures[0].shape
    with VideoWriter(path, width=width, height=height) as writer:
        for picture, time_s in zip(pictures, times_s, strict=True):
            writer.write(picture, time_s)
    return path


@pytest.fixture
def dive(tmp_path: Path, grey_pictures: Greys) -> Path:
    return written(tmp_path / "dive.mp4", grey_pictures(40), [n / 25 for n in range(40)])


def test_frames_and_times_come_back(
    tmp_path: Path, grey_pictures: Greys, frame_number: NumberOf
) -> None:
    times_s = np.cumsum([0, *[1 / 29.97, 0.04, 1 / 240, 0.7, 1 / 60] * 6]).tolist()
    path = written(tmp_path / "out.mp4", grey_pictures(len(times_s)), times_s)
    frames = list(iterate_frames(path))
    assert [frame_number(frame.image) for frame in frames] == list(range(len(times_s)))
    assert [frame.time_s for frame in frames] == pytest.approx(times_s, abs=TICK_S / 2)


def test_last_frame_is_shown_as_long_as_the_one_before(dive: Path) -> None:
    assert read_clip(dive).info.duration_s == pytest.approx(40 / 25, abs=TICK_S)


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 150, 120)])
def test_colours_come_back(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    pictures = [np.full((48, 64, 3), colour, np.uint8)] * 16
    path = written(tmp_path / "out.mp4", pictures, [n / 25 for n in range(16)])
    assert np.abs(read_clip(path).frames[40].reshape(-1, 3).mean(0) - colour).max() < 3


def test_plays_in_browsers_and_phones(dive: Path) -> None:
    with av.open(str(dive)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.profile) == ("h264", "High")
        assert stream.pix_fmt == "yuv420p"
        assert stream.codec_context.colorspace == stream.codec_context.color_primaries == 1
        assert stream.time_base == Fraction(1, 90_000)
    data = dive.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_odd_sizes_are_padded_with_what_lies_beside(tmp_path: Path) -> None:
    picture = np.zeros((47, 63, 3), np.uint8)
    picture[:, 40:] = 200
    path = written(tmp_path / "out.mp4", [picture] * 16, [n / 25 for n in range(16)])
    clip = read_clip(path)
    assert (clip.info.width, clip.info.height) == (64, 48)
    assert clip.frames[0, 47, 63].tolist() == pytest.approx([200] * 3, abs=3)


def test_first_picture_becomes_zero(tmp_path: Path, grey_pictures: Greys) -> None:
    path = written(tmp_path / "out.mp4", grey_pictures(16), [7.3 + n / 25 for n in range(16)])
    assert read_clip(path, samples=16).times_s == pytest.approx(np.arange(16) / 25, abs=TICK_S)
    with av.open(str(path)) as container:
        assert container.streams.video[0].start_time == 0


def with_sound(path: Path, codec: str, pictures: list[np.ndarray]) -> Path:
    """A video with a silent first second and a loud second one."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=25)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        sound = output.add_stream(codec, rate=RATE_HZ)
        sound.layout = "mono"
        for picture in pictures:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        output.mux(stream.encode(None))
        for start in range(0, 2 * RATE_HZ, 1024):
            t = np.arange(start, start + 1024)
            wave = np.where(t < RATE_HZ, 0, 12_000 * np.sin(t * 0.1)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE_HZ, start
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))
    return path


def loud_from_s(path: Path) -> tuple[float, float, str]:
    """When the sound becomes loud, when it ends (both on the pictures' time axis), its codec."""
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        container.seek(0)
        loud_s, end_s = -1.0, 0.0
        for frame in container.decode(audio=0):
            level = np.abs(frame.to_ndarray().astype(float)).max()
            if loud_s < 0 and level > 0.1 * (32768 if frame.format.name.startswith("s16") else 1):
                loud_s = frame.time - first.time
            end_s = frame.time + frame.samples / frame.sample_rate - first.time
        return loud_s, end_s, container.streams.audio[0].codec_context.codec.canonical_name


# container and codec of the source, what becomes of the sound, the codec in the mp4
SOUNDS = [
    ("a.mp4", "aac", Sound.COPIED, "aac"),
    ("a.ts", "aac", Sound.COPIED, "aac"),
    ("a.mkv", "libmp3lame", Sound.COPIED, "mp3"),
    ("a.mov", "pcm_s16le", Sound.CONVERTED, "aac"),
    ("a.mkv", "flac", Sound.CONVERTED, "aac"),
]


@pytest.mark.parametrize(("name", "codec", "outcome", "becomes"), SOUNDS)
def test_sound_goes_along_in_step(
    tmp_path: Path, grey_pictures: Greys, name: str, codec: str, outcome: Sound, becomes: str
) -> None:
    source = with_sound(tmp_path / name, codec, grey_pictures(50))
    target = tmp_path / "out.mp4"
    with VideoWriter(target, width=64, height=48, source=source) as writer:
        assert writer.sound is outcome
        for frame in iterate_frames(source):
            writer.write(frame.image, frame.time_s)
    loud_s, end_s, found = loud_from_s(target)
    assert found == becomes
    assert loud_s == pytest.approx(1.0, abs=0.04)  # a packet of AAC lasts 0.023 s
    assert end_s == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("a.mov", "pcm_s16le")])
def test_sound_of_a_part_is_cut_and_moved_with_it(
    tmp_path: Path, grey_pictures: Greys, name: str, codec: str
) -> None:
    source = with_sound(tmp_path / name, codec, grey_pictures(50))
    target = tmp_path / "out.mp4"
    with VideoWriter(target, width=64, height=48, source=source) as writer:
        for frame in iterate_frames(source, start_s=0.6, end_s=1.4):
            writer.write(frame.image, frame.time_s)
    loud_s, end_s, _ = loud_from_s(target)
    assert loud_s == pytest.approx(0.4, abs=0.05)
    assert end_s == pytest.approx(0.84, abs=0.05)


def test_copied_sound_is_untouched(tmp_path: Path, grey_pictures: Greys) -> None:
    source = with_sound(tmp_path / "a.mp4", "aac", grey_pictures(50))
    target = tmp_path / "out.mp4"
    with VideoWriter(target, width=64, height=48, source=source) as writer:
        for frame in iterate_frames(source):
            writer.write(frame.image, frame.time_s)

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    kept = packets(target)
    assert len(kept) > 80
    assert set(kept) <= set(packets(source))


def test_source_without_sound_is_fine(tmp_path: Path, dive: Path, grey_pictures: Greys) -> None:
    with VideoWriter(tmp_path / "out.mp4", width=64, height=48, source=dive) as writer:
        assert writer.sound is Sound.ABSENT
        writer.write(grey_pictures(1)[0], 0.0)


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_interrupted_writing_leaves_nothing(
    tmp_path: Path, grey_pictures: Greys, error: type[BaseException]
) -> None:
    def interrupted() -> None:
        with VideoWriter(tmp_path / "out.mp4", width=64, height=48) as writer:
            for place, picture in enumerate(grey_pictures(20)):
                writer.write(picture, place / 25)
            assert leftovers(tmp_path) == [part_of(tmp_path / "out.mp4").name]
            raise error

    with pytest.raises(error):
        interrupted()
    assert leftovers(tmp_path) == []


def test_interrupted_overwriting_keeps_the_old_file(dive: Path, grey_pictures: Greys) -> None:
    before = dive.read_bytes()

    def interrupted() -> None:
        with VideoWriter(dive, width=64, height=48, overwrite=True) as writer:
            writer.write(grey_pictures(1)[0], 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert dive.read_bytes() == before
    assert leftovers(dive.parent) == ["dive.mp4"]


def test_no_picture_is_no_video(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="no picture"),
        VideoWriter(tmp_path / "out.mp4", width=64, height=48),
    ):
        pass
    assert leftovers(tmp_path) == []


def test_existing_target_needs_overwrite(dive: Path, grey_pictures: Greys) -> None:
    with pytest.raises(OutputError, match="exists already") as refused:
        VideoWriter(dive, width=64, height=48)
    assert refused.value.exit_code is ExitCode.USAGE
    with VideoWriter(dive, width=64, height=48, overwrite=True) as writer:
        for place, picture in enumerate(grey_pictures(20)):
            writer.write(picture, place / 25)
    assert read_clip(dive).info.frame_count == 20


def test_source_is_never_the_target(dive: Path) -> None:
    link = dive.with_name("link.mp4")
    link.symlink_to(dive)
    for target in (dive, link):
        with pytest.raises(OutputError, match="being read"):
            VideoWriter(target, width=64, height=48, source=dive, overwrite=True)


@pytest.mark.parametrize(
    ("name", "words"),
    [("out.avi", "no name"), ("out", "no name"), ("none/out.mp4", "no folder")],
)
def test_targets_that_cannot_be(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        check_target(tmp_path / name)


def test_folder_is_no_target(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_target(tmp_path / "out.mp4", overwrite=True)


@contextmanager
def small_disk(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond `limit` bytes; reports of tests must not meet it."""
    resource = pytest.importorskip("resource", reason="no file size limits on this system")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [0, 3_000, 60_000])
def test_disk_that_refuses(tmp_path: Path, limit: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 96, 128, 3), dtype=np.uint8)
    with (
        pytest.raises(OutputError, match="could not be written: file too large"),
        small_disk(limit),
    ):
        written(tmp_path / "out.mp4", list(noise), [n / 25 for n in range(40)])
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_called_so(
    number: int, tmp_path: Path, grey_pictures: Greys, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = VideoWriter(tmp_path / "out.mp4", width=64, height=48)

    def full(*_: object) -> None:
        raise OSError(number, "No space left on device")

    def fill() -> None:
        with writer:
            writer.write(grey_pictures(1)[0], 0)
            monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(OutputError, match="disk is full"):
        fill()
    assert leftovers(tmp_path) == []


def test_installation_without_an_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_module, "ENCODERS", {"no_such_encoder": {}})
    with (
        pytest.raises(OutputError, match=r"without an H\.264 encoder"),
        VideoWriter(tmp_path / "out.mp4", width=64, height=48),
    ):
        pass
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("picture", "time_s", "words"),
    [
        (np.zeros((40, 64, 3), np.uint8), 1.0, "uint8"),
        (np.zeros((48, 64, 3), np.float32), 1.0, "uint8"),
        (np.zeros((48, 64, 3), np.uint8), 0.0, "does not come after"),
    ],
)
def test_wrong_pictures_are_refused(
    tmp_path: Path, picture: np.ndarray, time_s: float, words: str
) -> None:
    with VideoWriter(tmp_path / "out.mp4", width=64, height=48) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8), 0.0)
        with pytest.raises(ValueError, match=words):
            writer.write(picture, time_s)


def test_encoder_does_not_talk(
    tmp_path: Path, grey_pictures: Greys, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    written(tmp_path / "out.mp4", grey_pictures(16), [n / 25 for n in range(16)])
    assert capfd.readouterr() == ("", "")
