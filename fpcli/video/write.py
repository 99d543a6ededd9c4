"""Write a video that plays everywhere: H.264 in an mp4, with true frame times and sound."""

import contextlib
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from fpcli.errors import DISK_FULL, DiskFullError, OutputError
from fpcli.video.sound import Sound, SoundTrack, carry_sound
from fpcli.whole_file import part_of

TIME_BASE = Fraction(1, 90_000)  # seconds a tick: divides 24, 25, 30, 50, 60 and 29.97 Hz exactly
NOMINAL_RATE = 30  # frames a second, a hint for the encoder; the frame times are what counts
KEYFRAME_DISTANCE = 30  # frames, so that a player finds any moment quickly
ENCODERS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "superfast", "crf": "19", "profile": "high"},
    "libopenh264": {"b": "8000000", "profile": "high"},
}
SUFFIXES = frozenset({".mp4", ".m4v"})
BT709 = 1  # code of ITU-T H.273 for primaries, transfer and matrix alike


def check_target(path: str | Path, *, source: Path | None = None, overwrite: bool = False) -> None:
    """Refuse a target before any work is done for it.

    Raises OutputError where `path` is no mp4 name, exists and may not be overwritten, is the
    source, is a folder, or has no folder to lie in.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"{path.name} is no name for a video of this kind.", "Choose a name ending in .mp4."
        )
    if path.is_dir():
        raise OutputError(f"{path} is a folder.", "Choose a file name inside it.")
    if not path.parent.is_dir():
        raise OutputError(f"There is no folder {path.parent}.", "Make it, or choose another one.")
    if path.exists():
        if source is not None and source.exists() and path.samefile(source):
            raise OutputError(
                f"{path.name} is the video that is being read.", "Choose another name."
            )
        if not overwrite:
            raise OutputError(
                f"{path.name} exists already.", "Choose another name or add --overwrite."
            )


class VideoWriter:
    """Writes pictures and their times to an mp4 that browsers and phones play.

    H.264 High in yuv420p with BT.709 colours, index in front, time base 1/90000 s. An odd width or
    height is padded by repeating the last column or row. The first picture's time becomes zero, and
    the source's sound is moved with it and cut to the pictures' stretch.

    The file lies beside the target (`part_of`) and gets its name only when it is complete;
    whatever ends the writing early leaves nothing behind.

        with VideoWriter("out.mp4", width=640, height=360, source=Path("dive.mp4")) as writer:
            for frame in iterate_frames("dive.mp4"):
                writer.write(draw(frame.image), frame.time_s)

    sound: what became of the source's sound, known inside the `with` block.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        width: int,
        height: int,
        source: Path | None = None,
        overwrite: bool = False,
    ) -> None:
        """Check the target.

        width, height: of the pictures to come, pixels. source: the video whose sound goes along.
        Raises OutputError as `check_target`.
        """
        check_target(path, source=source, overwrite=overwrite)
        self.path = Path(path)
        self.width = width
        self.height = height
        self.sound = Sound.ABSENT
        self._part = part_of(self.path)
        self._source = source
        self._container: OutputContainer | None = None
        self._track: SoundTrack | None = None
        self._first_s: float | None = None
        self._last_tick = -1
        self._last_interval = round(1 / NOMINAL_RATE / TIME_BASE)

    def __enter__(self) -> Self:
        """Begin the file. Raises OutputError where it cannot be made."""
        try:
            self._container = av.open(
                f"file:{self._part}", "w", format="mp4", options={"movflags": "+faststart"}
            )
            self._stream = _add_pictures(self._container, self.width, self.height)
            if self._source is not None:
                self._track, self.sound = carry_sound(self._source, self._container)
        except BaseException as error:
            self._abandon()
            if isinstance(error, av.FFmpegError):
                raise self._failure(error) from error
            raise
        return self

    def write(self, image: np.ndarray, time_s: float) -> None:
        """Add a picture.

        image: (height, width, 3) uint8, RGB. time_s: seconds on the source's time axis, later than
        the picture before. Raises OutputError where the disk refuses, ValueError for another shape,
        type or order.
        """
        if self._container is None:
            raise ValueError("write to a VideoWriter inside its with block")
        if image.shape != (self.height, self.width, 3) or image.dtype != np.uint8:
            raise ValueError(
                f"image must be ({self.height}, {self.width}, 3) uint8, not {image.shape} "
                f"{image.dtype}"
            )
        if self._first_s is None:
            self._first_s = time_s
            if self._track is not None:
                self._track.start(time_s)
        tick = round((time_s - self._first_s) / TIME_BASE)
        if tick <= self._last_tick:
            raise ValueError(f"a picture at {time_s} s does not come after the one before it")
        if self._last_tick >= 0:
            self._last_interval = tick - self._last_tick
        self._last_tick = tick
        frame = av.VideoFrame.from_ndarray(_even(image), format="rgb24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts = tick
        frame.time_base = TIME_BASE
        try:
            self._container.mux(self._stream.encode(frame))
            if self._track is not None:
                self._track.write_until(time_s)
        except av.FFmpegError as error:
            raise self._failure(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish the file and give it its name, or remove it where the block failed."""
        if error is not None:
            self._abandon()
            return
        try:
            self._finish()
        except BaseException as failure:
            self._abandon()
            if isinstance(failure, av.FFmpegError | OSError):
                raise self._failure(failure) from failure
            raise

    def _finish(self) -> None:
        if self._container is None or self._first_s is None:
            raise OutputError(f"There was no picture to write to {self.path.name}.")
        self._container.mux(self._stream.encode(None))
        if self._track is not None:
            end_tick = self._last_tick + self._last_interval
            self._track.write_until(self._first_s + float(end_tick * TIME_BASE))
            self._track.finish()
            self._track.close()
        self._container.close()
        self._part.replace(self.path)

    def _abandon(self) -> None:
        """Close everything and leave no file behind."""
        if self._track is not None:
            self._track.close()
        if self._container is not None:
            # Closing writes the index of a file that is about to be removed.
            with contextlib.suppress(av.FFmpegError):
                self._container.close()
        self._part.unlink(missing_ok=True)

    def _failure(self, error: av.FFmpegError | OSError) -> OutputError:
        if error.errno in DISK_FULL:
            return DiskFullError(
                f"The disk is full: {self.path.name} was not written.", "Free some space."
            )
        reason = error.strerror or "the encoder failed"
        return OutputError(
            f"{self.path.name} could not be written: {reason.lower()}.",
            "Choose a folder that can be written to.",
        )


def _add_pictures(container: OutputContainer, width: int, height: int) -> VideoStream:
    encoder = next((name for name in ENCODERS if name in av.codecs_available), None)
    if encoder is None:
        raise OutputError(
            "This PyAV comes without an H.264 encoder.",
            "Install the av package from PyPI, whose wheels have one.",
        )
    stream = container.add_stream(encoder, rate=NOMINAL_RATE, options=ENCODERS[encoder])
    if not isinstance(stream, VideoStream):
        raise TypeError(f"{encoder} encodes no pictures")
    stream.width = width + width % 2
    stream.height = height + height % 2
    stream.pix_fmt = "yuv420p"
    stream.gop_size = KEYFRAME_DISTANCE
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.color_range = ColorRange.MPEG
    context.color_primaries = context.color_trc = context.colorspace = BT709
    return stream


def _even(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) with an odd last row and column repeated."""
    height, width, _ = image.shape
    if height % 2 or width % 2:
        image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(image)
