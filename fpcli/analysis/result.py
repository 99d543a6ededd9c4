"""The analysis of one dive: the one artefact that every report reads.

Frames are named by their place in the source (from 0, decodable frames in presentation order),
times are seconds of the source, scores are points, marks are 0 to 10.
"""

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from fpcli.analysis.flight_track import FlightTrack

SCHEMA_VERSION = "1.2"
APART_POINTS = 0.05  # two dives less apart in a step are level there: people are shown tenths


class Origin(StrEnum):
    """Where a fact about the dive came from."""

    GIVEN = "given"
    START_LIST = "start list"
    TABLE = "table"
    FORMULA = "formula"
    ASSUMED = "assumed"


class Flag(StrEnum):
    """What a reader must know before trusting a number."""

    SIMULATED_TRAINING = "simulated_training"
    NUMBER_UNKNOWN = "number_unknown"
    HEIGHT_ASSUMED = "height_assumed"
    HEIGHT_DOUBTED = "height_doubted"
    DIFFICULTY_ASSUMED = "difficulty_assumed"
    FEW_EXEMPLARS = "few_exemplars"
    WHOLE_CLIP = "whole_clip"
    CORRUPT_FRAMES = "corrupt_frames"
    UNLIKE_TRAINING = "unlike_training"
    SCORE_LIMITED = "score_limited"
    TRIMMED = "trimmed_automatically"
    NO_DIVE_FOUND = "no_dive_found"
    SEVERAL_DIVES = "several_dives"
    SLOW_MOTION = "slow_motion"
    REPLAY = "replay"
    CUT_SHORT = "cut_short"
    OWN_EXEMPLARS = "own_exemplars"


@dataclass(frozen=True)
class SourceFacts:
    """The video: upright size, decodable frames, seconds, and the part that was scored.

    size_bytes, modified_unix_s: of the file, to tell whether it is still the same one; of a folder
    of pictures their sum and the latest.
    """

    path: Path
    width_px: int
    height_px: int
    frame_count: int
    duration_s: float
    frame_rate_hz: float
    rotation_degrees: int
    corrupt_frames: int
    first_frame: int
    last_frame: int
    start_s: float
    end_s: float
    size_bytes: int = 0
    modified_unix_s: float = 0.0


@dataclass(frozen=True)
class DiveFacts:
    """What is dived, and where each fact came from; None where it is not known.

    score_factor: points that one point of mean mark is worth, 3 x difficulty. synchro: two divers.
    diver, panel_points: who dived and what the panel gave, where a start list says so.
    """

    dive_number: str | None
    description: str | None
    height_m: float | None
    height_origin: Origin | None
    difficulty: float
    difficulty_origin: Origin
    difficulty_edition: str | None
    score_factor: float
    synchro: bool = False
    diver: str | None = None
    panel_points: float | None = None


@dataclass(frozen=True)
class Transition:
    """A boundary between two steps: the first frame of the later one.

    sample: its place among the 96 sampled frames. probability: 0 to 1, of that frame.
    """

    name: str
    sample: int
    frame: int
    time_s: float
    probability: float


@dataclass(frozen=True)
class StepContribution:
    """A step of the dive and what it added to the exemplars' mean, in points.

    contribution_points is the sum of the two streams'.
    """

    name: str
    first_frame: int
    last_frame: int
    start_s: float
    end_s: float
    dynamic_points: float
    static_points: float

    @property
    def contribution_points(self) -> float:
        """Points that the step won or lost against the exemplars."""
        return self.dynamic_points + self.static_points


@dataclass(frozen=True)
class Vote:
    """An exemplar's vote: its own result carried to this dive's difficulty, plus the difference.

    step_points: what the dive has over the exemplar in each of the three steps; added from left to
    right they are difference_points.
    """

    exemplar: str
    dive_number: str
    difficulty: float
    exemplar_mark: float
    exemplar_points: float
    step_points: tuple[float, ...]
    difference_points: float
    vote_points: float


@dataclass(frozen=True)
class StepNeighbour:
    """An exemplar that is nearest to the dive in one step; a voter itself.

    difference_points: what the dive has over it there; below 0 where the exemplar is the better.
    """

    exemplar: str
    difference_points: float


