"""The benchmark measures what it says; how fast anything is, is nobody's test."""

import json
import sys

import pytest
import torch

from fpcli.analysis.benchmark import (
    Spread,
    count_gflop,
    largest_error,
    measure_network,
    ratios,
)
from fpcli.analysis.benchmark_video import make_video, measure_video
from fpcli.errors import FineParserError
from fpcli.model.config import CONFIGS
from fpcli.model.features import DiveFeatures, Encoding
from fpcli.video.read import read_clip

COMMAND = [sys.executable, "-c", "pass"]


def silent(stage: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def network_benchmark():
    return measure_network("xs", exemplars=2, repeats=1, on_stage=silent)


def test_both_sides_of_every_ratio_are_kept(network_benchmark):
    facts = json.loads(json.dumps(network_benchmark.to_dict()))
    assert len(facts["vote_s"]["values"]) == facts["exemplars"] == 2
    assert facts["published_score_s"] == pytest.approx(sum(facts["vote_s"]["values"]))
    for path in facts["fast"]:
        paired = zip(facts["plain_encoding_s"]["values"], path["encoding_s"]["values"], strict=True)
        assert path["encoding_ratio"]["values"] == pytest.approx([a / b for a, b in paired])
        score_s = path["score_s"]["values"]
        assert path["score_ratio"]["values"] == pytest.approx(
            [facts["published_score_s"] / seconds for seconds in score_s]
        )


def test_the_fast_network_is_held_to_the_plain_one(network_benchmark):
    errors = {path.precision: path.error for path in network_benchmark.fast}
    assert errors["float32"] < 1e-3


def test_arithmetic_is_counted_not_assumed():
    assert count_gflop(CONFIGS["paper"]) == pytest.approx(437, abs=1)


def test_ratios_pair_runs_that_alternated():
    assert ratios(Spread((4.0, 9.0)), Spread((2.0, 3.0))).values == (2.0, 3.0)
    assert ratios(Spread((12.0,)), Spread((2.0, 3.0))).values == (6.0, 4.0)


def test_the_largest_error_is_relative_to_its_own_output():
    def encoding(scale: float, shift: float) -> Encoding:
        features = DiveFeatures(*(torch.ones(1, 2) * scale for _ in range(3)))
        return Encoding(features, torch.ones(1, 2) + shift)

    assert largest_error(encoding(1.0, 0.0), encoding(1.0, 0.0)) == 0
    assert largest_error(encoding(110.0, 0.0), encoding(100.0, 0.0)) == pytest.approx(0.1)
    assert largest_error(encoding(1.0, 0.5), encoding(1.0, 0.0)) == pytest.approx(0.5)


def test_a_video_is_read_and_scored(tmp_path, small_bundle_path):
    video = tmp_path / "made.mp4"
    make_video(video)
    assert read_clip(video).info.frame_count == 105
    reading = measure_video(video, small_bundle_path, command=COMMAND, repeats=1, on_stage=silent)
    assert reading.frames == 105
    assert reading.score_shift_points == pytest.approx(
        abs(reading.score_points["float32"] - reading.score_points["bfloat16"])
    )
    assert reading.to_dict()["weights"] == "small-test"


def test_a_command_that_fails_is_no_measurement(tmp_path, small_bundle_path):
    failing = "import sys; sys.exit('in talk\\nError: no luck.\\nTry again.')"
    with pytest.raises(FineParserError, match=r"failed: no luck\.") as caught:
        measure_video(
            tmp_path,
            small_bundle_path,
            command=[sys.executable, "-c", failing],
            repeats=1,
            on_stage=silent,
        )
    assert sys.executable in caught.value.hint
