"""Read a video: 96 frames that stand for a dive, or every frame in turn."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fpcli.errors import VideoError
from fpcli.video.ahead import ReadAhead
from fpcli.video.clip import Clip, VideoInfo
from fpcli.video.container import ContainerSource
from fpcli.video.cut import MovingWindow
from fpcli.video.image_folder import ImageFolderSource
from fpcli.video.part import Part
from fpcli.video.sample import DIVE_SAMPLES, MIN_FRAMES, sample_indices
from fpcli.video.source import VideoSource, absent, unreadable

LONG_S = 3.0  # seconds; of a longer video only the chosen part is decoded

Video = str | Path | VideoSource  # an opened one keeps what helps to read it again


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a video.

    index: its place among the decodable frames, from 0. time_s: seconds since the first frame.
    image: (H, W, 3) uint8, RGB, upright. source_size: (width, height) that it has in the source.
    """

    index: int
    time_s: float
    image: np.ndarray
    source_size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class _Pass:
    """What one pass over a video gave: the wanted pictures, and every frame met on the way."""

    pictures: np.ndarray
    indices: np.ndarray
    times_s: np.ndarray
    last_duration_s: float

    def chosen(self, part: Part) -> np.ndarray:
        """(N,) int64 indices of the frames met that lie in a part."""
        return self.indices[part.contains(self.times_s)]

    def times_of(self, indices: np.ndarray) -> np.ndarray:
        """(T,) float64 seconds of frames that were met."""
        return self.times_s[np.searchsorted(self.indices, indices)]


def read_clip(
    path: Video,
    *,
    samples: int = DIVE_SAMPLES,
    start_s: float | None = None,
    end_s: float | None = None,
    max_side: int | None = None,
    cut: MovingWindow | None = None,
) -> Clip:
    """Frames spread evenly over a video, or over a part of it.

    path: a video file or a folder of numbered pictures, or either opened. samples: frames to take;
    a part that holds fewer repeats some. start_s, end_s: take only frames whose time lies between
    them, ends included. max_side: pixels that the longer side is shrunk to where it is longer. cut:
    what is kept of each picture, in its stead.

    Holds the sampled frames and nothing else, whatever the video's length. The file is decoded
    once; a second time only where it turns out to hold other frames than its packets promise. Of
    a video longer than LONG_S only the part is decoded: `info` then counts frames by packets, and
    corrupt ones in the part alone. Raises VideoError for what is no video, holds no decodable
    frame, or fewer than MIN_FRAMES in the part.
    """
    source = open_source(path)
    part = Part(start_s, end_s)
    expected_s = source.expected_times()
    reads_all = part.is_whole or not len(expected_s) or expected_s[-1] <= LONG_S
    reach = Part() if reads_all else part
    candidates = np.flatnonzero(part.contains(expected_s))
    wanted = _sampled(candidates, samples)
    found = _pass(source, wanted, reach, max_side, cut)
    _check_enough(source.path, len(found.chosen(part)), part)
    if not np.array_equal(wanted, _sampled(found.chosen(part), samples)):
        wanted = _sampled(found.chosen(part), samples)
        del found  # two sets of pictures need not fit into memory
        found = _pass(source, wanted, reach, max_side, cut)
        if not np.array_equal(wanted, _sampled(found.chosen(part), samples)):
            raise VideoError(
                f"{source.path.name} changes while it is read.", "Wait until it is complete."
            )
    return Clip(
        frames=found.pictures,
        times_s=found.times_of(wanted),
        indices=wanted,
        info=_info(source, found.times_s if reads_all else expected_s, found.last_duration_s),
    )


def iterate_frames(
    path: Video,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
    max_side: int | None = None,
    rate_hz: float | None = None,
) -> Generator[Frame]:
    """Every decodable frame, one at a time, with the indices and times of `read_clip`.

    start_s, end_s, max_side: as for `read_clip`. rate_hz: leave out frames so that no more than so
    many a second come. Raises VideoError where there is no frame.
    """
    source = open_source(path)
    part = Part(start_s, end_s)
    interval_s = 1 / rate_hz if rate_hz else 0.0
    last_s = -np.inf
    for stored in source.frames(part.begins_s):
        if part.is_over(stored.time_s):
            break
        if part.contains(np.array(stored.time_s)) and stored.time_s - last_s >= interval_s:
            last_s = stored.time_s
            image = np.ascontiguousarray(stored.picture(max_side))
            yield Frame(stored.index, stored.time_s, image, source.size)
    if last_s == -np.inf:
        raise _no_frames(source.path, part)


