"""An analysis made by hand, with every number known, for the tests of the reports."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fpcli.analysis.result import (
    DiveAnalysis,
    DiveFacts,
    DiveMeasures,
    Flag,
    Interval,
    MaskTrack,
    Measure,
    Missing,
    Observation,
    Origin,
    Provenance,
    Seen,
    SourceFacts,
    StepContribution,
    Transition,
    Vote,
)

SAMPLES = 96
FRAME_RATE_HZ = 30.0

MEASURES = DiveMeasures(
    level=0.9,
    time_in_air_s=Measure(1.7234, 1.6345, 1.8456, 71, 2.3667),
    rise_m=Measure(0.4321, 0.2123, 0.7654, 45, 1.5),
    board_m=Measure(missing=Missing.HEIGHT_GIVEN),
    distance_m=Measure(1.6345, 1.3789, None, 71, 2.3667),
    somersaults_per_s=Measure(missing=Missing.BODY_UNCLEAR),
    entry_angle_deg=Measure(-12.34, -18.56, -6.12, 70, 2.3333),
    splash_statures=Measure(0.8765, 0.5432, 1.1987, 81, 2.7),
)
OBSERVATIONS = (
    Observation(Seen.TRAVEL, "distance_m", 1.6345, 1.3789, None, 71, 2.3667),
    Observation(Seen.SHORT_OF_VERTICAL, "entry_angle_deg", -12.34, -18.56, -6.12, 70, 2.3333),
    Observation(Seen.SPLASH, "splash_statures", 0.8765, 0.5432, 1.1987, 81, 2.7),
)


def make_masks(width: int, height: int, size: int = 56) -> MaskTrack:
    """A diver as a disc that moves from the upper left to the lower right of the picture."""
    ys, xs = np.mgrid[0:size, 0:size]
    way = np.linspace(0.2, 0.8, SAMPLES)
    distance = np.hypot(
        xs[None] - way[:, None, None] * size, (ys[None] - way[:, None, None] * size)
    )
    probabilities = np.clip((size / 10 + 1 - distance) / 2, 0, 1).astype(np.float32)
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    centre = np.stack([left + way * side, top + way * side], axis=1)
    reach = side / 10
    boxes = np.concatenate([centre - reach, centre + reach], axis=1).astype(np.float32)
    return MaskTrack(
        probabilities=probabilities,
        boxes_px=boxes,
        area_fraction=probabilities.mean(axis=(1, 2)),
        windows_px=np.tile(np.float32([left, top, left + side, top + side]), (SAMPLES, 1)),
    )


def _analysis(
    *, width: int = 320, height: int = 240, frame_count: int = 96, rate_hz: float = FRAME_RATE_HZ
) -> DiveAnalysis:
    frames = np.linspace(0, frame_count - 1, SAMPLES).astype(np.int64)
    times = frames / rate_hz
    cuts = (28, 67)

    def step(name: str, first: int, last: int, dynamic: float, static: float) -> StepContribution:
        return StepContribution(
            name=name,
            first_frame=int(frames[first]),
            last_frame=int(frames[last]),
            start_s=float(times[first]),
            end_s=float(times[last + 1]) if last + 1 < SAMPLES else frame_count / rate_hz,
            dynamic_points=dynamic,
            static_points=static,
        )

    def transition(name: str, sample: int, probability: float) -> Transition:
        return Transition(name, sample, int(frames[sample]), float(times[sample]), probability)

    steps = (
        step("take-off", 0, cuts[0] - 1, -0.9, 0.3),
        step("flight", cuts[0], cuts[1] - 1, 2.0, 1.1),
        step("entry", cuts[1], SAMPLES - 1, -2.1, -0.3),
    )
    difference = sum(s.contribution_points for s in steps)
    votes = tuple(
        Vote(
            exemplar=f"simulated-{4100 + i}",
            dive_number="5253B",
            difficulty=3.2,
            exemplar_mark=7.5 + 0.1 * i,
            exemplar_points=72.38 + 0.96 * i,
            step_points=(-3.6 + 0.8 * i, 3.1, difference + 4.82 - 1.76 * i),
            difference_points=difference + 4.32 - 0.96 * i,
            vote_points=76.7 + difference,
        )
        for i in range(10)
    )
    mean = float(np.mean([v.exemplar_points for v in votes]))
    probabilities = np.zeros((SAMPLES, 2))
    probabilities[cuts[0], 0], probabilities[cuts[1], 1] = 0.91, 0.84
    score = mean + difference
    return DiveAnalysis(
        source=SourceFacts(
            path=Path("dive.mp4"),
            width_px=width,
            height_px=height,
            frame_count=frame_count,
            duration_s=frame_count / rate_hz,
            frame_rate_hz=rate_hz,
            rotation_degrees=0,
            corrupt_frames=0,
            first_frame=0,
            last_frame=frame_count - 1,
            start_s=0.0,
            end_s=frame_count / rate_hz,
        ),
        dive=DiveFacts(
            dive_number="5253B",
            description="back 2½ somersaults 1½ twists pike",
            height_m=10.0,
            height_origin=Origin.GIVEN,
            difficulty=3.2,
            difficulty_origin=Origin.TABLE,
            difficulty_edition="World Aquatics 2025",
            score_factor=9.6,
        ),
        score_points=score,
        mark=score / 9.6,
        band="good",
        interval=Interval(70.1, 83.2, 0.9, "split conformal", 400),
        exemplar_mean_points=mean,
        limit_points=0.0,
        steps=steps,
        transitions=(
            transition("flight begins", cuts[0], 0.91),
            transition("entry begins", cuts[1], 0.84),
        ),
        votes=votes,
        flags=(Flag.SIMULATED_TRAINING,),
        plausibility=0.83,
        measures=MEASURES,
        observations=OBSERVATIONS,
        provenance=Provenance(
            weights_name="xs-simulated-1",
            weights_sha256="4f0c" * 16,
            training_data="2,000 simulated dives",
            simulated_training=True,
            model="xs",
            version="0.1.0",
            device="cpu",
            precision="float32",
            step_fidelity=(0.11, 0.27, 0.74),
        ),
        masks=make_masks(width, height),
        sample_frames=frames,
        sample_times_s=times,
        transition_probabilities=probabilities,
    )


def _make(video: dict | None = None, **overrides) -> DiveAnalysis:
    """Build an analysis: video=... sets the made video, other keywords replace fields.

    A dict given for a dataclass field (dive=, source=, ...) replaces that dataclass's own fields.
    """
    analysis = _analysis(**(video or {}))
    for name, value in overrides.items():
        if isinstance(value, dict):
            value = dataclasses.replace(getattr(analysis, name), **value)
        analysis = dataclasses.replace(analysis, **{name: value})
    return analysis


@pytest.fixture
def make_analysis():
    return _make


@pytest.fixture(scope="session")
def make_analysis_once():
    """The same maker for tests that draw many examples."""
    return _make


def _write_video(path: Path, width: int, height: int, times_s: list[float], sound: bool) -> Path:
    """A grey film with frames at the given times; with sound, a tone as long as the film."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream("aac", rate=8000, layout="mono") if sound else None
        for place, time_s in enumerate(times_s):
            grey = np.full((height, width, 3), 60 + place % 100, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = round(time_s * 1000), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            tone = np.sin(np.arange(int(8000 * times_s[-1])) / 5).astype(np.float32)[None]
            for start in range(0, tone.shape[1] - 1023, 1024):
                block = np.ascontiguousarray(tone[:, start : start + 1024])
                piece = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
                piece.sample_rate, piece.pts = 8000, start
                container.mux(audio.encode(piece))
            container.mux(audio.encode(None))
    return path


@pytest.fixture
def make_film(tmp_path):
    """Write a small film: width, height, frame times in seconds, with sound or without."""

    def make(
        width: int = 160, height: int = 120, times_s: list[float] | None = None, sound: bool = False
    ) -> Path:
        times_s = times_s or [place / 30 for place in range(30)]
        return _write_video(tmp_path / "dive.mp4", width, height, times_s, sound)

    return make
