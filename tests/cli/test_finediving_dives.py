"""FineDiving as train and evaluate take it."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from made_data_set import MadeDataSet
from tiny_network import TINY
from typer.testing import CliRunner

from fpcli.cli.app import app
from fpcli.cli.finediving_dives import Split, finediving_dives, is_finediving
from fpcli.cli.interruption import Interrupted, Interruption
from fpcli.cli.streams import open_streams
from fpcli.data.layout import MASKS_FOLDER
from fpcli.errors import DataError, ExitCode
from fpcli.model.build import build
from fpcli.model.config import CONFIGS
from fpcli.video.transform import PUBLISHED
from fpcli.weights.bundle import load_bundle


@pytest.fixture
def made(tmp_path: Path) -> MadeDataSet:
    made = MadeDataSet(tmp_path / "data")
    for key in (("01", 1), ("01", 2), ("02", 1)):
        made.add(key)
    made.relabel(("01", 1), np.repeat([4, 25, 35], [30, 40, 30]))
    made.train, made.test = [("01", 1), ("02", 1)], [("01", 2)]
    made.write()
    return made


def pool_of(made: MadeDataSet, split: Split, interruption: Interruption | None = None):
    return finediving_dives(
        str(made.root),
        split,
        made.root.parent / "dives",
        1,
        open_streams(),
        interruption or Interruption(),
    )


def test_each_split_is_a_pool_of_its_own(
    made: MadeDataSet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert is_finediving(str(made.root))
    assert not is_finediving(str(made.root / "absent"))
    assert [label.key for label in pool_of(made, Split.TRAIN).labels] == ["01-1", "02-1"]
    heard = capsys.readouterr()
    assert "label 35 at the end where 36, entry, is meant and read: 1 clip (01/1)" in heard.err
    assert heard.out == ""
    pool = pool_of(made, Split.TEST)
    assert [label.key for label in pool.labels] == ["01-2"]
    assert pool.sample(0).frames.shape == (96, 128, 128, 3)


def test_what_is_missing_is_said_before_anything_is_converted(made: MadeDataSet) -> None:
    shutil.rmtree(made.root / MASKS_FOLDER / "02")
    with pytest.raises(DataError, match=r"no masks: 1 clip \(02/1\)"):
        pool_of(made, Split.TRAIN)
    assert not (made.root.parent / "dives").exists()


def test_a_split_without_a_clip_is_refused(made: MadeDataSet) -> None:
    made.test = []
    made.write()
    with pytest.raises(DataError, match=r"The test split of .* names no clip"):
        pool_of(made, Split.TEST)


def test_an_interruption_keeps_what_is_converted(made: MadeDataSet) -> None:
    class AfterTheFirst(Interruption):
        @property
        def wanted(self) -> bool:
            return bool(list((made.root.parent / "dives").rglob("*.safetensors")))

    with pytest.raises(Interrupted):
        pool_of(made, Split.TRAIN, AfterTheFirst())
    assert len(list((made.root.parent / "dives").rglob("*.safetensors"))) == 1


def test_two_commands_learn_from_it_and_measure(
    made: MadeDataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Train sees the training split alone, evaluate the test split alone.

    A dive number that the rules do not know stops neither, hours in.
    """
    tiny = dataclasses.replace(TINY, name="xs")
    monkeypatch.setitem(CONFIGS, "xs", tiny)  # type: ignore[misc]
    made.add(("01", 3))
    made.train.append(("01", 3))
    for key in (("02", 1), ("01", 1), ("01", 2)):
        made.short[key][0] = "9999z"
    made.write()
    run = tmp_path / "run"
    words = ("train", "--data", made.root, "-o", run, "--steps", 1, "--workers", 1)
    trained = CliRunner().invoke(app, [*map(str, words), "--device", "cpu"])
    assert trained.exit_code == 0, trained.output
    weights = run / "xs-finediving.safetensors"
    assert trained.stdout.strip() == str(weights)
    bundle = load_bundle(weights)
    assert not bundle.card.simulated
    assert bundle.bank is not None
    assert "01-2" not in bundle.bank.keys
    words = ("evaluate", "--data", made.root, "--weights", weights, "--workers", 1, "--json")
    measured = CliRunner().invoke(app, [*map(str, words), "--device", "cpu"])
    assert measured.exit_code == 0, measured.output
    found = json.loads(measured.stdout)
    assert (found["dives"], found["simulated"]) == (1, False)
    assert list(found["by_group"]) == ["unknown"]
    published = {one["method"]: one["rho"] for one in found["published_on_finediving"]}
    assert published["FineParser"] == 0.9435
    words = (*words[:-1], "--exemplars", 1, "--seed", 5, "--device", "cpu")
    drawn = CliRunner().invoke(app, [*map(str, words)])
    assert drawn.exit_code == 0, drawn.output
    assert "1 exemplars at random (seed 5)" in drawn.stdout
    assert "Uni-FineParser" in drawn.stdout


def test_the_published_recipe_sees_the_published_picture_and_says_where_it_starts(
    made: MadeDataSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = dataclasses.replace(TINY, name="paper", target="points", shared_trunk=False)
    monkeypatch.setitem(CONFIGS, "paper", tiny)  # type: ignore[misc]
    made.add(("01", 3))
    made.train.append(("01", 3))
    made.write()
    cache = tmp_path / "cache"
    (cache / "weights").mkdir(parents=True)
    monkeypatch.setenv("FINEPARSER_CACHE", str(cache))
    resnet = build(tiny).static_encoder.backbone.state_dict()
    torch.save(resnet, cache / "weights" / "resnet34-b627a593.pth")
    run = tmp_path / "run"
    words = ("train", "--data", made.root, "-o", run, "--recipe", "paper", "--steps", 1)
    trained = CliRunner().invoke(app, [*map(str, words), "--device", "cpu", "--workers", "1"])
    assert trained.exit_code == 0, trained.output
    assert "the static encoder will start from resnet34-imagenet" in trained.stderr
    assert "fineparser weights download kinetics-i3d-rgb" in trained.stderr
    bundle = load_bundle(run / "paper-finediving.safetensors")
    assert bundle.geometry == PUBLISHED
    assert bundle.config.target == "points"
    assert "paper from resnet34-imagenet, 1 steps of 32 dives" in bundle.card.recipe
    assert [path.name for path in (run / "dives").iterdir()] == ["published-128"]
    # Measured with the picture that the weights have learned from.
    kept = tmp_path / "kept"
    words = ("evaluate", "--data", made.root, "--weights", run / "paper-finediving.safetensors")
    measured = CliRunner().invoke(
        app, [*map(str, words), "--keep", str(kept), "--json", "--device", "cpu", "--workers", "1"]
    )
    assert measured.exit_code == 0, measured.output
    assert [path.name for path in kept.iterdir()] == ["published-128"]
    followed = ("evaluate", "--data", "simulated", "--weights", words[-1])
    refused = CliRunner().invoke(app, list(map(str, followed)))
    assert refused.exit_code == ExitCode.USAGE
    assert "FineDiving's layout" in refused.stderr


def test_the_published_recipe_needs_whole_pictures(tmp_path: Path) -> None:
    words = ("train", "--data", "simulated", "-o", tmp_path / "run", "--recipe", "paper")
    refused = CliRunner().invoke(app, list(map(str, words)))
    assert refused.exit_code == ExitCode.USAGE
    assert "fineparser simulate" in refused.stderr
    assert not list(tmp_path.iterdir())
