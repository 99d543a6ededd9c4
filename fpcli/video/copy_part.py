"""A part of a video, or many times the whole, as a file of its own, not decoded where possible."""

from collections.abc import Iterator
from contextlib import suppress
from math import inf
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from fpcli.errors import OutputError
from fpcli.video.container import ContainerSource, open_container, picture_track
from fpcli.video.read import iterate_frames, open_source
from fpcli.video.write import VideoWriter
from fpcli.whole_file import whole_file

SUFFIX = ".mp4"
DECODED_EARLY_S = 1.0  # at most, that a first picture is decoded before it is shown
BACK_S = (0.0, 2.0, 10.0, inf)  # tried in turn: some containers seek to any picture


def copy_part(
    source: str | Path, target: Path, start_s: float, end_s: float, *, overwrite: bool = False
) -> bool:
    """Write the part of a video between two moments.

    Copies the streams as they are, from the last keyframe before start_s on; what an mp4 cannot
    hold is decoded and written anew, exactly from start_s on and without sound. Returns whether it
    was copied. The file appears complete or not at all. Raises VideoError where the source cannot
    be read, OutputError where the target exists (without overwrite) or cannot be written.
    """
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists.", "Choose another folder, or add --overwrite.")
    opened = open_source(source)
    if isinstance(opened, ContainerSource) and not opened.starts_anew():
        # What cannot be copied is written anew.
        with suppress(av.FFmpegError, ValueError), whole_file(target) as part:
            _remux(opened.path, part, start_s, end_s)
            return True
    _rewrite(opened.path, target, start_s, end_s, overwrite=overwrite)
    return False


def _remux(source: Path, target: Path, start_s: float, end_s: float) -> None:
    with open_container(source) as container, av.open(f"file:{target}", "w", format="mp4") as copy:
        video = picture_track(container, source)
        kept = [video, *container.streams.audio[:1]]
        written = {stream.index: copy.add_stream_from_template(stream) for stream in kept}
        first = next(iter(container.decode(video)))
        origin_s = float((first.pts or 0) * video.time_base) if video.time_base else 0.0
        opening = _seek_keyframe(container, video, start_s + origin_s, origin_s)
        opens_s: float | None = None
        for packet in _packets(container, kept):
            time_base = packet.time_base
            if packet.dts is None or packet.pts is None or time_base is None:
                raise ValueError("a packet without a time cannot be copied")
            if opens_s is None:
                if packet.stream.index != video.index or packet.pts != opening:
                    continue
                opens_s = float(packet.dts * time_base)
            if float(packet.dts * time_base) - origin_s > end_s:
                if packet.stream.index == video.index:
                    break
                continue
            shift = round(opens_s / time_base)
            if packet.dts < shift:
                continue
            packet.dts, packet.pts = packet.dts - shift, packet.pts - shift
            packet.stream = written[packet.stream.index]
            copy.mux(packet)


def _seek_keyframe(
    container: InputContainer, video: VideoStream, start_s: float, origin_s: float
) -> int:
    """Go to before the last keyframe that is shown by a moment; its time, ticks.

    Times are seconds of the container. Raises ValueError where there is none.
    """
    for back_s in BACK_S:
        moment = round(max(start_s - back_s, origin_s - DECODED_EARLY_S) * av.time_base)
        container.seek(moment)
        keyframes = []
        for packet in _packets(container, [video]):
            time_base = packet.time_base
            if packet.dts is None or packet.pts is None or time_base is None:
                raise ValueError("a packet without a time cannot be copied")
            if packet.dts * time_base > start_s:
                break
            if packet.is_keyframe and packet.pts * time_base <= start_s:
                keyframes.append(packet.pts)
        if keyframes:
            container.seek(moment)
            return keyframes[-1]
    raise ValueError("a part without a keyframe before it cannot be copied")


def repeat_video(source: Path, target: Path, times: int) -> None:
    """Write a video's pictures over and over into one file, copied as they are, without sound.

    For videos whose first picture is shown first. Raises VideoError where the source cannot be
    read.
    """
    shift = 0
    with av.open(f"file:{target}", "w", format="mp4") as copy:
        written: VideoStream | None = None
        for _ in range(times):
            with open_container(source) as container:
                video = picture_track(container, source)
                written = written or copy.add_stream_from_template(video)
                end = 0
                for packet in _packets(container, [video]):
                    if packet.pts is None or packet.dts is None:
                        raise ValueError("a packet without a time cannot be copied")
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.dts, packet.pts = packet.dts + shift, packet.pts + shift
                    packet.stream = written
                    copy.mux(packet)
                shift += end


def _packets(container: InputContainer, streams: list[av.stream.Stream]) -> Iterator[Packet]:
    return (packet for packet in container.demux(streams) if packet.size)


def _rewrite(source: Path, target: Path, start_s: float, end_s: float, *, overwrite: bool) -> None:
    frames = iterate_frames(source, start_s=start_s, end_s=end_s)
    first = next(frames)
    height, width = first.image.shape[:2]
    with VideoWriter(target, width=width, height=height, overwrite=overwrite) as writer:
        writer.write(first.image, first.time_s)
        for frame in frames:
            writer.write(frame.image, frame.time_s)