@dataclass(frozen=True)
class StepNeighbours:
    """The nearest better and the nearest worse exemplar in a step; None where no voter is one."""

    better: StepNeighbour | None
    worse: StepNeighbour | None


@dataclass(frozen=True)
class Interval:
    """Points between which the score lies with the stated level, on data like the calibration's."""

    low_points: float
    high_points: float
    level: float
    method: str
    calibration_dives: int


class Missing(StrEnum):
    """Why a measure is left out."""

    NO_DIVE = "no_dive"
    TWO_DIVERS = "two_divers"
    SLOW_MOTION = "slow_motion"
    OUT_OF_PICTURE = "out_of_picture"
    HEIGHT_GIVEN = "height_given"
    HEIGHT_DOUBTED = "height_doubted"
    IMPRECISE = "imprecise"
    BODY_UNCLEAR = "body_unclear"
    SPLASH_UNSEEN = "splash_unseen"


@dataclass(frozen=True)
class Measure:
    """A quantity measured in the picture, or why it is not.

    low, high: ends of the interval at the measures' level; no high where the picture only tells a
    least value. frame, time_s: of the source, where it was seen.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    frame: int | None = None
    time_s: float | None = None
    missing: Missing | None = None


@dataclass(frozen=True)
class DiveMeasures:
    """What the track and the masks tell of a dive, by itself: no part of the score.

    level: share of measures like these inside their interval, on simulated dives.
    time_in_air_s: from take-off to the touch of the water. rise_m: of the body's middle above its
    place at take-off. board_m: height above the water, where none was told or the flight denies it.
    distance_m: that the body travels out from take-off to touch; the least, as the camera may look
    along the flight. somersaults_per_s: while the position is held. entry_angle_deg: of the body's
    line in the picture off its vertical at the touch, past it positive, short of it negative.
    splash_statures: height of the splash.
    """

    level: float
    time_in_air_s: Measure
    rise_m: Measure
    board_m: Measure
    distance_m: Measure
    somersaults_per_s: Measure
    entry_angle_deg: Measure
    splash_statures: Measure

    @property
    def by_name(self) -> dict[str, Measure]:
        """The measures under their names, in the order of the dive."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name != "level"
        }


class Seen(StrEnum):
    """What can be observed of a dive."""

    SHORT_OF_VERTICAL = "short_of_vertical"
    PAST_VERTICAL = "past_vertical"
    SPLASH = "splash"
    TRAVEL = "travel"


@dataclass(frozen=True)
class Observation:
    """Something seen, clearly beyond its measure's uncertainty; no judge's call.

    measure: the name of the one that it rests on and whose numbers it repeats.
    """

    seen: Seen
    measure: str
    value: float
    low: float
    high: float | None
    frame: int
    time_s: float


