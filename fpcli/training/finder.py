"""The finder's training: film simulated dives, learn from their moments, measure, write a file.

python -m fpcli.training.finder --pool DIR --out finder.safetensors --dives 1500 --minutes 8
"""

import argparse
import copy
import json
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from fpcli.errors import DataError
from fpcli.model.finder import COARSEST_PX, Finder
from fpcli.training.finder_augment import FinderBatch, FinderChange, prepared
from fpcli.training.finder_loss import FinderLosses, finder_losses
from fpcli.training.finder_measure import as_metrics, as_table, measure_finder
from fpcli.training.finder_samples import (
    ABSENT,
    LONG_SIDE,
    MOST_DIVERS,
    SHORT_SIDE,
    SUFFIX,
    TENSORS,
    SceneMoments,
    load_scene,
    make_moments,
)
from fpcli.weights.finder_file import METADATA_KEY, load_finder
from fpcli.weights.part_file import written_whole

PEAK_RATE, FINAL_SHARE, WARMING = 3e-3, 0.01, 0.03  # of the learning rate; share of the run
DECAY = 1e-4
LONGEST_GRADIENT = 10.0
MEMORY = 0.998  # of the averaged weights, a step
HELD_OUT = 0.1  # of the dives
SAVE_EVERY_S = 30.0


@dataclass(frozen=True, eq=False)
class MomentStore:
    """Moments of one orientation on a device, as `SceneMoments` but of all dives."""

    pictures: Tensor
    homographies: Tensor
    centres: Tensor
    statures_px: Tensor
    states: Tensor

    @staticmethod
    def of(scenes: Sequence[SceneMoments], device: torch.device) -> "MomentStore":
        """Lay the moments of scenes, whose pictures have one shape, together."""
        return MomentStore(
            pictures=torch.cat([scene.pictures for scene in scenes]).to(device),
            homographies=torch.cat([scene.homographies for scene in scenes]).to(device),
            centres=_of_both([scene.centres for scene in scenes], 0.0).to(device),
            statures_px=_of_both([scene.statures_px for scene in scenes], 1.0).to(device),
            states=_of_both([scene.states for scene in scenes], ABSENT).to(device),
        )

    def __len__(self) -> int:
        """Return the number of moments."""
        return len(self.states)

    def batch(
        self, places: Tensor, canvas: tuple[int, int], change: FinderChange, rng: torch.Generator
    ) -> FinderBatch:
        """Some of the moments, changed as `prepared` does."""
        chosen = (getattr(self, name)[places] for name in TENSORS)
        return prepared(*chosen, canvas=canvas, change=change, rng=rng)


def _of_both(parts: Sequence[Tensor], nobody: float) -> Tensor:
    """(K, D, ...) parts in one, with `nobody` in the second diver's place where there is one."""
    shape = (sum(len(part) for part in parts), MOST_DIVERS, *parts[0].shape[2:])
    joined = torch.full(shape, nobody, dtype=parts[0].dtype)
    first = 0
    for part in parts:
        joined[first : first + len(part), : part.shape[1]] = part
        first += len(part)
    return joined


def stores(scenes: Sequence[SceneMoments], device: torch.device) -> list[MomentStore]:
    """The moments by orientation."""
    shapes = sorted({scene.pictures.shape[2:] for scene in scenes})
    groups = [[scene for scene in scenes if scene.pictures.shape[2:] == s] for s in shapes]
    return [MomentStore.of(group, device) for group in groups]


class FinderTrainer:
    """A finder that learns from stored moments.

    start: what is known already; it is not changed. longer_side: of the canvas that pictures are
    cropped to. seed: of everything random.
    """

    def __init__(
        self,
        moments: Sequence[MomentStore],
        *,
        start: Finder,
        longer_side: int = LONG_SIDE,
        batch: int = 64,
        seed: int = 0,
        change: FinderChange | None = None,
    ) -> None:
        self._moments, self._batch, self._longer = moments, batch, longer_side
        self._change = change or FinderChange()
        self._device = moments[0].pictures.device
        self._rng = torch.Generator(self._device).manual_seed(seed)
        self._turns = torch.Generator().manual_seed(seed)
        learner = copy.deepcopy(start).to(self._device)
        self.finder: Finder = learner.to(memory_format=torch.channels_last)
        self.averaged: Finder = copy.deepcopy(self.finder).requires_grad_(False).eval()
        self._optimizer = torch.optim.AdamW(
            self.finder.parameters(), lr=PEAK_RATE, weight_decay=DECAY
        )
        self.steps = 0

    def step(self, progress: float) -> FinderLosses:
        """Learn from one batch. progress: share of the run that is done, which sets the rate."""
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(progress)
        sizes = torch.tensor([float(len(store)) for store in self._moments])
        store = self._moments[int(torch.multinomial(sizes, 1, generator=self._turns))]
        places = torch.randint(len(store), (self._batch,), generator=self._rng, device=self._device)
        seen = store.batch(places, self._canvas(store), self._change, self._rng)
        self.finder.train()
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            maps = self.finder(seen.pictures)
        losses = finder_losses(maps, seen.centres, seen.statures_px, seen.states)
        self._optimizer.zero_grad(set_to_none=True)
        losses.total.backward()
        nn.utils.clip_grad_norm_(self.finder.parameters(), LONGEST_GRADIENT)
        self._optimizer.step()
        self.steps += 1
        self._average()
        return losses

    def _canvas(self, store: MomentStore) -> tuple[int, int]:
        shorter = math.ceil(self._longer * SHORT_SIDE / LONG_SIDE / COARSEST_PX) * COARSEST_PX
        height, width = store.pictures.shape[2:]
        return (shorter, self._longer) if width > height else (self._longer, shorter)

    @torch.no_grad()
    def _average(self) -> None:
        memory = min(MEMORY, (1 + self.steps) / (10 + self.steps))
        mine, averaged = self.finder.state_dict(), self.averaged.state_dict()
        for name, tensor in averaged.items():
            if tensor.is_floating_point():
                tensor.lerp_(mine[name], 1 - memory)
            else:
                tensor.copy_(mine[name])


