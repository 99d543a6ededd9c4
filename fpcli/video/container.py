"""Videos in a container: whatever FFmpeg opens, animated GIFs included."""

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from fpcli.errors import VideoError
from fpcli.video.held import HELD_BYTES, HELD_S, HeldFrames, hand_memory_back
from fpcli.video.picture import PictureMaker
from fpcli.video.source import StoredFrame, unreadable
from fpcli.video.timeline import LEAST_STEP_S, RESTART_S, Timeline

NOMINAL_RATE = 25  # frames a second where a stream names no rate
PLAUSIBLE_RATE = 1000  # frames a second; more is a broken header
MAX_CORRUPT_RUN = 250  # frames in a row that cannot be decoded before reading gives up
# FFmpeg's H.264 decoder marks damaged frames reliably on one thread only: on several, a frame is
# handed out before its damage is known, and a count would change from run to run.
ONE_THREAD_CODECS = frozenset({"h264"})
UNTIMED_FORMATS = frozenset({"avi"})  # that store when a frame is decoded, not when it is shown
SEEK_WORTH_S = 1.0  # seconds; a moment earlier than this is reached by decoding up to it


class ContainerSource:
    """A file that FFmpeg opens, its main picture track read frame by frame.

    Frames that the decoder refuses or marks as damaged are skipped and counted. A file that was
    cut short gives the frames it still holds. A short video that is read several times is decoded
    once: frames that take little room are kept until `forget`.

    origin_s: the first frame's time as the container counts, seconds, known once it was decoded.
    """

    def __init__(self, path: Path) -> None:
        """Look into the file. Raises VideoError where it holds no video."""
        self.path = path
        self.size = (0, 0)
        self.rotation_degrees = 0
        self.corrupt_frames = 0
        self.origin_s = 0.0
        self._stamps: list[int | None] | None = None
        self._starts_anew = False
        self._held: list[StoredFrame] | None = None
        with open_container(path) as container:
            track = self._picture_track(container)
            most_held = HELD_BYTES // (track.width * track.height * 3 // 2 or 1)  # 4:2:0
            length_s = (container.duration or 0) / av.time_base
            self._holds = length_s / _interval_s(track) <= most_held and length_s <= HELD_S
            self.has_audio = bool(container.streams.audio)

    def expected_times(self) -> np.ndarray:
        """Times by the packets alone, (N,) float64 seconds, without decoding."""
        with open_container(self.path) as container:
            stream = self._picture_track(container)
            stamps = self._packet_stamps(container, stream)
            time_base, timeline = stream.time_base, Timeline(_interval_s(stream))
        known = sorted(stamp for stamp in stamps if stamp is not None)
        unknown = [None] * (len(stamps) - len(known))
        times_s = [timeline.place(_seconds(stamp, time_base)) for stamp in [*known, *unknown]]
        return np.array(times_s, dtype=np.float64)

    def frames(self, from_s: float = 0.0) -> Iterator[StoredFrame]:
        """Every decodable frame in presentation order, none missing from `from_s` on.

        A late moment is reached by seeking where every packet has a time of its own; frames before
        it then count as decodable without having been decoded. Raises VideoError after
        MAX_CORRUPT_RUN damaged frames in a row.
        """
        if self._held is not None:
            yield from self._held
            return
        if from_s >= SEEK_WORTH_S:
            frames = self._from_keyframe_before(from_s)
            first = next(frames, None)
            if first is not None and first.time_s <= from_s:
                yield first
                yield from frames
                return
        yield from self._from_start()

    def starts_anew(self) -> bool:
        """Whether the clock starts again somewhere, as in recordings that were joined."""
        with open_container(self.path) as container:
            self._packet_stamps(container, self._picture_track(container))
        return self._starts_anew

    def forget(self) -> None:
        """Let go of frames that were kept for another pass."""
        if self._held is not None:
            self._held = None
            hand_memory_back()

    def _from_start(self) -> Iterator[StoredFrame]:
        self.corrupt_frames = 0
        with open_container(self.path) as container:
            stream = self._picture_track(container)
            interval_s = _interval_s(stream)
            timeline = Timeline(interval_s)
            untimed = container.format.name in UNTIMED_FORMATS
            maker: PictureMaker | None = None
            held = HeldFrames() if self._holds else None
            for index, frame in enumerate(self._readable(container, stream)):
                maker = maker or self._prepare(frame, stream)
                # Frames leave the decoder in the order of showing, one for each it takes in.
                stamp = frame.dts if untimed else _stamp(frame)
                stored = StoredFrame(
                    index=index,
                    time_s=timeline.place(_seconds(stamp, frame.time_base)),
                    duration_s=_duration_s(frame, interval_s),
                    picture=partial(maker.picture, frame),
                    part=partial(maker.part, frame),
                )
                if held is not None:
                    held.add(stored, frame)
                yield stored
            self._held = None if held is None else held.frames

    def _from_keyframe_before(self, moment_s: float) -> Iterator[StoredFrame]:
        """Frames from the last keyframe before a moment on; none where that cannot be relied on."""
        self.corrupt_frames = 0
        with open_container(self.path) as container:
            stream = self._picture_track(container)
            found = self._packet_stamps(container, stream)
            stamps = sorted(stamp for stamp in found if stamp is not None)
            time_base = stream.time_base
            untimed = container.format.name in UNTIMED_FORMATS or len(stamps) != len(found)
            if untimed or self._starts_anew or time_base is None:
                return
            if any(later - stamp < LEAST_STEP_S / time_base for stamp, later in pairwise(stamps)):
                return  # two frames claim one moment
            if not _seek(container, stream, min(stamps, default=0)):
                return
            first = next(self._readable(container, stream), None)
            origin = None if first is None else _stamp(first)
            if first is None or origin is None:
                return
            maker = self._prepare(first, stream)
            interval_s = _interval_s(stream)
            skipped = bisect_left(stamps, origin)
            if not _seek(container, stream, origin + int(moment_s / time_base)):
                return
            for frame in self._readable(container, stream):
                stamp = _stamp(frame)
                if stamp is None:
                    return
                time_s = float(stamp * time_base) - self.origin_s
                yield StoredFrame(
                    index=bisect_left(stamps, stamp) - skipped,
                    time_s=time_s,
                    duration_s=_duration_s(frame, interval_s),
                    picture=partial(maker.picture, frame),
                    part=partial(maker.part, frame),
                )

    def _prepare(self, first: av.VideoFrame, stream: VideoStream) -> PictureMaker:
        """Note what the first frame tells about the whole."""
        maker = PictureMaker(first, stream.sample_aspect_ratio)
        self.size = maker.size
        self.rotation_degrees = maker.orientation.rotation_degrees
        self.origin_s = _seconds(_stamp(first), first.time_base) or 0.0
        return maker

    def _picture_track(self, container: InputContainer) -> VideoStream:
        """The track to be shown, ready to be decoded."""
        track = picture_track(container, self.path)
        one_thread = track.codec_context.name in ONE_THREAD_CODECS
        track.thread_type = "NONE" if one_thread else "AUTO"
        return track

    def _packet_stamps(self, container: InputContainer, stream: VideoStream) -> list[int | None]:
        """Presentation times of all packets that become frames, in file order, stream ticks."""
        if self._stamps is None:
            self._stamps = []
            packets, last_s = container.demux(stream), -np.inf
            while (packet := _next_packet(packets)) is not None:
                if packet.size and not packet.is_discard:
                    self._stamps.append(packet.pts)
                    decoded_s = _seconds(packet.dts, packet.time_base)
                    if decoded_s is not None:
                        self._starts_anew |= decoded_s < last_s - RESTART_S
                        last_s = decoded_s
        return self._stamps

    def _readable(self, container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
        """Sound frames in presentation order; the others are counted."""
        corrupt_run = 0
        for frame in _decode(container, stream):
            if frame is not None and not frame.is_corrupt:
                corrupt_run = 0
                yield frame
                continue
            self.corrupt_frames += 1
            corrupt_run += 1
            if corrupt_run == MAX_CORRUPT_RUN:
                raise VideoError(
                    f"{self.path.name} is damaged: {corrupt_run} frames in a row cannot be "
                    "decoded.",
                    "Cut the good part out, or export the video again.",
                )


def open_container(path: Path) -> InputContainer:
    """Open a file through FFmpeg, as a local file whatever its name or content claims.

    Raises VideoError where FFmpeg cannot.
    """
    try:
        # The prefix keeps a file name from being read as an address, the list keeps a playlist
        # from fetching anything.
        return av.open(
            f"file:{path}",
            "r",
            container_options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except av.FFmpegError as error:
        raise _unopened(path, error) from error


def picture_track(container: InputContainer, path: Path) -> VideoStream:
    """The largest track that is no cover picture. Raises VideoError where there is none."""
    tracks = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None
    ]
    if not tracks:
        what = "only sound" if container.streams.audio else "no pictures"
        raise VideoError(f"{path.name} holds {what}.", "Give a video of one dive.")
    return max(tracks, key=lambda stream: stream.width * stream.height)


def _unopened(path: Path, error: av.FFmpegError) -> VideoError:
    if isinstance(error, OSError):
        return unreadable(path, error)
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


def _decode(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame | None]:
    """Frames in presentation order, None for a packet that the decoder refuses."""
    packets = container.demux(stream)
    while True:
        packet = _next_packet(packets)
        try:
            yield from stream.decode(packet)
        except av.EOFError:
            return
        except av.FFmpegError:
            yield None
        if packet is None:
            return


def _seek(container: InputContainer, stream: VideoStream, stamp: int) -> bool:
    """Go to the last keyframe before a moment; whether the container can."""
    try:
        container.seek(stamp, stream=stream)
    except av.FFmpegError:
        return False
    return True


def _next_packet(packets: Iterator[av.Packet]) -> av.Packet | None:
    """The next packet; None at the end, also where a file that was cut short ends."""
    try:
        return next(packets, None)
    except av.FFmpegError:
        return None


def _interval_s(stream: VideoStream) -> float:
    """Nominal seconds between a stream's frames."""
    for rate in (stream.guessed_rate, stream.average_rate):
        if rate and 0 < rate <= PLAUSIBLE_RATE:
            return float(1 / rate)
    return 1 / NOMINAL_RATE


def _stamp(frame: av.VideoFrame) -> int | None:
    """When a frame is shown, ticks; by its place in the file where nothing else is known."""
    return frame.pts if frame.pts is not None else frame.dts


def _duration_s(frame: av.VideoFrame, interval_s: float) -> float:
    return _seconds(frame.duration or None, frame.time_base) or interval_s


def _seconds(stamp: int | None, time_base: Fraction | None) -> float | None:
    return None if stamp is None or time_base is None else float(stamp * time_base)
