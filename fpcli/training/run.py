"""One training run in a folder: log, learning curve, checkpoint, and the bundle at the end."""

import csv
import dataclasses
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from fpcli import __version__
from fpcli.model.config import ModelConfig
from fpcli.model.memory import keep_freed_memory
from fpcli.training.curve import draw_curve
from fpcli.training.finish import finish
from fpcli.training.loop import StepLog, Trainer
from fpcli.training.recipe import Recipe
from fpcli.training.samples import Pool
from fpcli.video.transform import InputGeometry
from fpcli.weights.bundle import Card, save_bundle

CHECKPOINT = "checkpoint.pt"
LOG = "log.csv"
CURVE = "curve.png"


@dataclass(frozen=True)
class RunOptions:
    """What a run is told.

    steps: in all. seed: of the run. validation_share: of the dives, whole events. save_every:
    steps between checkpoints.
    """

    steps: int
    seed: int = 0
    validation_share: float = 0.15
    save_every: int = 20


@dataclass(frozen=True)
class RunOutcome:
    """How far a run came. bundle: None until all steps are done. metrics: on validation dives."""

    step: int
    bundle: Path | None
    metrics: Mapping[str, float]


def train(
    folder: Path,
    pool: Pool,
    config: ModelConfig,
    geometry: InputGeometry,
    recipe: Recipe,
    options: RunOptions,
    card: Card,
    *,
    device: torch.device | str = "cpu",
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[StepLog], None] = lambda log: None,
    on_finish: Callable[[], None] = lambda: None,
) -> RunOutcome:
    """Train, or go on training, in a folder; the bundle is written when the last step is done.

    stop: asked before each step; a checkpoint is written when it says so. on_finish: told when the
    last step is done and the bundle is being made. Raises DataError when a checkpoint cannot be
    written or belongs to another run.
    """
    keep_freed_memory()
    learn, held_out = pool.split(options.validation_share)
    trainer = Trainer(
        config=config,
        geometry=geometry,
        recipe=recipe,
        pool=learn,
        steps=options.steps,
        seed=options.seed,
        device=device,
    )
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    if resume and checkpoint.exists():
        trainer.resume(checkpoint)
    with _Log(folder / LOG, trainer.step) as log:

        def after_step(entry: StepLog) -> None:
            log.write(entry)
            on_step(entry)
            if entry.step % options.save_every == 0:
                trainer.save(checkpoint)

        trainer.run(until=stop, on_step=after_step)
    trainer.save(checkpoint)
    draw_curve(folder / LOG, folder / CURVE)
    if trainer.step < options.steps:
        return RunOutcome(trainer.step, None, {})
    on_finish()
    bundle = finish(trainer.averaged, geometry, learn, held_out, _dated(card), device=device)
    path = folder / f"{card.name}.safetensors"
    save_bundle(bundle, path, half=True)
    return RunOutcome(trainer.step, path, bundle.card.metrics["validation"])


def _dated(card: Card) -> Card:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return dataclasses.replace(card, created=today, version=__version__)


class _Log:
    """The CSV log; going on from a step drops the rows that lie after it."""

    def __init__(self, path: Path, step: int) -> None:
        columns = [field.name for field in dataclasses.fields(StepLog)]
        rows: list[dict[str, str]] = []
        if step and path.exists():
            with path.open(newline="") as stream:
                rows = [row for row in csv.DictReader(stream) if int(row["step"]) <= step]
        self._stream = path.open("w", newline="")
        self._writer = csv.DictWriter(self._stream, columns)
        self._writer.writeheader()
        self._writer.writerows(rows)

    def write(self, entry: StepLog) -> None:
        self._writer.writerow(dataclasses.asdict(entry))
        self._stream.flush()

    def __enter__(self) -> "_Log":
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