def learning_rate(progress: float) -> float:
    """Rise quickly, then fall along a cosine."""
    if progress < WARMING:
        return PEAK_RATE * max(progress / WARMING, FINAL_SHARE)
    fallen = (1 + math.cos(math.pi * min((progress - WARMING) / (1 - WARMING), 1.0))) / 2
    return PEAK_RATE * (FINAL_SHARE + (1 - FINAL_SHARE) * fallen)


def save_finder(finder: Finder, path: Path, facts: dict[str, object]) -> None:
    """Write a finder, in float16 but for its batch norms, with its configuration and facts.

    The file appears complete or not at all. Raises OSError.
    """
    tensors = {
        name: (tensor.half() if tensor.ndim > 1 else tensor).cpu().contiguous()
        for name, tensor in finder.state_dict().items()
    }
    described = json.dumps({"config": finder.config.to_dict(), **facts}, sort_keys=True)
    with written_whole(path) as stream:
        stream.write(safetensors.torch.save(tensors, {METADATA_KEY: described}))


def load_moments(folder: Path) -> tuple[list[SceneMoments], list[SceneMoments]]:
    """Read a pool: what to learn from, and the last dives of it, which are held out.

    Raises DataError where there are too few dives, or one is damaged.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if len(paths) < 2:
        raise DataError(f"{str(folder)!r} holds fewer than two dives.", "Make more: --dives.")
    scenes = [load_scene(path) for path in paths]
    held_out = max(round(HELD_OUT * len(scenes)), 1)
    return scenes[:-held_out], scenes[-held_out:]


def train_finder(
    start: Finder,
    learn: Sequence[SceneMoments],
    out: Path,
    *,
    minutes: float,
    device: torch.device,
    longer_side: int,
    batch: int,
    seed: int,
    say: Callable[[str], None],
) -> Finder:
    """Train for so long, writing the averaged finder every half minute and at the end."""
    trainer = FinderTrainer(
        stores(learn, device), start=start, longer_side=longer_side, batch=batch, seed=seed
    )
    began, saved = time.monotonic(), time.monotonic()
    progress = 0.0
    while progress < 1:
        losses = trainer.step(progress)
        now = time.monotonic()
        progress = (now - began) / (60 * minutes)
        if now - saved >= SAVE_EVERY_S:
            saved = now
            save_finder(trainer.averaged, out, {"steps": trainer.steps, "dives": len(learn)})
            say(
                f"{progress:4.0%} step {trainer.steps}: diver {losses.diver:.3f}"
                f" offset {losses.offset:.3f} stature {losses.stature:.3f}"
                f" phase {losses.phase:.3f}"
            )
    say(f"{trainer.steps} steps")
    return trainer.averaged


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pool, train, measure, write; returns the exit code."""
    parser = argparse.ArgumentParser("python -m fpcli.training.finder", description=__doc__)
    parser.add_argument("--pool", type=Path, required=True, help="folder of filmed dives")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    parser.add_argument("--dives", type=int, default=0, help="film so many dives first")
    parser.add_argument("--making-minutes", type=float, default=math.inf, help="at most")
    parser.add_argument("--minutes", type=float, default=8.0, help="of training")
    parser.add_argument("--go-on", type=Path, help="a finder to go on from")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--draw-on", default="cpu", help="device that films")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--longer-side", type=int, default=LONG_SIDE, help="of training crops")
    given = parser.parse_args(arguments)
    began = time.monotonic()

    def say(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:6.1f} s  {line}\n")

    def told(present: int) -> None:
        if present % 50 == 0:
            say(f"{present} dives")

    if given.dives:
        make_moments(
            given.pool,
            given.dives,
            given.seed,
            workers=given.workers,
            device=given.draw_on,
            until=lambda: time.monotonic() - began >= 60 * given.making_minutes,
            on_scene=told,
        )
    learn, held_out = load_moments(given.pool)
    say(f"{len(learn)} dives to learn from, {len(held_out)} held out")
    device = torch.device(given.device)
    torch.manual_seed(given.seed)
    finder = train_finder(
        load_finder(given.go_on) if given.go_on else Finder(),
        learn,
        given.out,
        minutes=given.minutes,
        device=device,
        longer_side=given.longer_side,
        batch=given.batch,
        seed=given.seed,
        say=say,
    )
    rows = measure_finder(finder, held_out, device)
    save_finder(finder, given.out, {"dives": len(learn), "measured": as_metrics(rows)})
    sys.stdout.write(as_table(rows) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
