"""A dive is found where it is, however the file holds it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fpcli.analysis.locate import locate_dives
from fpcli.video.read import iterate_frames

TICKS_S = 1000
TURN = -90.0  # degrees, as a phone that is held upright writes it


def kept(kind: str, count: int) -> list[int]:
    """Which of the pictures the file shows, in order."""
    if kind == "fast":
        return [place for place in range(count) for _ in (0, 1)]
    if kind == "variable":
        lost = np.random.default_rng(1).choice(np.arange(1, count), count // 5, replace=False)
        return [place for place in range(count) if place not in lost]
    return list(range(count))


def encoded(path: Path, source: Path, kind: str) -> Path:
    """The same dive in a file of another kind; each file's frames keep their times."""
    frames = list(iterate_frames(source))
    options = {"crf": "12"} | (
        {"x264-params": "interlaced=1:tff=1"} if kind == "interlaced" else {}
    )
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options=options)
        stream.pix_fmt = "yuv420p10le" if kind == "ten_bit" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS_S)
        pictures = [
            np.rot90(frame.image) if kind == "portrait" else frame.image for frame in frames
        ]
        stream.height, stream.width = pictures[0].shape[:2]
        if kind == "portrait":
            stream.set_display_rotation(TURN)
        places = kept(kind, len(frames))
        for count, place in enumerate(places):
            half_s = 0.02 if count and places[count - 1] == place else 0.0
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(pictures[place]), "rgb24")
            shown.pts = round((frames[place].time_s + half_s) * TICKS_S)
            shown.time_base = Fraction(1, TICKS_S)
            output.mux(stream.encode(shown))
        output.mux(stream.encode())
    return path


@pytest.mark.parametrize("kind", ["ten_bit", "variable", "interlaced", "fast", "portrait"])
def test_dive_is_found_in_every_kind_of_video(small_video: Path, tmp_path: Path, kind: str) -> None:
    (known,) = locate_dives(small_video).dives
    (found,) = locate_dives(encoded(tmp_path / f"{kind}.mp4", small_video, kind)).dives
    assert found.size_px == known.size_px
    assert not found.is_slow
    assert found.entry_s == pytest.approx(known.entry_s, abs=0.12)
    assert found.takeoff_s == pytest.approx(known.takeoff_s, abs=0.3)
    middles = [
        [np.interp(0.7, dive.track.times_s, axis) for axis in dive.track.centres.T]
        for dive in (known, found)
    ]
    assert middles[1] == pytest.approx(middles[0], abs=4)