def open_source(path: Video) -> VideoSource:
    """The reader for a file or a folder, or the one given.

    Raises VideoError where there is no video at `path`.
    """
    if not isinstance(path, str | Path):
        return path
    path = Path(path)
    try:
        if path.is_dir():
            return ImageFolderSource(path)
        if not path.exists():
            raise absent(path)
        if not path.is_file():
            raise VideoError(f"{path} is not a file.", "Give a video file.")
        if path.stat().st_size == 0:
            raise VideoError(f"{path.name} is empty.", "Copy or export the video again.")
        return ContainerSource(path)
    except OSError as error:
        raise unreadable(path, error) from error


@contextmanager
def opened(video: Video) -> Iterator[VideoSource]:
    """A reader for several passes over a video; what it kept is let go where it was opened.

    Raises as `open_source`.
    """
    source = open_source(video)
    try:
        yield source
    finally:
        if source is not video:
            source.forget()


def path_of(video: Video) -> Path:
    """Where a video lies."""
    return Path(video) if isinstance(video, str | Path) else video.path


def _sampled(indices: np.ndarray, samples: int) -> np.ndarray:
    return indices[sample_indices(len(indices), samples)] if len(indices) else indices


def _pass(
    source: VideoSource,
    wanted: np.ndarray,
    reach: Part,
    max_side: int | None,
    cut: MovingWindow | None,
) -> _Pass:
    """Decode what lies within reach and keep the wanted frames.

    wanted: (T,) int64 indices, not decreasing. Pictures of indices that never come stay unset.
    """
    pictures = np.empty((0, 1, 1, 3), dtype=np.uint8)
    indices: list[int] = []
    times: list[float] = []
    last_duration_s = 0.0
    filled = 0
    with closing(ReadAhead(source.frames(reach.begins_s))) as frames:
        for stored in frames:
            if reach.is_over(stored.time_s):
                break
            indices.append(stored.index)
            times.append(stored.time_s)
            last_duration_s = stored.duration_s
            repeats = int(np.searchsorted(wanted, stored.index, side="right")) - filled
            if repeats:
                picture = (
                    cut.cut(stored.part, source.size, stored.time_s)
                    if cut is not None
                    else stored.picture(max_side)
                )
                if not filled:
                    pictures = np.empty((len(wanted), *picture.shape), dtype=np.uint8)
                pictures[filled : filled + repeats] = picture
                filled += repeats
    if not times:
        raise _no_frames(source.path, reach)
    return _Pass(
        pictures=pictures,
        indices=np.array(indices, dtype=np.int64),
        times_s=np.array(times, dtype=np.float64),
        last_duration_s=last_duration_s,
    )


def _info(source: VideoSource, times_s: np.ndarray, last_duration_s: float) -> VideoInfo:
    """The facts about a source, times_s being those of all its frames."""
    span_s = float(times_s[-1] - times_s[0])
    interval_s = span_s / (len(times_s) - 1) if span_s else last_duration_s
    return VideoInfo(
        path=source.path,
        width=source.size[0],
        height=source.size[1],
        frame_count=len(times_s),
        duration_s=span_s + last_duration_s,
        frame_rate=1 / interval_s,
        rotation_degrees=source.rotation_degrees,
        corrupt_frames=source.corrupt_frames,
        has_audio=source.has_audio,
    )


def _check_enough(path: Path, count: int, part: Part) -> None:
    """Raise VideoError where a part holds too few frames for a dive."""
    if count == 0:
        raise _no_frames(path, part)
    if count < MIN_FRAMES:
        frames = "1 frame" if count == 1 else f"{count} frames"
        raise VideoError(
            f"{path.name} holds {frames}{part.words}; a dive needs at least {MIN_FRAMES}.",
            "Give a video of a whole dive." if part.is_whole else "Choose a longer part.",
        )


def _no_frames(path: Path, part: Part) -> VideoError:
    if part.is_whole:
        return VideoError(
            f"{path.name} holds no frame that can be decoded.", "Copy or export the video again."
        )
    return VideoError(f"{path.name} holds no frame{part.words}.", "Choose another part.")
