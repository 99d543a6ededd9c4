"""`fineparser train`: dives in, weights out, however often it is interrupted."""

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import dive_sets, options
from fpcli.cli.interruption import Interrupted, Interruption, seconds_of
from fpcli.cli.streams import Streams, open_streams
from fpcli.errors import ExitCode, OutputError
from fpcli.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from fpcli.training.loop import StepLog
    from fpcli.training.run import RunOutcome
    from fpcli.training.samples import Pool
    from fpcli.weights.bundle import Card

EXAMPLES = (
    "fineparser train --data simulated -o run --dives 300 --steps 400",
    "fineparser train --data simulated -o run --dives 300 --steps 400 --resume --time-budget 50m",
    "fineparser train --data run/dives --model s -o another --steps 1000 --device cuda",
)
DIVES_FOLDER = "dives"
LINE_EVERY_STEPS = 20
LINE_EVERY_S = 60.0


class RecipeName(StrEnum):
    """Ways of training."""

    BEST = "best"


Dives = Annotated[
    int,
    typer.Option(
        "--dives",
        min=40,
        help="How many dives to make, 20 an event (--data simulated).",
        rich_help_panel=options.INPUT,
    ),
]
Model = Annotated[
    options.SizeName,
    typer.Option("--model", help="Size of the network.", rich_help_panel=options.MODEL),
]
RecipeOption = Annotated[
    RecipeName,
    typer.Option("--recipe", help="Way of training.", rich_help_panel=options.MODEL),
]
Steps = Annotated[
    int,
    typer.Option("--steps", min=1, help="Batches to learn from.", rich_help_panel=options.MODEL),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        help="Of everything random: the dives and the training.",
        rich_help_panel=options.MODEL,
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--name",
        help="Name of the weights.",
        show_default="MODEL-simulated",
        rich_help_panel=options.OUTPUT,
    ),
]
RunFolder = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="RUN_DIR",
        help="Folder of the run: log, learning curve, checkpoint, made dives, weights.",
        rich_help_panel=options.OUTPUT,
        show_default=False,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on where RUN_DIR's checkpoint left off.",
        rich_help_panel=options.OUTPUT,
    ),
]
TimeBudget = Annotated[
    str | None,
    typer.Option(
        "--time-budget",
        metavar="TIME",
        help="Stop with a checkpoint after this long: 90s, 9m, 2h.",
        rich_help_panel=options.RUNTIME,
    ),
]


def train(
    data: dive_sets.Data,
    output: RunFolder,
    dives: Dives = 300,
    model: Model = options.SizeName.XS,
    recipe: RecipeOption = RecipeName.BEST,
    steps: Steps = 400,
    seed: Seed = 0,
    name: Name = None,
    resume: Resume = False,
    time_budget: TimeBudget = None,
    workers: dive_sets.Workers = None,
    device: options.Device = options.DEFAULT_DEVICE,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train a network on dives, and write its weights with exemplars, interval and measures.

    Whole events, a seventh of the dives, are held out to measure on and to set the interval.
    Ctrl-C, SIGTERM and --time-budget stop with a checkpoint; --resume goes on from it exactly as
    if never interrupted (on the same machine, with the same number of threads).
    """
    streams = open_streams(quiet=quiet, verbose=verbose)
    interruption = Interruption(None if time_budget is None else seconds_of(time_budget))
    from fpcli.model.config import CONFIGS
    from fpcli.model.device import describe_device, resolve_device
    from fpcli.training.recipe import RECIPES
    from fpcli.training.run import CHECKPOINT, RunOptions
    from fpcli.training.run import train as train_in
    from fpcli.video.transform import CENTRE

    place = resolve_device(device)
    if (output / CHECKPOINT).exists() and not resume:
        raise OutputError(
            f"{printable(output)} holds a run already.",
            "Add --resume to go on with it, or choose another folder.",
        )
    with interruption.listening():
        try:
            if data == dive_sets.SIMULATED:
                pool = dive_sets.simulated_dives(
                    output / DIVES_FOLDER, dives, seed, workers, streams, interruption
                )
            else:
                pool = dive_sets.stored_dives(data)
        except Interrupted:
            streams.note("Stopped while dives were made; go on with the same command.")
        else:
            streams.note(f"{model.value} on {describe_device(place)}, {len(pool)} dives")
            with streams.progress() as progress:
                teller = _Teller(streams, progress.add_task("training", total=steps), progress)
                outcome = train_in(
                    output,
                    pool,
                    CONFIGS[model.value],
                    CENTRE,
                    RECIPES[recipe.value],
                    RunOptions(steps=steps, seed=seed),
                    _card(name or f"{model.value}-simulated", pool, recipe.value, steps),
                    device=place,
                    resume=resume,
                    stop=lambda: interruption.wanted,
                    on_step=teller.step,
                    on_finish=teller.finish,
                )
            _say_outcome(outcome, steps, teller.clips_per_s, output, streams)
    if interruption.signalled:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _card(name: str, pool: "Pool", recipe: str, steps: int) -> "Card":
    """Describe the weights that a run will make."""
    from fpcli.weights.bundle import Card

    simulated = all(label.simulated for label in pool.labels)
    events = len({label.event for label in pool.labels})
    kind = "simulated dives" if simulated else "dives"
    return Card(
        name=name,
        training_data=f"{len(pool)} {kind} of {events} events, one in seven held out",
        simulated=simulated,
        licence="MIT",
        origin="fineparser train",
        recipe=f"{recipe}, {steps} steps",
    )


class _Teller:
    """Shows the steps of a run: a moving bar where somebody watches, else a line now and then."""

    def __init__(self, streams: Streams, task: "TaskID", progress: "Progress") -> None:
        self._streams, self._task, self._progress = streams, task, progress
        self._last_line_s = float("-inf")
        self._clips, self._seconds = 0, 0.0

    @property
    def clips_per_s(self) -> float:
        """Clips learned from in a second, over all the steps of this process."""
        return self._clips / self._seconds if self._seconds else 0.0

    def step(self, log: "StepLog") -> None:
        """Tell one step."""
        self._clips += log.clips
        self._seconds += log.seconds
        losses = (
            f"loss {log.total:.3f} (marks {log.delta:.3f}, steps {log.step_delta:.3f}, "
            f"transitions {log.transition:.3f}, mask {log.mask:.3f})"
        )
        self._progress.update(self._task, completed=log.step, description=losses)
        due = time.monotonic() - self._last_line_s >= LINE_EVERY_S
        if not self._streams.shows_progress and (due or log.step % LINE_EVERY_STEPS == 0):
            self._last_line_s = time.monotonic()
            self._streams.note(f"step {log.step}: {losses}, {self.clips_per_s:.2f} clips/s")

    def finish(self) -> None:
        """Tell that the steps are done."""
        self._progress.update(self._task, description="encoding exemplars, measuring")
        self._streams.note("All steps are done; encoding exemplars and measuring.")


def _say_outcome(
    outcome: "RunOutcome", steps: int, clips_per_s: float, output: Path, streams: Streams
) -> None:
    """Tell how far the run came, and what the held-out dives say."""
    if clips_per_s:
        streams.note(f"{clips_per_s:.2f} clips/s")
    if outcome.bundle is None:
        streams.note(
            f"Stopped at step {outcome.step} of {steps}; --resume goes on in {printable(output)}."
        )
        return
    for measure, value in outcome.metrics.items():
        streams.note(f"held out: {measure} {value:.4g}")
    streams.data(str(outcome.bundle))
