"""Videos in a container: whatever FFmpeg opens, animated GIFs included."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.buffer import Buffer
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from fpcli.errors import VideoError
from fpcli.video.orientation import Orientation
from fpcli.video.source import StoredFrame, fitted_size
from fpcli.video.timeline import Timeline

NOMINAL_RATE = 25  # frames a second where a stream names no rate
PLAUSIBLE_RATE = 1000  # frames a second; more is a broken header
PLAUSIBLE_ASPECT = 4  # a pixel wider or taller than this is a broken header
MAX_CORRUPT_RUN = 250  # frames in a row that cannot be decoded before reading gives up
HD_HEIGHT = 720  # lines; pictures this high use BT.709 colours where the stream says nothing
UNSPECIFIED_COLORSPACE = 2  # of ITU-T H.273


class ContainerSource:
    """A file that FFmpeg opens, its main picture track read frame by frame.

    Pictures come out upright, with square pixels and 8-bit RGB whatever is stored. Interlaced
    pictures are not deinterlaced, and wide-gamut or HDR colours are not tone-mapped. Frames that
    the decoder refuses or marks as damaged are skipped and counted. A file that was cut short
    gives the frames it still holds.

    origin_s: the first frame's time as the container counts, seconds, known once it was decoded.
    """

    def __init__(self, path: Path) -> None:
        """Look into the file. Raises VideoError where it holds no video."""
        self.path = path
        self.size = (0, 0)
        self.rotation_degrees = 0
        self.corrupt_frames = 0
        self.origin_s = 0.0
        with open_container(self.path) as container:
            self._picture_track(container)
            self.has_audio = bool(container.streams.audio)

    def expected_times(self) -> np.ndarray:
        """Times by the packets alone, (N,) float64 seconds, without decoding."""
        with open_container(self.path) as container:
            stream = self._picture_track(container)
            stamps: list[float | None] = []
            try:
                for packet in container.demux(stream):
                    if packet.size and not packet.is_discard:
                        stamps.append(_seconds(packet.pts, packet.time_base))
            except av.FFmpegError:
                pass  # decoding will meet the same place and tell
            timeline = Timeline(_interval_s(stream))
        known = sorted(stamp for stamp in stamps if stamp is not None)
        unknown = [None] * (len(stamps) - len(known))
        return np.array([timeline.place(stamp) for stamp in [*known, *unknown]], dtype=np.float64)

    def frames(self) -> Iterator[StoredFrame]:
        """Every decodable frame in presentation order.

        Raises VideoError after MAX_CORRUPT_RUN damaged frames in a row.
        """
        self.corrupt_frames = 0
        corrupt_run = 0
        with open_container(self.path) as container:
            stream = self._picture_track(container)
            stream.thread_type = "AUTO"
            timeline = Timeline(_interval_s(stream))
            render: _Renderer | None = None
            for frame in self._decode(container, stream):
                if frame is None or frame.is_corrupt:
                    self.corrupt_frames += 1
                    corrupt_run += 1
                    if corrupt_run >= MAX_CORRUPT_RUN:
                        raise VideoError(
                            f"{self.path.name} is damaged: {corrupt_run} frames in a row cannot be "
                            "decoded.",
                            "Cut the good part out, or export the video again.",
                        )
                    continue
                corrupt_run = 0
                if render is None:
                    render = _Renderer(frame, stream.sample_aspect_ratio)
                    self.size = render.size
                    self.rotation_degrees = render.orientation.rotation_degrees
                    self.origin_s = _frame_time_s(frame) or 0.0
                yield StoredFrame(
                    time_s=timeline.place(_frame_time_s(frame)),
                    duration_s=_seconds(frame.duration or None, frame.time_base)
                    or _interval_s(stream),
                    picture=render.bind(frame),
                )

    def _picture_track(self, container: InputContainer) -> VideoStream:
        tracks = [
            stream
            for stream in container.streams.video
            if not stream.disposition & Disposition.attached_pic
            and stream.codec_context is not None
        ]
        if not tracks:
            what = "only sound" if container.streams.audio else "no pictures"
            raise VideoError(f"{self.path.name} holds {what}.", "Give a video of one dive.")
        return max(tracks, key=lambda stream: stream.width * stream.height)

    @staticmethod
    def _decode(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame | None]:
        """Frames in presentation order, None for a packet that the decoder refuses."""
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                packet = None  # the file ends in the middle: what was read still counts
            try:
                yield from stream.decode(packet)
            except av.EOFError:
                return
            except av.FFmpegError:
                yield None
            if packet is None:
                return


def open_container(path: Path) -> InputContainer:
    """Open a file through FFmpeg, as a local file whatever its name or content claims.

    Raises VideoError where FFmpeg cannot.
    """
    try:
        # The prefix keeps a file name from being read as an address, the list keeps a playlist
        # from fetching anything.
        return av.open(f"file:{path}", "r", container_options={"protocol_whitelist": "file"})
    except av.FFmpegError as error:
        raise _unopened(path, error) from error


def _unopened(path: Path, error: av.FFmpegError) -> VideoError:
    if isinstance(error, PermissionError):
        return VideoError(f"{path.name} may not be read.", "Check its permissions.")
    with path.open("rb") as file:
        looks_like_mp4 = file.read(12)[4:8] == b"ftyp"
    if looks_like_mp4:
        return VideoError(
            f"{path.name} has lost its index: the recording or the copy was cut short.",
            "Copy or export the video again.",
        )
    return VideoError(
        f"{path.name} is not a video that can be read.",
        "Give a video file, such as .mp4 or .mov, or a folder of numbered pictures.",
    )


class _Renderer:
    """Turns a stream's frames into pictures of one size, whatever their stored format."""

    def __init__(self, first: av.VideoFrame, pixel_aspect: Fraction | None) -> None:
        matrix = first.side_data.get("DISPLAYMATRIX")
        self.orientation = (
            Orientation.from_display_matrix(bytes(matrix))
            if isinstance(matrix, Buffer)
            else Orientation()
        )
        aspect = float(pixel_aspect or 1)
        if not 1 / PLAUSIBLE_ASPECT <= aspect <= PLAUSIBLE_ASPECT:
            aspect = 1.0
        self._stored = (max(1, round(first.width * aspect)), first.height)
        self.size = self.orientation.upright_size(*self._stored)
        self._reformatter = VideoReformatter()

    def bind(self, frame: av.VideoFrame) -> Callable[[int | None], np.ndarray]:
        """The picture of this frame, made when called with `max_side`."""
        return partial(self._picture, frame)

    def _picture(self, frame: av.VideoFrame, max_side: int | None) -> np.ndarray:
        width, height = fitted_size(*self._stored, max_side)
        shrinks = width < frame.width or height < frame.height
        unsaid = frame.colorspace == UNSPECIFIED_COLORSPACE
        rgb = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=Colorspace.ITU709 if unsaid and frame.height >= HD_HEIGHT else None,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA if shrinks else Interpolation.BICUBIC,
        )
        return self.orientation.apply(rgb.to_ndarray())


def _interval_s(stream: VideoStream) -> float:
    """Nominal seconds between a stream's frames."""
    for rate in (stream.guessed_rate, stream.average_rate):
        if rate and 0 < rate <= PLAUSIBLE_RATE:
            return float(1 / rate)
    return 1 / NOMINAL_RATE


def _frame_time_s(frame: av.VideoFrame) -> float | None:
    stamp = frame.pts if frame.pts is not None else frame.dts
    return _seconds(stamp, frame.time_base)


def _seconds(stamp: int | None, time_base: Fraction | None) -> float | None:
    return None if stamp is None or time_base is None else float(stamp * time_base)
