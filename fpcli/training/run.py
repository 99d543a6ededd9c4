"""One training run in a folder: log, learning curve, checkpoint, and the bundle at the end."""

import csv
import dataclasses
import datetime
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fpcli import __version__
from fpcli.errors import DataError
from fpcli.model.config import ModelConfig
from fpcli.model.device import describe_device
from fpcli.model.memory import keep_freed_memory
from fpcli.training.board import BOARD, Board
from fpcli.training.curve import draw_curve
from fpcli.training.finish import finish
from fpcli.training.halfway import HalfwaySupply
from fpcli.training.loop import Length, StepLog, Trainer
from fpcli.training.processes import Processes
from fpcli.training.recipe import Recipe
from fpcli.training.samples import Pool, load_pool
from fpcli.training.start_weights import EARLIER, FRESH, StartWeights
from fpcli.training.strategy import strategy_of
from fpcli.training.supply import GrowingSupply, Supply
from fpcli.training.validation import Validation, validate
from fpcli.weights.bundle import Card, save_bundle

CHECKPOINT = "checkpoint.pt"
LOG = "log.csv"
VALIDATION_LOG = "validation.csv"
SAVE_EVERY_S = 60.0
VALIDATIONS = 12  # in a run
CURVE = "curve.png"
NOWHERE = Path(os.devnull)


@dataclass(frozen=True, eq=False)
class Dives:
    """What a run learns from and what it is measured on.

    learn: where batches come from. held_out: whole events that are never learned from. measured:
    where the held-out dives come from while the run goes on. exemplars: asked, when the learning
    is over, for the dives that may become the bundle's exemplars.
    """

    learn: Supply
    held_out: Pool
    measured: Supply
    exemplars: Callable[[], Pool]

    @staticmethod
    def of_pool(pool: Pool, held_out: float, device: torch.device | str) -> "Dives":
        """A finished pool, with about that share held out."""
        learn, rest = pool.split(held_out)
        return Dives(Supply(learn, device), rest, Supply(rest, device), lambda: learn)

    @staticmethod
    def of_views(pool: Pool, folder: Path, held_out: float, device: torch.device | str) -> "Dives":
        """A finished pool whose views lie in a folder (`make_halfway`)."""
        learn, rest = pool.split(held_out)
        return Dives(
            HalfwaySupply(learn, folder, device),
            rest,
            HalfwaySupply(rest, folder, device),
            lambda: learn,
        )

    @staticmethod
    def still_made(folder: Path, held_out: Pool, device: torch.device | str) -> "Dives":
        """A folder that is still being filled; the dives held out are there already."""
        without = {label.key for label in held_out.labels}

        def learned() -> Pool:
            pool = load_pool(folder)
            return pool.chosen(
                [place for place, label in enumerate(pool.labels) if label.key not in without]
            )

        learn = GrowingSupply(folder, sorted(without), device)
        return Dives(learn, held_out, Supply(held_out, device), learned)


@dataclass(frozen=True)
class RunOutcome:
    """How far a run came. bundle: None until all steps are done. metrics: on held-out dives."""

    step: int
    bundle: Path | None
    metrics: Mapping[str, float]