@dataclass(frozen=True, eq=False)
class MaskTrack:
    """The diver in each of the 96 sampled frames.

    probabilities: (96, h, w) float32, on the network's picture. boxes_px: (96, 4) float32 x0, y0,
    x1, y1 in pixels of the upright source, NaN where nobody was found. area_fraction: (96,) share
    of the network's picture. windows_px: (96, 4) the part of the upright source that the network's
    picture shows, x0, y0, x1, y1 (may reach beyond the source where the picture was padded).
    """

    probabilities: np.ndarray = field(repr=False)
    boxes_px: np.ndarray = field(repr=False)
    area_fraction: np.ndarray = field(repr=False)
    windows_px: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Provenance:
    """What made the analysis.

    exemplars_from: "bundled" (with the weights), "mine" (a coach's own) or "both".
    own_exemplars_sha256: of the own ones that could vote; None where none could. geometry: name of
    how pictures were cut for the network. request_sha256: of all that was asked. step_fidelity: how
    far the points of take-off, flight and entry rank dives as their true deductions do, Spearman's
    ρ on dives held back from the training; None where that was not measured.
    """

    weights_name: str
    weights_sha256: str
    training_data: str
    simulated_training: bool
    model: str
    version: str
    device: str
    precision: str
    exemplars_from: str = "bundled"
    own_exemplars_sha256: str | None = None
    geometry: str = "follow"
    request_sha256: str = ""
    step_fidelity: tuple[float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class DiveAnalysis:
    """A scored and explained dive.

    score_points = exemplar_mean_points + the steps' contribution_points + limit_points, exactly.
    limit_points is 0 unless the sum left the range that the rules allow.
    mark: execution mark, score / (3 x difficulty), with its band in the words of the rules.
    sample_frames, sample_times_s: (96,) the sampled frames' places and times in the source.
    transition_probabilities: (96, 2). track: of the one diver that was followed, in the sampled
    pictures; None where nobody was, or two dive.
    """

    source: SourceFacts
    dive: DiveFacts
    score_points: float
    mark: float
    band: str
    interval: Interval
    exemplar_mean_points: float
    limit_points: float
    steps: tuple[StepContribution, StepContribution, StepContribution]
    transitions: tuple[Transition, Transition]
    votes: tuple[Vote, ...]
    flags: tuple[Flag, ...]
    plausibility: float | None
    measures: DiveMeasures
    observations: tuple[Observation, ...]
    provenance: Provenance
    masks: MaskTrack = field(repr=False)
    sample_frames: np.ndarray = field(repr=False)
    sample_times_s: np.ndarray = field(repr=False)
    transition_probabilities: np.ndarray = field(repr=False)
    track: FlightTrack | None = field(default=None, repr=False)

    @property
    def neighbours(self) -> tuple[StepNeighbours, StepNeighbours, StepNeighbours]:
        """The exemplars nearest to the dive in take-off, flight and entry, of those that voted."""
        takeoff, flight, entry = (_neighbours(self.votes, step) for step in range(3))
        return takeoff, flight, entry

    def to_dict(self) -> dict[str, Any]:
        """Plain containers for JSON: unrounded numbers, units in the keys, no mask pictures."""
        steps = [
            dataclasses.asdict(step)
            | {"contribution_points": step.contribution_points}
            | {f"nearest_{side}": near for side, near in dataclasses.asdict(nearest).items()}
            for step, nearest in zip(self.steps, self.neighbours, strict=True)
        ]
        boxes = [None if np.isnan(box).any() else box.tolist() for box in self.masks.boxes_px]
        return {
            "schema_version": SCHEMA_VERSION,
            "source": dataclasses.asdict(self.source) | {"path": str(self.source.path)},
            "dive": dataclasses.asdict(self.dive),
            "score_points": self.score_points,
            "mark": self.mark,
            "band": self.band,
            "interval": dataclasses.asdict(self.interval),
            "exemplar_mean_points": self.exemplar_mean_points,
            "limit_points": self.limit_points,
            "steps": steps,
            "transitions": [dataclasses.asdict(transition) for transition in self.transitions],
            "votes": [dataclasses.asdict(vote) for vote in self.votes],
            "flags": list(self.flags),
            "plausibility": self.plausibility,
            "measures": dataclasses.asdict(self.measures),
            "observations": [dataclasses.asdict(seen) for seen in self.observations],
            "provenance": dataclasses.asdict(self.provenance),
            "samples": {
                "frames": self.sample_frames.tolist(),
                "times_s": self.sample_times_s.tolist(),
                "transition_probabilities": self.transition_probabilities.tolist(),
                "mask_area_fraction": self.masks.area_fraction.tolist(),
                "boxes_px": boxes,
            },
        }


def _neighbours(votes: tuple[Vote, ...], step: int) -> StepNeighbours:
    """Return the voters that the dive is a little worse and a little better than in a step."""
    found = [StepNeighbour(vote.exemplar, vote.step_points[step]) for vote in votes]
    better = [near for near in found if near.difference_points <= -APART_POINTS]
    worse = [near for near in found if near.difference_points >= APART_POINTS]
    return StepNeighbours(
        better=max(better, key=lambda near: near.difference_points, default=None),
        worse=min(worse, key=lambda near: near.difference_points, default=None),
    )
