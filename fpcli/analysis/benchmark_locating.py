"""How fast dives are located in full HD, and in how much memory, however long a video is."""

import importlib
import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import cv2
import numpy as np

from fpcli.analysis.begun import search_dives
from fpcli.analysis.benchmark import OnStage, Spread
from fpcli.errors import FineParserError
from fpcli.video.copy_part import repeat_video
from fpcli.video.read import iterate_frames
from fpcli.video.write import VideoWriter

SIZE = (1920, 1080)  # width, height
RATE = 30  # frames a second
SHORT_S = 10.0
LAST = 20  # pictures of a video that are shown again to fill the time
LONG_REPEATS = 180  # of the short video: half an hour
KIB = 1024
APART = (
    "import sys; from fpcli.analysis.benchmark_locating import locate_and_print; "
    "locate_and_print(sys.argv[1])"
)


@dataclass(frozen=True)
class LocatedApart:
    """Locating in a process of its own.

    length_s: of the video. dives: found in it. took_s: from an unloaded finder to the last dive.
    peak_bytes: the most memory that the process held; None where the system does not tell.
    """

    length_s: float
    dives: int
    took_s: float
    peak_bytes: int | None


@dataclass(frozen=True)
class LocatingBenchmark:
    """Locating dives in 1920 x 1080 pixels at 30 frames a second.

    length_s: of the video. dives: found in it. locating_s: the finder loaded before. apart: a short
    and a long video, where they were asked for.
    """

    length_s: float
    dives: int
    locating_s: Spread
    apart: tuple[LocatedApart, ...] = ()

    @property
    def times_real_time(self) -> Spread:
        """Seconds of video located in a second."""
        return Spread(tuple(self.length_s / took for took in self.locating_s.values))

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON, units in the keys."""
        return {
            "size_px": list(SIZE),
            "frame_rate_hz": RATE,
            "length_s": self.length_s,
            "dives": self.dives,
            "locating_s": self.locating_s.to_dict(),
            "times_real_time": self.times_real_time.to_dict(),
            "apart": [vars(each) for each in self.apart],
        }


def measure_locating(
    video: Path, folder: Path, *, repeats: int, long: bool, on_stage: OnStage
) -> LocatingBenchmark:
    """Measure locating on the CPU, in a full-HD video made of another one.

    folder: where it is made. long: also locate in it and in half an hour of it, each in a process
    of its own, to see what memory they take. Raises VideoError where the video cannot be read.
    """
    on_stage("making a full-HD video")
    short = folder / "short.mp4"
    make_full_hd(video, short)
    dives = len(search_dives(short, None, None).dives)  # the finder is loaded on the way
    times = []
    for repeat in range(repeats):
        on_stage(f"locating, {repeat + 1} of {repeats}")
        start = perf_counter()
        search_dives(short, None, None)
        times.append(perf_counter() - start)
    apart = []
    if long:
        half_hour = folder / "half-hour.mp4"
        repeat_video(short, half_hour, LONG_REPEATS)
        for path, length_s in ((short, SHORT_S), (half_hour, LONG_REPEATS * SHORT_S)):
            on_stage(f"locating in {length_s:.0f} seconds of video")
            apart.append(locate_apart(path, length_s))
    return LocatingBenchmark(SHORT_S, dives, Spread(tuple(times)), tuple(apart))


def make_full_hd(video: Path, path: Path) -> None:
    """Write SHORT_S of a video in SIZE at RATE: a dive once, then the water after it."""
    width, height = SIZE
    with VideoWriter(path, width=width, height=height) as writer:
        for index, image in enumerate(islice(_endless(video), round(SHORT_S * RATE))):
            picture = cv2.resize(image, SIZE, interpolation=cv2.INTER_CUBIC)
            writer.write(picture, index / RATE)


def _endless(video: Path) -> Iterator[np.ndarray]:
    """A video's pictures, and then its last ones back and forth."""
    last: deque[np.ndarray] = deque(maxlen=LAST)
    for frame in iterate_frames(video, max_side=SIZE[0]):
        last.append(frame.image)
        yield frame.image
    while True:
        last.reverse()
        yield from last


def locate_apart(video: Path, length_s: float) -> LocatedApart:
    """Locate in a process of its own. Raises FineParserError where that fails."""
    command = [sys.executable, "-c", APART, str(video)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        lines = result.stderr.strip().splitlines()
        raise FineParserError(f"Locating failed: {lines[-1] if lines else video}.")
    return LocatedApart(length_s=length_s, **json.loads(result.stdout))


def locate_and_print(video: str) -> None:
    """Locate the dives of a video and print what `LocatedApart` tells of it, as JSON."""
    start = perf_counter()
    dives = len(search_dives(Path(video), None, None).dives)
    took_s = perf_counter() - start
    facts = {"dives": dives, "took_s": took_s, "peak_bytes": own_peak_bytes()}
    sys.stdout.write(json.dumps(facts))


def own_peak_bytes() -> int | None:
    """Return the most memory that this process has held since it began; None if unknown.

    What `getrusage` says begins with what the process that started this one held.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * KIB
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else KIB)
