"""How fast this machine reads videos and scores them, from file to number."""

import importlib
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from fpcli.analysis.analyse import Analyser
from fpcli.analysis.benchmark import OnStage, Spread
from fpcli.analysis.request import AnalysisRequest
from fpcli.errors import FineParserError
from fpcli.video.read import read_clip
from fpcli.video.write import VideoWriter

MADE_FRAMES = 105  # about the mean length of a FineDiving clip
MADE_SIZE = (455, 256)  # width, height: the size of most of them
MADE_RATE = 25  # frames a second
KIB = 1024
ERROR = "Error: "  # begins the line in which a command says why it failed


@dataclass(frozen=True)
class VideoBenchmark:
    """Reading and scoring one video on this machine.

    decoding_s: the video to its 96 frames. scoring_s: the video to its score, network loaded.
    process_s, process_peak_bytes: one whole `fineparser score`, its start included; the peak is
    None where the system does not tell. score_points: by precision.
    """

    video: str
    frames: int
    size_px: tuple[int, int]
    weights: str
    precision: str
    decoding_s: Spread
    scoring_s: Spread
    process_s: Spread
    process_peak_bytes: int | None
    score_points: dict[str, float]

    @property
    def decoded_clips_per_s(self) -> float:
        """Videos that can be read in a second."""
        return 1 / self.decoding_s.median

    @property
    def scored_clips_per_s(self) -> float:
        """Videos that can be scored in a second."""
        return 1 / self.scoring_s.median

    @property
    def score_shift_points(self) -> float:
        """How far the precision moves the score."""
        values = self.score_points.values()
        return max(values) - min(values)

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON, units in the keys."""
        return {
            "video": self.video,
            "frames": self.frames,
            "size_px": list(self.size_px),
            "weights": self.weights,
            "precision": self.precision,
            "decoding_s": self.decoding_s.to_dict(),
            "scoring_s": self.scoring_s.to_dict(),
            "decoded_clips_per_s": self.decoded_clips_per_s,
            "scored_clips_per_s": self.scored_clips_per_s,
            "process_s": self.process_s.to_dict(),
            "process_peak_bytes": self.process_peak_bytes,
            "score_points": self.score_points,
            "score_shift_points": self.score_shift_points,
        }


def make_video(path: Path) -> None:
    """Write a video with motion everywhere, for machines without one of a dive at hand."""
    width, height = MADE_SIZE
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    with VideoWriter(path, width=width, height=height) as writer:
        for frame in range(MADE_FRAMES):
            waves = [
                np.sin((columns + 3 * frame) / 9),
                np.cos((rows - 2 * frame) / 7),
                np.sin((columns + rows + 5 * frame) / 11),
            ]
            picture = (127.5 * (1 + np.stack(waves, axis=-1))).astype(np.uint8)
            writer.write(picture, frame / MADE_RATE)


def measure_video(
    video: Path, weights: Path, *, command: Sequence[str], repeats: int, on_stage: OnStage
) -> VideoBenchmark:
    """Measure reading and scoring one video on the CPU.

    command: what runs `fineparser score VIDEO` with these weights as a process of its own.
    Raises VideoError or WeightsError as an analysis does.
    """
    on_stage("whole processes")
    processes = [_run(command) for _ in range(repeats)]
    on_stage("decoding")
    decoding = []
    for _ in range(repeats):
        start = perf_counter()
        clip = read_clip(video)
        decoding.append(perf_counter() - start)
    request = AnalysisRequest(force=True)  # speed is measured, whatever the video shows
    points = {}
    for precision in ("float32", "bfloat16"):
        analyser = Analyser.from_file(weights, precision=precision)
        points[precision] = analyser.analyse(video, request).score_points
    analyser = Analyser.from_file(weights, precision="auto")
    analyser.analyse(video, request)
    on_stage("scoring")
    scoring = []
    for _ in range(repeats):
        start = perf_counter()
        analysis = analyser.analyse(video, request)
        scoring.append(perf_counter() - start)
    return VideoBenchmark(
        video=video.name,
        frames=clip.info.frame_count,
        size_px=(clip.info.width, clip.info.height),
        weights=analysis.provenance.weights_name,
        precision=analysis.provenance.precision,
        decoding_s=Spread(tuple(decoding)),
        scoring_s=Spread(tuple(scoring)),
        process_s=Spread(tuple(processes)),
        process_peak_bytes=children_peak_bytes(),
        score_points=points,
    )


def _run(command: Sequence[str]) -> float:
    """Return the seconds that a process takes from its start to its end."""
    start = perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = perf_counter() - start
    if result.returncode != 0:
        told = [line for line in result.stderr.splitlines() if line.startswith(ERROR)]
        reason = told[0].removeprefix(ERROR) if told else f"exit code {result.returncode}."
        raise FineParserError(f"The measured command failed: {reason}", shlex.join(command))
    return seconds


def children_peak_bytes() -> int | None:
    """Return the most memory that a process started from here has held; None if unknown."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(peak) * (1 if sys.platform == "darwin" else KIB)
