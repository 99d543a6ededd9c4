"""`train` and `evaluate` on a handful of made-up dives, with a network small enough for a test."""

import csv
import dataclasses
import json
import os
import re
import signal
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_network import TINY
from typer.testing import CliRunner, Result

from fpcli.cli import dive_sets
from fpcli.errors import DataError, ExitCode
from fpcli.model.config import CONFIGS
from fpcli.training import making, simulated
from fpcli.training.loop import Length
from fpcli.training.recipe import RECIPES
from fpcli.training.run import Dives, train
from fpcli.training.samples import (
    DiveLabel,
    DiveSample,
    Pool,
    load_pool,
    load_sample,
    sample_path,
    save_sample,
)
from fpcli.training.start_weights import StartWeights
from fpcli.training.supply import GrowingSupply, Supply
from fpcli.weights.bundle import load_bundle, sha256_of
from fpcli.weights.locate import find_weights

TINY_XS = dataclasses.replace(TINY, name="xs")


def invoke(*words: object) -> Result:
    from fpcli.cli.app import app

    return CliRunner().invoke(app, [str(word) for word in words])


def steps_of(log: Path) -> list[str]:
    with log.open() as stream:
        return [row["step"] for row in csv.DictReader(stream)]


def write_dives(folder: Path, name: str, count: int) -> Path:
    """Dives of two events, in which a bright block falls."""
    folder.mkdir()
    for place in range(count):
        lost = 1.0 + place
        label = DiveLabel(
            key=f"{name}-{place}",
            event=f"{name}-event-{place * 2 // count}",
            dive_number="107B",
            height_m=10.0,
            difficulty=3.0,
            mark=10 - lost,
            score=9 * (10 - lost),
            transitions=(28 + place, 60 - place),
            step_deductions=(0.2 * lost, 0.5 * lost, 0.3 * lost),
            simulated=True,
        )
        masks = torch.zeros(96, 112, 112, dtype=torch.uint8)
        for frame in range(96):
            masks[frame, frame : frame + 16, 40:60] = 255
        save_sample(DiveSample(label, masks[..., None].repeat(1, 1, 1, 3), masks), folder)
    return folder


