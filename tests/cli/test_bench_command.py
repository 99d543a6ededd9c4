"""`bench` prints what it ran on and both sides of every ratio."""

import json

import pytest
from typer.testing import CliRunner

from fpcli.analysis.benchmark import FastPath, Machine, NetworkBenchmark, Spread
from fpcli.analysis.benchmark_locating import LocatedApart, LocatingBenchmark
from fpcli.analysis.benchmark_video import VideoBenchmark
from fpcli.cli import bench as command
from fpcli.errors import WeightsError

NETWORK = NetworkBenchmark(
    machine=Machine("A Processor", 2, "2.0", True),
    size="paper",
    parameters=51_213_549,
    gflop=437.0,
    exemplars=10,
    vote_s=Spread((12.0, 12.5)),
    plain_encoding_s=Spread((6.0, 6.2)),
    published_score_s=125.0,
    cached_score_s=Spread((6.1, 6.3)),
    fast=(
        FastPath(
            "float32", Spread((2.0, 3.1)), Spread((2.5, 5.0)), Spread((218.0, 141.0)),
            Spread((150.0,)), 2e-6,
        ),
    ),
)  # fmt: skip
VIDEO = VideoBenchmark(
    video="dive.mp4",
    frames=105,
    size_px=(455, 256),
    weights="s-simulated",
    precision="bfloat16",
    decoding_s=Spread((0.25,)),
    scoring_s=Spread((0.5,)),
    process_s=Spread((3.0,)),
    process_peak_bytes=2**30,
    score_points={"float32": 70.0, "bfloat16": 70.04},
)
LOCATING = LocatingBenchmark(
    length_s=10.0,
    dives=3,
    locating_s=Spread((4.0, 2.5, 5.0)),
    apart=(LocatedApart(10.0, 3, 5.0, 2**29), LocatedApart(1800.0, 541, 600.0, 2**29)),
)


@pytest.fixture
def measured(monkeypatch):
    monkeypatch.setattr("fpcli.analysis.benchmark.measure_network", lambda *_, **__: NETWORK)
    monkeypatch.setattr(command, "_measure_video", lambda *_: VIDEO)
    monkeypatch.setattr(command, "_measure_locating", lambda *_: LOCATING)


def test_a_person_sees_machine_sides_and_spread(measured, capsys):
    command.bench()
    shown = capsys.readouterr().out
    for part in ("A Processor", "2 threads", "51,213,549", "125.0 s", "6.20 s (6.10 – 6.30)"):
        assert part in shown
    assert "20.2 x (19.8 – 20.5)" in shown  # (a): 125 over 6.1 and 6.3
    assert "2.50 x (2.00 – 3.00)" in shown  # (b): 6.0 / 2.0 and 6.2 / 3.1
    assert "0.040 points" in shown
    assert "1.00 GiB" in shown
    assert "2.50 (2.00 – 4.00)" in shown  # (e): 10 s of video in 4, 2.5 and 5 s
    assert shown.count("0.50 GiB") == 2


def test_half_an_hour_is_measured_only_where_that_is_asked_for(monkeypatch):
    asked = []

    def measure(*given: object) -> LocatingBenchmark:
        asked.append(given[3])
        return LOCATING

    monkeypatch.setattr("fpcli.analysis.benchmark.measure_network", lambda *_, **__: NETWORK)
    monkeypatch.setattr(command, "_measure_video", lambda *_: VIDEO)
    monkeypatch.setattr(command, "_measure_locating", measure)
    command.bench(as_json=True)
    command.bench(as_json=True, long=True)
    assert asked == [False, True]


def test_a_program_reads_one_object(measured, capsys):
    command.bench(as_json=True)
    facts = json.loads(capsys.readouterr().out)
    assert facts["schema_version"] == "1.0"
    assert facts["network"]["fast"][0]["score_ratio"]["values"] == [50.0, 25.0]
    assert facts["video"]["process_peak_bytes"] == 2**30
    assert facts["locating"]["times_real_time"]["median"] == 2.5
    assert facts["locating"]["apart"][1]["length_s"] == 1800


def test_without_bundled_weights_the_rest_is_still_measured(monkeypatch, capsys):
    def absent(name: str | None) -> None:
        raise WeightsError("The weights are not there.", "Install fineparser again.")

    monkeypatch.setattr("fpcli.analysis.benchmark.measure_network", lambda *_, **__: NETWORK)
    monkeypatch.setattr("fpcli.weights.locate.find_weights", absent)
    monkeypatch.setattr(command, "_measure_locating", lambda *_: LOCATING)
    command.bench(as_json=True)
    captured = capsys.readouterr()
    assert json.loads(captured.out)["video"] is None
    assert "not measured" in captured.err
    with pytest.raises(WeightsError):
        command.bench(weights="other")


def test_a_video_that_is_not_there_ends_with_3_before_anything_is_measured(monkeypatch):
    from fpcli.cli.app import app

    monkeypatch.setattr(command, "_measure_video", lambda *_: pytest.fail("it was measured"))
    result = CliRunner().invoke(app, ["bench", "nothing.mp4"])
    assert result.exit_code == 3
    assert "There is no file nothing.mp4" in result.stderr
