"""The sound of one video carried over into another."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Generic, TypeVar

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from fpcli.video.container import ContainerSource, open_container

COPIED_CODECS = frozenset({"aac", "mp3"})  # what every browser and phone plays inside an mp4
CONVERTED_RATES = (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)  # Hz, of AAC
EARLY_S = 0.001  # sound that begins this little before the first picture is kept

Piece = TypeVar("Piece", Packet, AudioFrame)


class Sound(StrEnum):
    """What became of a source's sound."""

    ABSENT = "absent"
    COPIED = "copied"
    CONVERTED = "converted"
    DROPPED = "dropped"


class SoundTrack(ABC, Generic[Piece]):
    """A source's sound on the time axis of its pictures, handed over as the pictures advance.

    outcome: whether it is copied or converted. Times are seconds since the source's first frame,
    as in `read_clip`.
    """

    outcome: Sound

    def __init__(
        self, source: InputContainer, stream: AudioStream, origin_s: float, output: OutputContainer
    ) -> None:
        """origin_s: the first picture's time as the source counts, seconds."""
        self._source = source
        self._stream = stream
        self._origin_s = origin_s
        self._output = output
        self._zero_s = origin_s
        self._pieces: Iterator[Piece] = self._read()
        self._pending: Piece | None = next(self._pieces, None)

    def start(self, time_s: float) -> None:
        """Leave out all sound before this moment, which becomes the output's zero."""
        self._zero_s = self._origin_s + time_s
        while self._pending is not None and self._begin_s(self._pending) < -EARLY_S:
            self._pending = next(self._pieces, None)

    def write_until(self, time_s: float) -> None:
        """Hand over all sound that begins before this moment."""
        limit_s = self._origin_s + time_s - self._zero_s
        while self._pending is not None and self._begin_s(self._pending) < limit_s:
            self._put(self._pending, self._begin_s(self._pending))
            self._pending = next(self._pieces, None)

    @abstractmethod
    def finish(self) -> None:
        """Hand over what is still held back."""

    def close(self) -> None:
        """Let go of the source."""
        self._source.close()

    @abstractmethod
    def _read(self) -> Iterator[Piece]:
        """Pieces of the source, each with a time."""

    @abstractmethod
    def _put(self, piece: Piece, begin_s: float) -> None:
        """Write a piece so that it begins at this moment of the output."""

    def _begin_s(self, piece: Piece) -> float:
        return float((piece.pts or 0) * (piece.time_base or Fraction(0))) - self._zero_s

    def _packets(self) -> Iterator[Packet]:
        packets = self._source.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                return  # a file that was cut short: its sound ends there
            if packet is None:
                return
            if packet.size and packet.pts is not None and not packet.is_discard:
                yield packet


class CopiedSound(SoundTrack[Packet]):
    """Sound whose packets are taken over untouched."""

    outcome = Sound.COPIED

    def __init__(
        self, source: InputContainer, stream: AudioStream, origin_s: float, output: OutputContainer
    ) -> None:
        super().__init__(source, stream, origin_s, output)
        self._target = output.add_stream_from_template(stream)

    def finish(self) -> None:
        """Packets are never held back."""

    def _read(self) -> Iterator[Packet]:
        return self._packets()

    def _put(self, piece: Packet, begin_s: float) -> None:
        piece.stream = self._target
        piece.pts = piece.dts = round(begin_s / piece.time_base)
        self._output.mux(piece)


class ConvertedSound(SoundTrack[AudioFrame]):
    """Sound decoded and encoded again as AAC."""

    outcome = Sound.CONVERTED

    def __init__(
        self, source: InputContainer, stream: AudioStream, origin_s: float, output: OutputContainer
    ) -> None:
        super().__init__(source, stream, origin_s, output)
        rate = next((rate for rate in CONVERTED_RATES if rate <= stream.rate), CONVERTED_RATES[-1])
        self._target = output.add_stream("aac", rate=rate)
        self._target.layout = "mono" if stream.channels == 1 else "stereo"

    def finish(self) -> None:
        """Empty the encoder."""
        self._output.mux(self._target.encode(None))

    def _read(self) -> Iterator[AudioFrame]:
        first_kind: tuple[str, str, int] | None = None  # the encoder takes no other
        for packet in self._packets():
            try:
                frames = self._stream.decode(packet)
            except av.FFmpegError:
                continue  # a damaged packet leaves a gap
            for frame in frames:
                kind = (frame.format.name, frame.layout.name, frame.sample_rate)
                first_kind = first_kind or kind
                if frame.pts is not None and kind == first_kind:
                    yield frame

    def _put(self, piece: AudioFrame, begin_s: float) -> None:
        piece.time_base = Fraction(1, piece.sample_rate)
        piece.pts = round(begin_s * piece.sample_rate)
        self._output.mux(self._target.encode(piece))


def carry_sound(path: Path, output: OutputContainer) -> tuple[SoundTrack | None, Sound]:
    """Prepare to carry the first sound track of the video at `path` over into `output`.

    Returns the track, None where there is nothing to carry, and what becomes of it. Raises
    VideoError where the video cannot be read.
    """
    if path.is_dir():
        return None, Sound.ABSENT
    pictures = ContainerSource(path)
    if not pictures.has_audio:
        return None, Sound.ABSENT
    next(pictures.frames(), None)
    source = open_container(path)
    stream = source.streams.audio[0]
    decoder = getattr(stream.codec_context, "codec", None)
    if decoder is None:
        source.close()
        return None, Sound.DROPPED
    copies = decoder.canonical_name in COPIED_CODECS
    carrier: type[SoundTrack] = CopiedSound if copies else ConvertedSound
    track = carrier(source, stream, pictures.origin_s, output)
    return track, track.outcome