@pytest.fixture(scope="module")
def dives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dives(tmp_path_factory.mktemp("data") / "dives", "made", 4)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, dives: Path) -> tuple[Path, Result, Result]:
    """A run that ran out of time at once and was then resumed: its folder and both results."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    words = ("train", "--data", dives, "-o", folder, "--steps", 1, "--name", "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
        stopped = invoke(*words, "--time-budget", "0.001s")
        finished = invoke(*words, "--resume")
    return folder, stopped, finished


def test_a_time_budget_stops_with_a_checkpoint(trained: tuple[Path, Result, Result]) -> None:
    _, stopped, _ = trained
    assert stopped.exit_code == ExitCode.OK, stopped.output
    assert "Stopped at step 0;" in stopped.stderr
    assert stopped.stdout == ""


@pytest.mark.parametrize("recipe", ["late", "anew", "masks"])
def test_late_layers_need_weights_to_go_on_from(recipe: str, dives: Path, tmp_path: Path) -> None:
    result = invoke("train", "--data", dives, "-o", tmp_path / "run", "--recipe", recipe)
    assert result.exit_code == ExitCode.USAGE
    assert f"--recipe {recipe} leaves" in result.stderr
    assert "--start-from s-simulated" in result.stderr


def test_a_resumed_run_ends_with_weights_log_and_curve(
    trained: tuple[Path, Result, Result],
) -> None:
    folder, _, finished = trained
    assert finished.exit_code == ExitCode.OK, finished.output
    assert finished.stdout.strip() == str(folder / "tiny.safetensors")
    assert re.search(r"^\d+\.\d\d clips/s, \d+\.\d% of the matrix rate$", finished.stderr, re.M)
    assert "held out: mean_absolute_error_marks" in finished.stderr
    assert steps_of(folder / "log.csv") == steps_of(folder / "validation.csv") == ["1"]
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.suffix for path in folder.iterdir()) == [
        ".csv", ".csv", ".png", ".pt", ".safetensors",
    ]  # fmt: skip


def test_weights_say_what_they_are_and_whom_they_compare_with(
    trained: tuple[Path, Result, Result],
) -> None:
    bundle = load_bundle(trained[0] / "tiny.safetensors")
    assert bundle.card.name == "tiny"
    assert bundle.card.simulated
    assert "2 simulated dives of 1 events, 2 others held out" in bundle.card.training_data
    assert bundle.card.metrics["validation"]["mean_absolute_error_marks"] >= 0
    # The held-out event sets the interval and must not vote.
    assert bundle.bank is not None
    assert bundle.bank.keys == ("made-2", "made-3")
    assert bundle.calibration is not None
    assert len(bundle.calibration.residual_marks) == 2
    assert find_weights(str(trained[0] / "tiny.safetensors")).is_file()


def test_tensorboard_is_written_where_it_is_installed_and_named_where_not(
    dives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
    words = ("train", "--data", dives, "-o", tmp_path / "run", "--steps", 2, "--tensorboard")
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    absent = invoke(*words)
    assert absent.exit_code == ExitCode.USAGE
    assert "pip install 'fineparser[tensorboard]'" in absent.stderr
    assert not (tmp_path / "run").exists()

    written: dict[str, dict[int, float]] = {}

    class Writer:
        def __init__(self, folder: str, purge_step: int | None) -> None:
            assert Path(folder) == tmp_path / "run" / "tensorboard"
            assert purge_step is None

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.setdefault(name, {})[step] = value

        def close(self) -> None:
            written["closed"] = {}

    present = types.SimpleNamespace(SummaryWriter=Writer)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", present)
    found = invoke(*words)
    assert found.exit_code == ExitCode.OK, found.output
    with (tmp_path / "run" / "log.csv").open() as stream:
        for row in csv.DictReader(stream):
            assert written["loss/mask"][int(row["step"])] == float(row["mask"])
    assert set(written["held out/mask_iou"]) == {1, 2}
    assert "closed" in written


def test_sigterm_leaves_a_streamed_run_with_a_checkpoint_from_which_it_goes_on(
    dives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dives are copied here instead of made; the first event is held out, the rest learned."""
    monkeypatch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
    monkeypatch.setattr(making, "POLL_S", 0.01)
    sample = load_sample(min(dives.iterdir()))
    small = {"frames": sample.frames[:, ::8, ::8], "masks": sample.masks[:, ::8, ::8]}

    def copy_dives(folder: Path, count: int, seed: int, **given: Any) -> int:
        folder.mkdir(parents=True, exist_ok=True)
        for place in range(count):
            key = simulated.dive_key(seed, place)
            if not sample_path(folder, key).exists():
                event = simulated.event_name(seed, place)
                known = dataclasses.replace(sample.label, key=key, event=event)
                save_sample(dataclasses.replace(sample, label=known, **small), folder)
            given["on_dive"](place + 1)
        return 0

    monkeypatch.setattr(making, "make_pool", copy_dives)
    batch, drawn = GrowingSupply.batch, iter(range(100))

    def terminated(supply: GrowingSupply, places: Sequence[int]) -> Any:
        if next(drawn) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return batch(supply, places)

    monkeypatch.setattr(GrowingSupply, "batch", terminated)
    run = tmp_path / "run"
    words = ("train", "--data", "simulated", "--stream", "--dives", 40, "-o", run, "--steps", 3)
    stopped = invoke(*words)
    assert stopped.exit_code == ExitCode.INTERRUPTED, stopped.output
    assert "Stopped at step 2; --resume goes on" in stopped.stderr
    assert (run / "checkpoint.pt").is_file()
    assert not list(run.glob("*.safetensors"))
    finished = invoke(*words, "--resume")
    assert finished.exit_code == ExitCode.OK, finished.output
    with (run / "log.csv").open() as stream:
        assert [row["step"] for row in csv.DictReader(stream)] == ["1", "2", "3"]
    assert next(drawn) == 3  # one batch a step: no step was lost or done twice
    bank = load_bundle(run / "xs-simulated.safetensors").bank
    assert bank is not None
    assert set(bank.keys) <= {simulated.dive_key(0, place) for place in range(20, 40)}


def test_a_run_is_not_overwritten(trained: tuple[Path, Result, Result], dives: Path) -> None:
    again = invoke("train", "--data", dives, "-o", trained[0], "--steps", 1)
    assert again.exit_code == ExitCode.USAGE
    assert "--resume" in again.stderr


@pytest.mark.parametrize("inside", [".", "run"], ids=["the folder itself", "one above it"])
@pytest.mark.parametrize(
    ("command", "option"), [("train", "-o"), ("evaluate", "--keep")], ids=lambda word: word
)
def test_a_file_in_a_folders_place_is_refused_before_dives_are_made(
    command: str, option: str, inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulated, "make_pool", lambda *_, **__: pytest.fail("dives were made"))
    taken = tmp_path / "notes.txt"
    taken.write_text("mine")
    result = invoke(command, "--data", "simulated", option, taken / inside)
    assert result.exit_code == ExitCode.USAGE, result.output
    assert f"{taken} is no folder." in result.stderr
    assert taken.read_text() == "mine"


