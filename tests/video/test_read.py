from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fpcli.errors import VideoError
from fpcli.video import container as container_module
from fpcli.video import held as held_module
from fpcli.video import read as read_module
from fpcli.video.read import iterate_frames, opened, read_clip

Encoder = Callable[..., Path]
Greys = Callable[..., list[np.ndarray]]
NumberOf = Callable[[np.ndarray], int]

# name, codec, pixel format: containers and formats that people's devices and editors write
FORMATS = [
    ("phone.mp4", "libx264", "yuv420p"),
    ("ten_bit.mp4", "libx264", "yuv420p10le"),
    ("full_range.mp4", "libx264", "yuvj420p"),
    ("editor.mov", "prores_ks", "yuv444p10le"),
    ("old.avi", "mpeg4", "yuv420p"),
    ("packed.avi", "libx264", "yuv420p"),
    ("camera.ts", "mpeg2video", "yuv420p"),
    ("raw.h264", "libx264", "yuv420p"),
    ("web.webm", "libvpx-vp9", "yuv420p"),
    ("alpha.mkv", "ffv1", "bgra"),
    ("motion_jpeg.avi", "mjpeg", "yuvj420p"),
    ("loop.gif", "gif", "rgb8"),
]


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), FORMATS)
def test_every_format_gives_its_frames_in_order(
    tmp_path: Path,
    encode: Encoder,
    grey_pictures: Greys,
    frame_number: NumberOf,
    name: str,
    codec: str,
    pix_fmt: str,
) -> None:
    path = encode(tmp_path / name, grey_pictures(24), codec=codec, pix_fmt=pix_fmt)
    clip = read_clip(path, samples=24)
    assert clip.frames.shape == (24, 48, 64, 3)
    tolerance = 4 if codec == "gif" else 1  # a GIF's palette is coarse
    for place, picture in enumerate(clip.frames):
        assert abs(frame_number(picture) - place) <= tolerance
    assert clip.times_s == pytest.approx(np.arange(24) / 25, abs=0.002)
    assert clip.info.frame_count == 24
    assert clip.info.duration_s == pytest.approx(24 / 25, abs=0.01)
    assert clip.info.frame_rate == pytest.approx(25, rel=0.01)
    assert (clip.info.corrupt_frames, clip.info.has_audio) == (0, False)


def test_grey_video_is_read_as_rgb(tmp_path: Path, encode: Encoder, grey_pictures: Greys) -> None:
    path = encode(tmp_path / "grey.mkv", grey_pictures(20), codec="ffv1", pix_fmt="gray")
    last = read_clip(path).frames[-1]
    assert last.shape[2] == 3
    assert (last == 76).mean() > 0.9


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 150, 120)]
)
def test_colours_come_out_as_they_went_in(
    tmp_path: Path, encode: Encoder, colour: tuple[int, int, int]
) -> None:
    picture = np.full((48, 64, 3), colour, np.uint8)
    clip = read_clip(encode(tmp_path / "colour.mp4", [picture] * 16))
    assert np.abs(clip.frames[8].reshape(-1, 3).mean(0) - colour).max() < 4


def test_odd_sizes_are_kept(tmp_path: Path, encode: Encoder, grey_pictures: Greys) -> None:
    pictures = grey_pictures(16, width=63, height=47)
    clip = read_clip(encode(tmp_path / "odd.mkv", pictures, codec="ffv1", pix_fmt="bgr0"))
    assert clip.frames.shape[1:] == (47, 63, 3)
    assert (clip.info.width, clip.info.height) == (63, 47)


@pytest.mark.parametrize(
    ("rotation", "mirrored", "expected", "degrees"),
    [
        (0, False, ["red", "green", "blue", "grey"], 0),
        (-90, False, ["blue", "red", "grey", "green"], 90),
        (180, False, ["grey", "blue", "green", "red"], 180),
        (90, False, ["green", "grey", "red", "blue"], 270),
        (0, True, ["green", "red", "grey", "blue"], 0),
    ],
)
def test_rotation_in_the_container_is_applied(
    tmp_path: Path,
    encode: Encoder,
    quadrants: np.ndarray,
    corners: Callable[[np.ndarray], list[str]],
    rotation: int,
    mirrored: bool,
    expected: list[str],
    degrees: int,
) -> None:
    path = encode(tmp_path / "turned.mp4", [quadrants] * 16, rotation=rotation, mirrored=mirrored)
    clip = read_clip(path, max_side=64)
    assert corners(clip.frames[0]) == expected
    assert corners(next(iterate_frames(path)).image) == expected
    assert clip.info.rotation_degrees == degrees
    sideways = degrees in (90, 270)
    assert (clip.info.width, clip.info.height) == ((48, 64) if sideways else (64, 48))


