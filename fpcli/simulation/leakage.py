"""Does anything but the dive tell its mark? `python -m fpcli.simulation.leakage`.

Two regressors see everything of a clip except the diver and what the diver does to the water:
the scene's own numbers (camera, place, light, colours, people, captions, the cut's margins) and a
thumbnail of the empty picture. All clips show one dive from one height, so that the number tells
nothing either. If a mark can be predicted from that, the simulator leaks.
"""

import argparse
import sys
from dataclasses import dataclass, fields, is_dataclass, replace

import numpy as np
import torch

from fpcli.simulation.camera import KINDS
from fpcli.simulation.render import render
from fpcli.simulation.take import Take, prepare

FOLDS = 5
SHUFFLES = 400
CHANCE_QUANTILE = 0.99
RIDGE_SHARE = 1.0  # of the features' number
NEIGHBOURS = 15
THUMBNAIL = (9, 16)  # height, width
LONG = 64  # tensors with more numbers than this are seen in the thumbnail instead


@dataclass(frozen=True)
class Leakage:
    """How well regressors predict marks from what is not the dive.

    correlation: rank correlation of cross-validated predictions with the marks, by regressor.
    chance: the CHANCE_QUANTILE of the same with shuffled marks.
    """

    clips: int
    features: int
    correlation: dict[str, float]
    chance: dict[str, float]

    @property
    def found(self) -> bool:
        """Whether any regressor does better than chance."""
        return any(self.correlation[name] > self.chance[name] for name in self.correlation)


def measure_leakage(
    clips: int, seed: int = 0, number: str = "407C", height_m: float = 3.0
) -> Leakage:
    """Simulate clips of one dive and try to predict their marks without seeing the diver."""
    rows, marks = [], []
    for index in range(clips):
        take = prepare(seed + index, number=number, height_m=height_m, synchro=False)
        rows.append(scene_features(take))
        marks.append(take.truth.mark)
    return predictability(np.array(rows), np.array(marks), seed)


def predictability(rows: np.ndarray, marks: np.ndarray, seed: int = 0) -> Leakage:
    """How well rows (N, F) predict marks (N,), against shuffled marks."""
    rng = np.random.default_rng(seed)
    spread = rows.std(axis=0)
    rows = (rows - rows.mean(axis=0))[:, spread > 1e-9] / spread[spread > 1e-9]
    order = rng.permutation(len(rows))
    smoothers = {"ridge": _ridge, "neighbours": _neighbours}
    found, chance = {}, {}
    shuffled = np.stack([rng.permutation(marks) for _ in range(SHUFFLES)], axis=1)
    for name, smoother in smoothers.items():
        predict = np.zeros((len(rows), len(rows)))
        for held_out in np.array_split(order, FOLDS):
            known = np.setdiff1d(order, held_out)
            predict[np.ix_(held_out, known)] = smoother(rows[known], rows[held_out])
        found[name] = float(_rank_correlation(predict @ marks[:, None], marks[:, None])[0])
        by_chance = _rank_correlation(predict @ shuffled, shuffled)
        chance[name] = float(np.quantile(by_chance, CHANCE_QUANTILE))
    return Leakage(len(rows), rows.shape[1], found, chance)


def scene_features(take: Take) -> np.ndarray:
    """All that a clip shows without the diver, as numbers, always as many."""
    scene = take.scene
    venue = replace(scene.venue, ropes=None)
    parts = (scene.camera, venue, scene.looks, scene.development)
    values = [number for part in parts for number in _numbers(part)]
    values += [float(scene.venue.ropes is None)]
    values += [float(scene.camera.kind == kind) for kind in KINDS]
    values += [float(scene.looks[0].outfit == outfit) for outfit in ("briefs", "trunks")]
    values += [*scene.furniture.board_albedo, len(scene.furniture.boxes), len(scene.furniture.rods)]
    values += [len(scene.bystanders), len(scene.graphics.boxes), scene.graphics.until]
    values += [take.position_s - take.start_s, take.end_s - take.opened_s]
    dry = replace(take.motions[0], splash=0.0)
    # The camera follows the diver: it is the cut's first picture that tells least of the dive.
    empty = render((dry,), scene, size=THUMBNAIL, times_s=np.array([take.start_s]), divers=False)
    return np.concatenate((np.array(values, float), empty.frames.ravel() / 255.0))


def _numbers(thing: object) -> list[float]:
    """Every number in a dataclass, and in those inside it."""
    if isinstance(thing, bool | int | float):
        return [float(thing)]
    if isinstance(thing, torch.Tensor):
        return thing.flatten().tolist() if thing.numel() <= LONG else [float(thing.mean())]
    if isinstance(thing, tuple):
        return [number for part in thing for number in _numbers(part)]
    if is_dataclass(thing):
        return [n for field in fields(thing) for n in _numbers(getattr(thing, field.name))]
    return []


def _ridge(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """(A, K) weights of known marks in the predictions for asked rows."""
    kernel = known @ known.T + RIDGE_SHARE * known.shape[1] * np.eye(len(known))
    centre = np.eye(len(known)) - 1 / len(known)
    weights: np.ndarray = asked @ known.T @ np.linalg.solve(kernel, centre) + 1 / len(known)
    return weights


def _neighbours(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    apart = ((asked[:, None] - known[None]) ** 2).sum(axis=2)
    weights = np.zeros(apart.shape)
    nearest = np.argsort(apart, axis=1)[:, :NEIGHBOURS]
    np.put_along_axis(weights, nearest, 1 / NEIGHBOURS, axis=1)
    return weights


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each column (N, S) with the other's, (S,)."""

    def ranks(values: np.ndarray) -> np.ndarray:
        placed: np.ndarray = values.argsort(axis=0, kind="stable").argsort(axis=0).astype(float)
        return (placed - placed.mean(axis=0)) / placed.std(axis=0)

    correlation: np.ndarray = (ranks(first) * ranks(second)).mean(axis=0)
    return correlation


def main() -> int:
    """Print the check; 1 if marks leak."""
    parser = argparse.ArgumentParser(description="Look for marks that the scene gives away.")
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--number", default="407C")
    parser.add_argument("--height", type=float, default=3.0)
    options = parser.parse_args()
    result = measure_leakage(options.clips, options.seed, options.number, options.height)
    for name, value in result.correlation.items():
        sys.stdout.write(
            f"{name}: rank correlation {value:+.3f}, chance stays below {result.chance[name]:+.3f}"
            f" ({result.clips} clips, {result.features} features)\n"
        )
    return int(result.found)


if __name__ == "__main__":
    sys.exit(main())