def test_a_run_is_not_resumed_as_another(
    trained: tuple[Path, Result, Result], dives: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
    other = invoke("train", "--data", dives, "-o", trained[0], "--steps", 2, "--resume")
    assert other.exit_code == ExitCode.USAGE
    assert "another length" in other.stderr


def test_evaluation_is_a_table_beside_rows_without_video_and_a_judge(
    trained: tuple[Path, Result, Result], tmp_path: Path
) -> None:
    fresh = write_dives(tmp_path / "fresh", "fresh", 3)
    found = invoke(
        "evaluate", "--data", fresh, "--weights", trained[0] / "tiny.safetensors", "--json"
    )
    assert found.exit_code == ExitCode.OK, found.output
    evaluation = json.loads(found.stdout)
    assert [row["name"] for row in evaluation["rows"]] == [
        "tiny", "number's mean", "difficulty alone", "human judge",
    ]  # fmt: skip
    weights, number, difficulty, judge = evaluation["rows"]
    assert judge["measures"]["rho"] == 0.956
    assert difficulty["measures"]["rho"] is None  # all dives are equally difficult
    assert number["measures"]["aiou_0.5"] <= 1
    low, high = weights["intervals_95"]["mean_absolute_error_marks"]
    assert low <= weights["measures"]["mean_absolute_error_marks"] <= high
    assert 0 <= evaluation["interval_coverage"] <= 1
    assert evaluation["verdicts"]["aiou_0.75"]

    shown = invoke(
        "evaluate", "--data", fresh, "--weights", trained[0] / "tiny.safetensors",
        "--without-number",
    )  # fmt: skip
    assert shown.exit_code == ExitCode.OK, shown.output
    for words in (
        "ρ of scores", "mask IoU", "mask S-measure", "human judge", "number not told",
        "tiny, by group", "forward", "real footage",
    ):  # fmt: skip
        assert words in shown.stdout


def test_groups_numbers_and_intervals_are_for_machines_too(
    trained: tuple[Path, Result, Result], tmp_path: Path
) -> None:
    fresh, picture = write_dives(tmp_path / "fresh", "fresh", 3), tmp_path / "found.png"
    words = ("evaluate", "--data", fresh, "--weights", trained[0] / "tiny.safetensors")
    found = invoke(*words, "--json", "--figure", picture)
    assert found.exit_code == ExitCode.OK, found.output
    evaluation = json.loads(found.stdout)
    row = evaluation["rows"][0]["measures"]
    assert 0 <= row["mask_s_measure"] <= 1
    (forward,) = evaluation["by_group"].values()
    assert list(evaluation["by_group"]) == ["forward"]
    assert list(evaluation["by_number"]) == ["107B"]
    assert forward["dives"] == 3
    assert forward["measures"]["mean_absolute_error_marks"] == row["mean_absolute_error_marks"]
    assert "rho" not in forward["measures"]  # of three dives
    levels, shares = zip(*evaluation["interval_coverages"], strict=True)
    assert evaluation["interval_coverage"] == shares[levels.index(evaluation["interval_level"])]
    assert list(shares) == sorted(shares)
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = invoke(*words, "--figure", picture)
    assert again.exit_code == ExitCode.USAGE
    assert "--overwrite" in again.stderr


def test_a_part_left_out_is_measured_beside_the_whole(
    trained: tuple[Path, Result, Result],
    dives: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
    run = tmp_path / "run"
    words = ("train", "--data", dives, "-o", run, "--steps", 1, "--without", "static")
    left_out = invoke(*words, "--without", "masks")
    assert left_out.exit_code == ExitCode.OK, left_out.output
    weights = run / "xs-simulated-without-static-without-masks.safetensors"
    assert left_out.stdout.strip() == str(weights)
    assert "best without static without masks" in load_bundle(weights).card.recipe
    fresh = write_dives(tmp_path / "fresh", "fresh", 3)
    whole = trained[0] / "tiny.safetensors"
    found = invoke("evaluate", "--data", fresh, "--weights", whole, "--beside", weights, "--json")
    assert found.exit_code == ExitCode.OK, found.output
    evaluation = json.loads(found.stdout)
    names = [row["name"] for row in evaluation["rows"]]
    assert names[:3] == ["tiny", weights.stem, "number's mean"]
    alone = json.loads(invoke("evaluate", "--data", fresh, "--weights", weights, "--json").stdout)
    assert evaluation["rows"][1] == alone["rows"][0]
    # Other weights are no row without video, so that no verdict is about them.
    assert not any(weights.stem in verdict for verdict in evaluation["verdicts"].values())


def test_dives_that_were_trained_on_are_no_measure(
    trained: tuple[Path, Result, Result], dives: Path
) -> None:
    found = invoke("evaluate", "--data", dives, "--weights", trained[0] / "tiny.safetensors")
    assert found.exit_code == ExitCode.USAGE
    assert "trained on" in found.stderr


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_folder_that_is_not_there_is_named(command: str, tmp_path: Path) -> None:
    extra = ("-o", tmp_path / "run") if command == "train" else ()
    found = invoke(command, "--data", tmp_path / "FineDiving", *extra)
    assert found.exit_code == ExitCode.USAGE
    assert "FineDiving" in found.stderr
    assert not list(tmp_path.iterdir())


def test_help_says_which_data_can_be_read_now() -> None:
    words = " ".join(invoke("train", "--help").output.replace("│", " ").split())
    assert "DIR: FineDiving with FineDiving-HM" in words


def test_one_command_trains_and_measures_with_and_without_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
    pools = {
        "dives": load_pool(write_dives(tmp_path / "made", "made", 4)),
        "measured": load_pool(write_dives(tmp_path / "fresh", "fresh", 3)),
    }
    made = []

    def simulated_dives(folder: Path, *_: object) -> Pool:
        made.append(folder.name)
        return pools[folder.name]

    monkeypatch.setattr(dive_sets, "simulated_dives", simulated_dives)
    output = tmp_path / "ablation"
    words = ("ablate", "-o", output, "--model", "xs", "--recipe", "best", "--steps", 1)
    found = invoke(*words, "--without", "masks", "--without", "steps+marks")
    assert found.exit_code == ExitCode.OK, found.output
    rows = ["all-parts", "without-masks", "without-steps+marks"]
    assert all(name in found.stdout for name in rows)
    bundles = {name: load_bundle(output / name / f"{name}.safetensors") for name in rows}
    assert [bundle.config.target for bundle in bundles.values()] == ["mark", "mark", "points"]
    assert "best without masks from random weights" in bundles["without-masks"].card.recipe
    assert made == ["dives"] * 3 + ["measured"]
    again = invoke(*words, "--without", "masks", "--without", "steps+marks")
    assert again.stdout == found.stdout
    assert made[4:] == ["measured"]  # what is finished is kept
    other = invoke(*words[:-1], 2, "--without", "masks")
    assert other.exit_code == ExitCode.USAGE
    assert "another --steps" in other.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--without", "steps+luck"), "'steps+luck'"),
        (("--seed", 1000), "--measured-seed"),
        (("--recipe", "paper"), "FineDiving's layout"),
    ],
)
def test_an_ablation_that_cannot_be_followed_is_refused_at_once(
    words: tuple[object, ...], named: str, tmp_path: Path
) -> None:
    found = invoke("ablate", "-o", tmp_path / "ablation", *words)
    assert found.exit_code == ExitCode.USAGE
    assert named in found.stderr
    assert not (tmp_path / "ablation").exists()


