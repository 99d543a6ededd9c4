"""A scored video becomes an exemplar of a coach's own."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch

from fpcli.analysis.analyse import Analyser, OnStage
from fpcli.analysis.exemplar_height import (
    HeightReason,
    PossibleHeights,
    SettledHeight,
    possible_heights,
)
from fpcli.analysis.file_stamp import require_unchanged
from fpcli.analysis.listed_videos import LONGEST_NAME, StartListError, is_there, places_of
from fpcli.analysis.measures import confirmed_board
from fpcli.analysis.own_exemplars import OwnExemplar, video_hash
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import Flag, Measure
from fpcli.analysis.start_list import Problem, Row, read_start_list
from fpcli.diving.difficulty import difficulty
from fpcli.diving.marks import execution_mark
from fpcli.diving.numbers import DiveNumber, TakeOff, parse
from fpcli.errors import UsageError, VideoError
from fpcli.text import shorten


@dataclass(frozen=True)
class ScoredVideo:
    """A video and all that an exemplar needs to be told.

    line: of the list that names it. request: with dive number and panel_points; without a height
    the points, and else the flight, are to tell it. Raises UsageError where one is missing, or
    where no panel can give these points; DiveNumberError for a dive that is none.
    """

    path: Path
    key: str
    request: AnalysisRequest
    line: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be compared with."""
        asked = self.request
        known = {"dive number": asked.dive_number, "score": asked.panel_points}
        if missing := [name for name, value in known.items() if value is None]:
            raise UsageError(
                f"An exemplar needs its {' and '.join(missing)}.",
                "Give --dive and --score, or the columns dive and score.",
            )
        if not self.key.strip():
            raise UsageError("An exemplar needs a name.", "Give one with --key.")
        for value in self.heights.difficulties.values():
            execution_mark(self.score_points, value)

    @property
    def score_points(self) -> float:
        """Points that the panel gave."""
        assert self.request.panel_points is not None
        return self.request.panel_points

    @property
    def number(self) -> DiveNumber:
        """What was dived."""
        return parse(self.request.dive_number or "")

    @property
    def heights(self) -> PossibleHeights:
        """The height that was given, or those that the dive's points leave."""
        asked = self.request
        if asked.height_m is None:
            return possible_heights(self.number, asked.difficulty, self.score_points)
        value = asked.difficulty
        if value is None:
            value = difficulty(self.number, asked.height_m).value
        return PossibleHeights(self.number, {asked.height_m: value}, HeightReason.GIVEN)


@dataclass(frozen=True, eq=False)
class EncodedExemplar:
    """An exemplar, from where it was dived and why that was taken.

    board: height of the board or platform as the flight tells it, if it does.
    """

    exemplar: OwnExemplar
    height: SettledHeight
    board: Measure


def read_scored_videos(path: Path) -> list[ScoredVideo]:
    """Read a list of scored videos: file, dive and score, and height, key, dd if given.

    Raises UsageError for a file that is no list, StartListError with every row that is wrong.
    """
    read = read_start_list(path)
    problems = list(read.problems)
    videos: dict[str, ScoredVideo] = {}
    unreadable = {problem.line for problem in problems}
    for row in read.rows:
        if row.line in unreadable:
            continue
        try:
            video = _scored(row, path.parent)
            if videos.setdefault(video.key, video) is not video:
                raise UsageError(f"{video.key} is named twice; a column key gives other names.")
        except UsageError as error:
            problems.append(Problem(row.line, str(error)))
    if problems:
        raise StartListError(path, problems)
    return list(videos.values())


def _scored(row: Row, folder: Path) -> ScoredVideo:
    place = next((place for place in places_of(row.file, folder) if is_there(place)), None)
    if place is None:
        raise UsageError(f"There is no video {shorten(row.file, LONGEST_NAME)}.")
    return ScoredVideo(place, row.key or place.stem, row.request(AnalysisRequest()), row.line)


def encode_exemplar(
    analyser: Analyser, video: ScoredVideo, on_stage: OnStage | None = None
) -> EncodedExemplar:
    """Encode a scored video.

    Raises as `Analyser.analyse`, VideoError where it holds several dives: the score is of one; and
    UsageError where nothing tells its height.
    """
    encoded = analyser.encode(video.path, video.request, on_stage)
    if Flag.SEVERAL_DIVES in encoded.dive.flags and not video.request.force:
        raise VideoError(
            f"{video.path.name} holds several dives, and the score is of one.",
            "Say which with --start and --end (in a list: from_seconds and to_seconds).",
        )
    armstand = video.number.take_off is TakeOff.ARMSTAND
    flight, entry = encoded.transitions
    board = confirmed_board(encoded.dive, (flight.time_s, entry.time_s), armstand=armstand)
    height = video.heights.settled(board)
    made_by = analyser.provenance()
    video_sha256 = video_hash(video.path)
    require_unchanged(video.path, encoded.stamp)
    exemplar = OwnExemplar(
        key=video.key,
        path=str(video.path.resolve()),
        video_sha256=video_sha256,
        size_bytes=encoded.stamp.size_bytes,
        dive_number=video.number.text,
        height_m=height.height_m,
        difficulty=height.difficulty,
        score_points=video.score_points,
        mark=execution_mark(video.score_points, height.difficulty),
        start_s=video.request.start_s,
        end_s=video.request.end_s,
        weights_name=made_by.weights_name,
        weights_sha256=made_by.weights_sha256,
        added=datetime.now(UTC).date().isoformat(),
        features=encoded.features.to("cpu", torch.float32),
    )
    return EncodedExemplar(exemplar, height, board)
