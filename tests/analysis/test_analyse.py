"""One video becomes one analysis: whole, consistent, and the same every time."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis import analyse as analyse_module
from fpcli.analysis.analyse import Analyser
from fpcli.analysis.request import AnalysisRequest
from fpcli.analysis.result import DiveAnalysis, Flag, Origin
from fpcli.diving.numbers import Group
from fpcli.errors import DiveNumberError, VideoError, WeightsError
from fpcli.weights.bundle import load_bundle, sha256_of

KNOWN = AnalysisRequest(dive_number="107b", height_m=3)


@pytest.fixture(scope="module")
def analyser(small_bundle_path: Path) -> Analyser:
    return Analyser.from_file(small_bundle_path, precision="float32")


@pytest.fixture(scope="module")
def known(analyser: Analyser, small_video: Path) -> DiveAnalysis:
    return analyser.analyse(small_video, KNOWN)


def test_score_is_the_sum_of_what_is_shown(known: DiveAnalysis):
    total = known.exemplar_mean_points
    for step in known.steps:
        total += step.contribution_points
    assert total + known.limit_points == known.score_points
    assert known.mark == pytest.approx(known.score_points / known.dive.score_factor)


def test_exemplars_of_the_dives_own_number_vote(known: DiveAnalysis):
    assert len(known.votes) == 10
    assert {vote.dive_number for vote in known.votes} == {"107B"}
    assert Flag.FEW_EXEMPLARS not in known.flags
    for vote in known.votes:
        assert vote.exemplar_points == pytest.approx(vote.exemplar_mark * 9.3)
        assert vote.vote_points == pytest.approx(vote.exemplar_points + vote.difference_points)


def test_facts_say_where_they_came_from(known: DiveAnalysis):
    dive = known.dive
    assert (dive.dive_number, dive.difficulty, dive.difficulty_origin) == ("107B", 3.1, "table")
    assert (dive.height_m, dive.height_origin) == (3, Origin.GIVEN)
    assert dive.difficulty_edition
    assert dive.score_factor == pytest.approx(9.3)


def test_same_video_gives_the_same_analysis(
    analyser: Analyser, small_video: Path, known: DiveAnalysis
):
    again = analyser.analyse(small_video, KNOWN)
    assert json.dumps(again.to_dict()) == json.dumps(known.to_dict())
    assert np.array_equal(again.masks.probabilities, known.masks.probabilities)


def test_analysis_is_complete_json(known: DiveAnalysis, small_bundle_path: Path):
    said = json.loads(json.dumps(known.to_dict(), allow_nan=False))
    assert said["provenance"]["weights_sha256"] == sha256_of(small_bundle_path)
    assert said["provenance"]["weights_name"] == "small-test"
    assert said["provenance"]["precision"] == "float32"
    assert said["source"]["frame_count"] == 40
    assert said["source"]["size_bytes"] == known.source.path.stat().st_size
    assert len(said["samples"]["frames"]) == 96
    assert Flag.SIMULATED_TRAINING in said["flags"]
    assert Flag.TRIMMED in said["flags"]
    assert Flag.WHOLE_CLIP not in said["flags"]


def test_the_way_flown_lies_where_the_diver_is(known: DiveAnalysis):
    """The video's diver rises, then falls, before a camera that stands still."""
    way = known.track
    assert way is not None
    assert (way.times_s == known.sample_times_s).all()
    middle_s = float(way.moments_s[len(way.moments_s) // 2])
    _, places = way.covered(middle_s)
    sample = int(np.argmin(np.abs(known.sample_times_s - middle_s)))
    x0, y0, x1, y1 = known.masks.windows_px[sample]
    assert x0 < places[-1][0] < x1
    assert y0 < places[-1][1] < y1
    _, (first, *_, last) = way.covered(float(way.moments_s[-1]))
    assert last[1] > first[1] > places[:, 1].min()


def test_unknown_number_takes_the_nearest_and_says_so(analyser: Analyser, small_video: Path):
    analysis = analyser.analyse(small_video, AnalysisRequest())
    assert analysis.dive.dive_number is None
    assert {Flag.NUMBER_UNKNOWN, Flag.DIFFICULTY_ASSUMED} <= set(analysis.flags)
    voting = np.mean([vote.difficulty for vote in analysis.votes])
    assert analysis.dive.difficulty == pytest.approx(voting)
    assert analysis.dive.difficulty_origin is Origin.ASSUMED


def test_height_is_assumed_to_be_the_exemplars(analyser: Analyser, small_video: Path):
    analysis = analyser.analyse(small_video, AnalysisRequest(dive_number="5253B"))
    assert (analysis.dive.height_m, analysis.dive.height_origin) == (10.0, Origin.ASSUMED)
    assert analysis.dive.difficulty == 3.2
    assert Flag.HEIGHT_ASSUMED in analysis.flags


def test_given_difficulty_overrides_the_table(analyser: Analyser, small_video: Path):
    request = dataclasses.replace(KNOWN, difficulty=2.0, synchro=True)
    analysis = analyser.analyse(small_video, request)
    assert (analysis.dive.difficulty, analysis.dive.difficulty_origin) == (2.0, Origin.GIVEN)
    assert analysis.dive.difficulty_edition is None
    assert analysis.dive.synchro
    assert analysis.track is None
    assert analysis.votes[0].exemplar_points == pytest.approx(analysis.votes[0].exemplar_mark * 6)


def test_part_of_a_video_is_scored_alone(analyser: Analyser, small_video: Path):
    request = dataclasses.replace(KNOWN, start_s=0.16, end_s=1.4)
    analysis = analyser.analyse(small_video, request)
    assert (analysis.source.first_frame, analysis.source.last_frame) == (4, 35)
    assert analysis.steps[0].start_s == pytest.approx(0.16)
    assert analysis.steps[2].end_s == pytest.approx(1.44)
    assert Flag.TRIMMED not in analysis.flags


def test_stages_are_told_in_order(analyser: Analyser, small_video: Path):
    stages: list[str] = []
    analyser.analyse(small_video, KNOWN, stages.append)
    assert stages == ["reading", "encoding", "comparing", "explaining"]


def test_impossible_dive_is_refused_before_the_video_is_read(analyser: Analyser, tmp_path: Path):
    with pytest.raises(DiveNumberError):
        analyser.analyse(tmp_path / "absent.mp4", AnalysisRequest(dive_number="999Z"))
    with pytest.raises(DiveNumberError, match="platform"):
        analyser.analyse(tmp_path / "absent.mp4", AnalysisRequest("614B", height_m=3))
    with pytest.raises(VideoError):
        analyser.analyse(tmp_path / "absent.mp4", KNOWN)


def test_weights_without_exemplars_cannot_score(small_bundle_path: Path):
    bundle = dataclasses.replace(load_bundle(small_bundle_path), bank=None)
    with pytest.raises(WeightsError, match="no exemplars"):
        Analyser(bundle, weights_sha256="0" * 64)


def test_clip_under_the_threshold_is_flagged(small_bundle_path: Path, small_video: Path):
    bundle = load_bundle(small_bundle_path)
    assert bundle.calibration is not None
    for threshold, flagged in ((1.1, True), (0.0, False)):
        calibration = dataclasses.replace(bundle.calibration, plausibility_threshold=threshold)
        changed = dataclasses.replace(bundle, calibration=calibration)
        analysis = Analyser(changed, weights_sha256="").analyse(small_video, KNOWN)
        assert (Flag.UNLIKE_TRAINING in analysis.flags) is flagged
        assert analysis.plausibility is not None


def test_the_interval_is_of_the_dives_group_where_its_number_is_told(
    small_bundle_path: Path, small_video: Path, known: DiveAnalysis
):
    """Of the calibration's 60 dives the nearest are forward; of the others there are too few."""
    bundle = load_bundle(small_bundle_path)
    assert bundle.calibration is not None
    groups = (Group.FORWARD,) * 52 + (Group.TWISTING,) * 8
    calibration = dataclasses.replace(bundle.calibration, groups=groups)
    changed = dataclasses.replace(bundle, calibration=calibration)
    analyser = Analyser(changed, weights_sha256="", precision="float32")
    forward, twisting, unknown = (
        analyser.analyse(small_video, AnalysisRequest(number)).interval
        for number in ("107B", "5253B", None)
    )
    assert (forward.method, forward.calibration_dives) == ("split conformal on forward dives", 52)
    for other in (twisting, unknown):
        assert other.method.startswith("split conformal on dives of all groups")
        assert other.calibration_dives == 60
    before = known.interval  # of weights that kept no groups
    assert (before.method, before.calibration_dives) == ("split conformal", 60)
    assert forward.high_points - forward.low_points < before.high_points - before.low_points


def test_score_beyond_the_rules_is_limited_and_flagged(small_bundle_path: Path, small_video: Path):
    bundle = load_bundle(small_bundle_path)
    state = {
        name: tensor * 1e5 if "regressor" in name else tensor
        for name, tensor in bundle.state.items()
    }
    weird = dataclasses.replace(bundle, state=state)
    analysis = Analyser(weird, weights_sha256="").analyse(small_video, KNOWN)
    total = analysis.exemplar_mean_points
    for step in analysis.steps:
        total += step.contribution_points
    assert total + analysis.limit_points == analysis.score_points
    assert 0 <= analysis.score_points <= 93.0 + 1e-9
    assert analysis.limit_points != 0
    assert Flag.SCORE_LIMITED in analysis.flags


def test_the_stamp_is_of_the_file_that_was_read(
    analyser: Analyser, small_video: Path, tmp_path: Path
):
    video = tmp_path / "dive.mp4"
    shutil.copy(small_video, video)
    size_bytes = video.stat().st_size

    def replace_it(stage: str) -> None:
        if stage == "comparing":  # after it was read
            video.write_bytes(b"another file")

    analysis = analyser.analyse(video, KNOWN, replace_it)
    assert analysis.source.size_bytes == size_bytes


@pytest.mark.parametrize("how", ["replaced", "gone"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    analyser: Analyser, small_video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
):
    video = tmp_path / "dive.mp4"
    shutil.copy(small_video, video)
    read = analyse_module.read_dive

    def read_and_replace(*asked: object):
        dive = read(*asked)  # type: ignore[arg-type]
        video.unlink()
        if how == "replaced":
            video.write_bytes(small_video.read_bytes() + b"more")
        return dive

    monkeypatch.setattr(analyse_module, "read_dive", read_and_replace)
    with pytest.raises(VideoError, match="changed or replaced while it was read"):
        analyser.analyse(video, KNOWN)