@pytest.mark.parametrize("recipe", ["best", "late", "masks"])
def test_what_weights_started_from_is_told_and_measures_nothing(
    recipe: str,
    trained: tuple[Path, Result, Result],
    dives: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CONFIGS, "xs", TINY_XS)  # type: ignore[misc]
    first, run = trained[0] / "tiny.safetensors", tmp_path / "run"
    others = write_dives(tmp_path / "others", "other", 4)
    words = ("train", "--data", others, "-o", run, "--steps", 1, "--recipe", recipe)
    learned_on = invoke(*words, "--start-from", first, "--name", "later")
    assert learned_on.exit_code == ExitCode.OK, learned_on.output
    made = {path.name for path in run.glob("views*")}
    assert made == (set() if recipe == "best" else {f"views-{sha256_of(first)[:12]}-0"})
    card = load_bundle(run / "later.safetensors").card
    assert card.recipe.startswith(f"{recipe} from tiny (SHA-256 ")
    assert steps_of(run / "validation.csv") == ["0", "1"]  # what it started from is measured too
    assert card.training_data.count("2 simulated dives of 1 events") == 2
    found = invoke("evaluate", "--data", dives, "--weights", run / "later.safetensors")
    assert found.exit_code == ExitCode.USAGE
    assert "trained on (such as made-2)" in found.stderr


def test_weights_are_not_measured_on_what_they_started_from(
    trained: tuple[Path, Result, Result], dives: Path, tmp_path: Path
) -> None:
    pool = load_pool(dives)
    learned = pool.chosen([2, 3])
    start = StartWeights(bundle=trained[0] / "tiny.safetensors")
    dives_of_run = Dives(Supply(pool), learned, Supply(learned), lambda: pool)
    words = (dives_of_run, TINY_XS, RECIPES["best"], Length(1), "later")
    with pytest.raises(DataError, match="2 of the dives held out"):
        train(tmp_path / "run", *words, start=start)
    assert not (tmp_path / "run").exists()