def train(
    folder: Path,
    dives: Dives,
    config: ModelConfig,
    recipe: Recipe,
    length: Length,
    name: str,
    *,
    seed: int = 0,
    device: torch.device | str = "cpu",
    resume: bool = False,
    start: StartWeights = FRESH,
    processes: Processes | None = None,
    tensorboard: bool = False,
    stop: Callable[[], bool] = lambda: False,
    on_step: Callable[[StepLog], None] = lambda log: None,
    on_validation: Callable[[Validation], None] = lambda found: None,
    on_finish: Callable[[], None] = lambda: None,
) -> RunOutcome:
    """Train, or go on training, in a folder; the bundle is written when the last step is done.

    name: of the weights. start: what a new run starts from. processes: this one alone if None; of
    several the first one measures and writes. tensorboard: write event files too. stop: asked
    before each step; a checkpoint is written when it says so. The bundle holds the averaged
    weights that did best on the held-out dives, which are measured now and then, and before the
    first step where it starts from a bundle. Where no dive tells how long it lasts, and the weights
    to start from do not know either, the network does not read it. on_finish: told when the last
    step is done and the bundle is being made. Raises DataError when a checkpoint cannot be written
    or belongs to another run, and where the weights to start from have learned from dives that are
    held out.
    """
    if known := set(start.dives) & {label.key for label in dives.held_out.labels}:
        raise DataError(
            f"{len(known)} of the dives held out (such as {min(known)}) were learned from by the "
            "weights to start from.",
            "Train on others: --data simulated with another --seed.",
        )
    keep_freed_memory()
    team = processes or Processes()
    trainer = Trainer(
        config=_reading_what_is_told(config, dives.learn, start),
        recipe=recipe,
        supply=dives.learn,
        length=length,
        seed=seed,
        device=device,
        start_from=start.load_into,
        processes=team,
    )
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    if resume and checkpoint.exists():
        trainer.resume(checkpoint)
    logs = (folder / LOG, folder / VALIDATION_LOG) if team.first else (NOWHERE, NOWHERE)
    with (
        _Log(logs[0], _columns(StepLog), trainer.step) as log,
        _Log(logs[1], ["step", *_columns(Validation)], trainer.step) as measured,
        Board(folder / BOARD, trainer.step)
        if tensorboard and team.first
        else nullcontext() as board,
    ):
        saved_s, validated = time.monotonic(), int(trainer.done * VALIDATIONS)

        def measure(step: int) -> None:
            found = validate(trainer.averaged, dives.measured, trainer.geometry)
            trainer.keep_best(found.loss)
            measured.write({"step": step} | dataclasses.asdict(found))
            on_validation(found)
            if board is not None:
                board.validation(step, found)

        def after_step(entry: StepLog) -> None:
            nonlocal saved_s, validated
            log.write(dataclasses.asdict(entry))
            on_step(entry)
            if board is not None:
                board.step(entry)
            if int(trainer.done * VALIDATIONS) > validated:
                validated = int(trainer.done * VALIDATIONS)
                if team.first:
                    measure(entry.step)
            if team.most(time.monotonic() - saved_s) >= SAVE_EVERY_S:
                saved_s = time.monotonic()
                trainer.save(checkpoint)

        if start.bundle is not None and trainer.step == 0 and team.first:
            measure(0)  # learning must beat what it starts from
        trainer.run(until=lambda: team.most(stop()) > 0, on_step=after_step)
    trainer.save(checkpoint)
    if not team.first:
        return RunOutcome(trainer.step, None, {})
    draw_curve(folder / LOG, folder / CURVE)
    if trainer.done < 1:
        return RunOutcome(trainer.step, None, {})
    on_finish()
    if trainer.best is not None:
        trainer.averaged.load_state_dict(trainer.best[1])
    exemplars = dives.exemplars()
    minutes = trainer.spent_s / 60
    card = _card(
        name,
        exemplars,
        dives.held_out,
        f"{recipe.name} from {start.words}, {trainer.step} steps of "
        f"{recipe.dives_per_batch * recipe.accumulation} dives in {minutes:.0f} minutes of "
        f"learning on {describe_device(torch.device(device))}, seed {seed}",
    )
    if start.training_data:
        before = f"{card.training_data}; before that {start.training_data}"
        card = dataclasses.replace(card, training_data=before)
    bundle = finish(
        trainer.averaged, trainer.geometry, exemplars, dives.held_out, card, device=device
    )
    if start.dives:
        metrics = dict(bundle.card.metrics) | {EARLIER: start.dives}
        bundle = dataclasses.replace(bundle, card=dataclasses.replace(bundle.card, metrics=metrics))
    path = folder / f"{name}.safetensors"
    save_bundle(bundle, path, strategy_of(recipe).storage)
    return RunOutcome(trainer.step, path, bundle.card.metrics["validation"])


def _reading_what_is_told(config: ModelConfig, learn: Supply, start: StartWeights) -> ModelConfig:
    """A network that reads durations only where it can learn, or has learned, what they mean.

    FineDiving's clips do not tell theirs: what was never learned would be read in use all the same.
    """
    learn.grow(most=None)
    told = any(label.duration_s is not None for label in learn.labels)
    if told or start.reads_duration:
        return config
    return dataclasses.replace(config, reads_duration=False)


def _card(name: str, learned: Pool, held_out: Pool, recipe: str) -> Card:
    """What the weights are and where they come from; the measures are added when they are known."""
    simulated = all(label.simulated for label in (*learned.labels, *held_out.labels))
    kind = "simulated dives" if simulated else "dives"
    events = len({label.event for label in learned.labels})
    return Card(
        name=name,
        training_data=f"{len(learned)} {kind} of {events} events, {len(held_out)} others held out",
        simulated=simulated,
        licence="MIT",
        origin="fineparser train",
        recipe=recipe,
        metrics={},
        created=datetime.datetime.now(datetime.UTC).date().isoformat(),
        version=__version__,
    )


def _columns(row: type[StepLog] | type[Validation]) -> list[str]:
    return [field.name for field in dataclasses.fields(row)]


class _Log:
    """A CSV log; going on from a step drops the rows that lie after it."""

    def __init__(self, path: Path, columns: Sequence[str], step: int) -> None:
        rows: list[dict[str, str]] = []
        if step and path.exists():
            with path.open(newline="") as stream:
                rows = [row for row in csv.DictReader(stream) if int(row["step"]) <= step]
        self._stream = path.open("w", newline="")
        self._writer = csv.DictWriter(self._stream, columns)
        self._writer.writeheader()
        self._writer.writerows(rows)

    def write(self, row: Mapping[str, Any]) -> None:
        self._writer.writerow(row)
        self._stream.flush()

    def __enter__(self) -> "_Log":
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()
