"""Learning to find: the loss, a few steps, the file, and the table of what was found."""

from pathlib import Path

import pytest
import torch
from made_moments import moving_squares
from torch import Tensor

from fpcli.errors import DataError
from fpcli.model.finder import GRID_PX, Finder, FinderConfig, FinderMaps
from fpcli.training.finder import (
    FinderTrainer,
    load_moments,
    main,
    save_finder,
    stores,
)
from fpcli.training.finder_loss import finder_losses
from fpcli.training.finder_measure import as_metrics, as_table, measure_finder
from fpcli.training.finder_samples import (
    ABSENT,
    FLIGHT,
    UNSURE,
    save_scene,
    scene_path,
)
from fpcli.weights.finder_file import load_finder

TINY = FinderConfig(longer_side=64, widths=(4, 8, 8, 8, 8), blocks=(1, 1, 1, 1))


def truth_maps(centres: Tensor, stature_px: float, phase: int) -> FinderMaps:
    """Maps (1, 8, 12) that say the truth of one diver."""
    maps = FinderMaps(
        torch.full((1, 8, 12), -9.0),
        torch.zeros(1, 2, 8, 12),
        torch.full((1, 8, 12), stature_px).log(),
        torch.full((1, 3, 8, 12), -9.0),
    )
    x, y = centres[0, 0].tolist()
    row, column = int(y // GRID_PX), int(x // GRID_PX)
    maps.diver[0, row, column] = 9.0
    maps.offset[0, 0] = x / GRID_PX - torch.arange(12) - 0.5
    maps.offset[0, 1] = (y / GRID_PX - torch.arange(8) - 0.5)[:, None]
    maps.phase[:, phase] = 9.0
    return maps


CENTRES = torch.tensor([[[35.0, 21.0]]])


def test_the_truth_costs_nothing() -> None:
    maps = truth_maps(CENTRES, 20.0, FLIGHT)
    losses = finder_losses(maps, CENTRES, torch.tensor([[20.0]]), torch.tensor([[FLIGHT]]))
    assert float(losses.total) < 0.01


@pytest.mark.parametrize(
    ("stature_px", "state", "name"),
    [(40.0, FLIGHT, "stature"), (20.0, 0, "phase"), (20.0, ABSENT, "diver")],
)
def test_each_error_costs_where_it_was_made(stature_px: float, state: int, name: str) -> None:
    maps = truth_maps(CENTRES, 20.0, FLIGHT)
    losses = finder_losses(maps, CENTRES, torch.tensor([[stature_px]]), torch.tensor([[state]]))
    costs = {part: float(getattr(losses, part)) for part in ("diver", "offset", "stature", "phase")}
    assert max(costs, key=costs.__getitem__) == name
    assert costs[name] > 0.5


def test_where_a_diver_may_be_hidden_nothing_is_asked() -> None:
    maps = truth_maps(CENTRES, 20.0, FLIGHT)
    losses = finder_losses(maps, CENTRES, torch.tensor([[20.0]]), torch.tensor([[UNSURE]]))
    assert float(losses.total) < 0.01


def trained(seed: int, steps: int) -> FinderTrainer:
    torch.set_num_threads(1)
    scenes = [moving_squares("a"), moving_squares("bb")]
    torch.manual_seed(seed)
    trainer = FinderTrainer(
        stores(scenes, torch.device("cpu")), start=Finder(TINY), longer_side=96, batch=4, seed=seed
    )
    for step in range(steps):
        trainer.step(step / steps)
    return trainer


def test_the_same_seed_learns_the_same() -> None:
    first, second = trained(3, 2).finder.state_dict(), trained(3, 2).finder.state_dict()
    for name, tensor in first.items():
        torch.testing.assert_close(tensor, second[name])


def test_the_simplest_divers_are_learned() -> None:
    trainer = trained(0, 60)
    rows = {row.group: row for row in measure_finder(trainer.finder, [moving_squares("c")])}
    assert rows["flight"].divers == 8
    assert rows["flight"].among_five >= 0.75
    assert "flight, phone" in as_table(list(rows.values()))
    assert as_metrics(list(rows.values()))["flight"]["divers"] == 8
    assert "first" not in as_metrics(list(rows.values()))["board"]


def test_a_finder_comes_back_from_its_file(tmp_path: Path) -> None:
    finder = Finder(TINY).eval()
    save_finder(finder, tmp_path / "finder.safetensors", {"dives": 3})
    again = load_finder(tmp_path / "finder.safetensors")
    assert again.config == TINY
    picture = torch.randn(1, 5, 64, 64)
    torch.testing.assert_close(again(picture).diver, finder(picture).diver, atol=0.02, rtol=0)


def test_the_last_dives_are_held_out(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fewer than two"):
        load_moments(tmp_path)
    for place in range(3):
        save_scene(moving_squares(f"dive {place}"), scene_path(tmp_path, 0, place))
    learn, held_out = load_moments(tmp_path)
    assert [scene.label.key for scene in learn] == ["dive 0", "dive 1"]
    assert [scene.label.key for scene in held_out] == ["dive 2"]


def test_the_command_leaves_a_measured_finder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in range(2):
        save_scene(moving_squares(f"dive {place}"), scene_path(tmp_path, 0, place))
    out = tmp_path / "finder.safetensors"
    told = ["--pool", str(tmp_path), "--out", str(out), "--minutes", "0.001", "--batch", "2"]
    assert main([*told, "--longer-side", "96"]) == 0
    assert load_finder(out).config == FinderConfig()
    assert main([*told, "--longer-side", "96", "--go-on", str(out)]) == 0
    assert "flight, phone" in capsys.readouterr().out
