"""Read a video: 96 frames that stand for a dive, or every frame in turn."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fpcli.errors import VideoError
from fpcli.video.clip import Clip, VideoInfo
from fpcli.video.container import ContainerSource
from fpcli.video.image_folder import ImageFolderSource
from fpcli.video.sample import DIVE_SAMPLES, MIN_FRAMES, sample_indices
from fpcli.video.source import VideoSource


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a video.

    index: its place among the decodable frames, from 0. time_s: seconds since the first frame.
    image: (H, W, 3) uint8, RGB, upright.
    """

    index: int
    time_s: float
    image: np.ndarray


def read_clip(
    path: str | Path,
    *,
    samples: int = DIVE_SAMPLES,
    start_s: float | None = None,
    end_s: float | None = None,
    max_side: int | None = None,
) -> Clip:
    """Frames spread evenly over a video, or over a part of it.

    path: a video file or a folder of numbered pictures. samples: frames to take; a part that holds
    fewer repeats some. start_s, end_s: take only frames whose time lies between them, ends
    included. max_side: pixels that the longer side is shrunk to where it is longer.

    Holds the sampled frames and nothing else, whatever the video's length. The whole file is
    decoded once; a second time only where it turns out to hold other frames than its packets
    promise. Raises VideoError for what is no video, holds no decodable frame, or fewer than
    MIN_FRAMES in the part.
    """
    source = open_source(path)
    expected = _indices_between(source.expected_times(), start_s, end_s)
    wanted = expected[sample_indices(len(expected), samples)] if len(expected) else expected
    frames, times_s, info = _gather(source, wanted, max_side)
    found = _indices_between(times_s, start_s, end_s)
    _check_enough(info, len(found), start_s, end_s)
    truly_wanted = found[sample_indices(len(found), samples)]
    if not np.array_equal(wanted, truly_wanted):
        del frames
        wanted = truly_wanted
        frames, times_s, info = _gather(source, wanted, max_side)
    return Clip(frames=frames, times_s=times_s[wanted], indices=wanted, info=info)


def iterate_frames(
    path: str | Path,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    max_side: int | None = None,
) -> Iterator[Frame]:
    """Every decodable frame, one at a time, with the indices and times of `read_clip`.

    start_s, end_s, max_side: as for `read_clip`. Raises VideoError where there is no frame.
    """
    source = open_source(path)
    empty = True
    for index, stored in enumerate(source.frames()):
        if end_s is not None and stored.time_s > end_s:
            break
        if start_s is None or stored.time_s >= start_s:
            empty = False
            image = np.ascontiguousarray(stored.picture(max_side))
            yield Frame(index=index, time_s=stored.time_s, image=image)
    if empty:
        raise _no_frames(source.path, start_s, end_s)


def open_source(path: str | Path) -> VideoSource:
    """The reader for a file or a folder. Raises VideoError where there is no video at `path`."""
    path = Path(path)
    try:
        if path.is_dir():
            return ImageFolderSource(path)
        if not path.exists():
            raise VideoError(f"There is no file {path}.", "Check the name and the folder.")
        if not path.is_file():
            raise VideoError(f"{path} is not a file.", "Give a video file.")
        if path.stat().st_size == 0:
            raise VideoError(f"{path.name} is empty.", "Copy or export the video again.")
        return ContainerSource(path)
    except PermissionError as error:
        raise VideoError(f"{path.name} may not be read.", "Check its permissions.") from error


def _gather(
    source: VideoSource, wanted: np.ndarray, max_side: int | None
) -> tuple[np.ndarray, np.ndarray, VideoInfo]:
    """Decode everything, keep the wanted frames: (T, H, W, 3) uint8, all times (N,), the facts.

    wanted: (T,) int64, not decreasing. Rows beyond the last decodable frame stay unset.
    """
    frames = np.empty((0, 1, 1, 3), dtype=np.uint8)
    times: list[float] = []
    last_duration_s = 0.0
    filled = 0
    for index, stored in enumerate(source.frames()):
        times.append(stored.time_s)
        last_duration_s = stored.duration_s
        repeats = int(np.searchsorted(wanted, index, side="right")) - filled
        if repeats:
            image = stored.picture(max_side)
            if not filled:
                frames = np.empty((len(wanted), *image.shape), dtype=np.uint8)
            frames[filled : filled + repeats] = image
            filled += repeats
    if not times:
        raise _no_frames(source.path, None, None)
    span_s = times[-1] - times[0]
    interval_s = span_s / (len(times) - 1) if len(times) > 1 else last_duration_s
    info = VideoInfo(
        path=source.path,
        width=source.size[0],
        height=source.size[1],
        frame_count=len(times),
        duration_s=span_s + last_duration_s,
        frame_rate=1 / interval_s if interval_s else 0.0,
        rotation_degrees=source.rotation_degrees,
        corrupt_frames=source.corrupt_frames,
        has_audio=source.has_audio,
    )
    return frames, np.array(times, dtype=np.float64), info


def _indices_between(times_s: np.ndarray, start_s: float | None, end_s: float | None) -> np.ndarray:
    """Indices (T,) int64 of the times that lie between the two, ends included."""
    inside = np.ones(len(times_s), dtype=bool)
    if start_s is not None:
        inside &= times_s >= start_s
    if end_s is not None:
        inside &= times_s <= end_s
    return np.flatnonzero(inside).astype(np.int64)


def _check_enough(info: VideoInfo, count: int, start_s: float | None, end_s: float | None) -> None:
    if count == 0:
        raise _no_frames(info.path, start_s, end_s)
    if count < MIN_FRAMES:
        whole = start_s is None and end_s is None
        frames = "1 frame" if count == 1 else f"{count} frames"
        raise VideoError(
            f"{info.path.name} holds {frames}{'' if whole else f' {_part(start_s, end_s)}'}; "
            f"a dive needs at least {MIN_FRAMES}.",
            "Give a video of a whole dive." if whole else "Choose a longer part.",
        )


def _no_frames(path: Path, start_s: float | None, end_s: float | None) -> VideoError:
    if start_s is None and end_s is None:
        return VideoError(
            f"{path.name} holds no frame that can be decoded.", "Copy or export the video again."
        )
    return VideoError(
        f"{path.name} holds no frame {_part(start_s, end_s)}.", "Choose another part."
    )


def _part(start_s: float | None, end_s: float | None) -> str:
    if end_s is None:
        return f"after {start_s:g} s"
    return f"before {end_s:g} s" if start_s is None else f"between {start_s:g} s and {end_s:g} s"