def test_variable_rate_gives_the_real_times(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, frame_number: NumberOf
) -> None:
    steps_s = [0.033, 0.033, 0.033, 0.5, 0.008, 0.1] * 4
    times_s = np.cumsum([0.2, *steps_s[:-1]])
    path = encode(tmp_path / "variable.mp4", grey_pictures(24), times_s=list(times_s))
    clip = read_clip(path, samples=24)
    assert clip.times_s == pytest.approx(times_s - times_s[0], abs=1e-6)
    assert [frame_number(picture) for picture in clip.frames] == list(range(24))


def test_gif_delays_are_its_times(tmp_path: Path, encode: Encoder, grey_pictures: Greys) -> None:
    times_s = [0.0, 0.1, 0.4, *(0.5 + 0.05 * place for place in range(15))]
    path = encode(
        tmp_path / "slow.gif", grey_pictures(18), codec="gif", pix_fmt="rgb8", times_s=times_s
    )
    assert read_clip(path, samples=18).times_s == pytest.approx(times_s, abs=0.006)


def test_pixels_that_are_not_square_are_made_so(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    path = encode(tmp_path / "dv.mp4", grey_pictures(16), pixel_aspect=Fraction(4, 3))
    clip = read_clip(path)
    assert (clip.info.width, clip.info.height) == (85, 48)
    assert clip.frames.shape[1:3] == (48, 85)


def test_implausible_pixels_count_as_square(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    path = encode(tmp_path / "broken.mp4", grey_pictures(16), pixel_aspect=Fraction(40, 1))
    assert read_clip(path).info.width == 64


def test_max_side_shrinks_and_never_enlarges(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    path = encode(tmp_path / "wide.mp4", grey_pictures(16, width=160, height=90), rotation=-90)
    assert read_clip(path, max_side=80).frames.shape[1:3] == (80, 45)
    assert read_clip(path, max_side=1000).frames.shape[1:3] == (160, 90)
    assert next(iterate_frames(path, max_side=80)).image.shape == (80, 45, 3)
    assert (read_clip(path, max_side=80).info.width, read_clip(path).info.height) == (90, 160)


def test_shrinking_averages(tmp_path: Path, encode: Encoder) -> None:
    stripes = np.zeros((96, 128, 3), np.uint8)
    stripes[:, ::2] = 200
    path = encode(tmp_path / "stripes.mkv", [stripes] * 16, codec="ffv1", pix_fmt="bgr0")
    small = read_clip(path, max_side=32).frames[0]
    assert small.mean() == pytest.approx(100, abs=3)
    assert small.std() < 3


def test_part_holds_the_frames_between_its_ends(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, frame_number: NumberOf
) -> None:
    path = encode(tmp_path / "long.mp4", grey_pictures(60))
    clip = read_clip(path, samples=5, start_s=0.8, end_s=1.6)
    assert clip.indices.tolist() == [20, 25, 30, 35, 40]
    assert clip.times_s == pytest.approx([0.8, 1.0, 1.2, 1.4, 1.6])
    assert [frame_number(picture) for picture in clip.frames] == [20, 25, 30, 35, 40]
    assert clip.info.frame_count == 60


def test_every_frame_comes_with_the_index_and_time_of_the_clip(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    path = encode(tmp_path / "dive.mp4", grey_pictures(30))
    clip = read_clip(path, samples=30)
    frames = list(iterate_frames(path))
    assert [frame.index for frame in frames] == clip.indices.tolist()
    assert [frame.time_s for frame in frames] == clip.times_s.tolist()
    assert all((f.image == c).all() for f, c in zip(frames, clip.frames, strict=True))
    part = [frame.index for frame in iterate_frames(path, start_s=0.4, end_s=0.6)]
    assert part == [10, 11, 12, 13, 14, 15]


@pytest.mark.parametrize("name", ["seek.mp4", "seek.mkv", "seek.ts"])
def test_part_of_a_long_video_is_reached_by_seeking(
    tmp_path: Path,
    encode: Encoder,
    grey_pictures: Greys,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    path = encode(tmp_path / name, grey_pictures(60), options={"g": "10", "bf": "2"})
    by_decoding = read_clip(path, samples=10, start_s=1.5, end_s=2.2)
    iterated = [(f.index, f.time_s) for f in iterate_frames(path, start_s=1.5, end_s=2.2)]
    monkeypatch.setattr(read_module, "LONG_S", 1.0)
    monkeypatch.setattr(container_module, "SEEK_WORTH_S", 0.5)
    by_seeking = read_clip(path, samples=10, start_s=1.5, end_s=2.2)
    assert by_seeking.indices.tolist() == by_decoding.indices.tolist()
    assert by_seeking.times_s.tolist() == by_decoding.times_s.tolist()
    assert (by_seeking.frames == by_decoding.frames).all()
    assert by_seeking.info.frame_count == 60
    assert by_seeking.info.duration_s == pytest.approx(by_decoding.info.duration_s)
    assert by_seeking.info.frame_rate == pytest.approx(by_decoding.info.frame_rate)
    sought = [(f.index, f.time_s) for f in iterate_frames(path, start_s=1.5, end_s=2.2)]
    assert sought == iterated


def test_seeking_decodes_little(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "seek.mp4", grey_pictures(60), options={"g": "10"})
    monkeypatch.setattr(container_module, "SEEK_WORTH_S", 0.5)
    first = next(container_module.ContainerSource(path).frames(from_s=2.0))
    assert 40 <= first.index <= 50


def test_number_of_samples_does_not_depend_on_the_length(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    clip = read_clip(encode(tmp_path / "short.mp4", grey_pictures(16)))
    assert len(clip.frames) == 96
    assert set(clip.indices.tolist()) == set(range(16))


def test_sound_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as output:
        pictures = output.add_stream("libx264", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        sound = output.add_stream("aac", rate=44100)
        sound.layout = "mono"
        for _ in range(16):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
            output.mux(pictures.encode(frame))
        silence = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        silence.sample_rate = 44100
        output.mux(sound.encode(silence))
        output.mux(pictures.encode(None))
        output.mux(sound.encode(None))
    assert read_clip(path).info.has_audio


def test_title_in_an_old_encoding_does_not_matter(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys
) -> None:
    path = encode(tmp_path / "title.mkv", grey_pictures(16), codec="ffv1", pix_fmt="bgr0")
    data = path.read_bytes()
    assert b"Lavf" in data
    path.write_bytes(data.replace(b"Lavf", b"\xffavf"))
    assert read_clip(path).info.frame_count == 16


@pytest.mark.parametrize("name", ["dive of 5 %.mp4", "concat:dive.mp4", "-dive.mp4", "dïve 🏊.mp4"])
def test_file_names_are_only_names(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, name: str
) -> None:
    made = encode(tmp_path / "plain.mp4", grey_pictures(16))
    assert read_clip(made.rename(tmp_path / name)).info.frame_count == 16


def test_playlist_does_not_fetch_anything(tmp_path: Path) -> None:
    path = tmp_path / "playlist.mp4"
    path.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://192.0.2.1/dive.ts\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(VideoError):
        read_clip(path)


def test_a_video_read_twice_is_decoded_once(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "short.mp4", grey_pictures(40))
    alone = read_clip(path, start_s=0.5)
    with opened(path) as source:
        first = [(f.index, f.time_s, f.image) for f in iterate_frames(source)]
        monkeypatch.setattr(container_module, "_decode", None)  # no more of it
        again = [(f.index, f.time_s, f.image) for f in iterate_frames(source)]
        part = read_clip(source, start_s=0.5)
        source.forget()
        with pytest.raises(TypeError):
            next(iterate_frames(source))
    assert len(first) == len(again) == 40
    assert all(a[:2] == b[:2] and (a[2] == b[2]).all() for a, b in zip(first, again, strict=True))
    assert (part.frames == alone.frames).all()
    assert part.indices.tolist() == alone.indices.tolist()


def test_a_video_that_takes_too_much_room_is_not_kept(
    tmp_path: Path, encode: Encoder, grey_pictures: Greys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = encode(tmp_path / "long.mp4", grey_pictures(40))
    monkeypatch.setattr(held_module, "HELD_BYTES", 20_000)
    with opened(path) as source:
        assert len(list(iterate_frames(source))) == 40
        monkeypatch.setattr(container_module, "_decode", None)
        with pytest.raises(TypeError):
            next(iterate_frames(source))
