"""`fineparser train`: dives in, weights out, however often it is interrupted."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import dive_sets, options
from fpcli.cli.finediving_dives import is_finediving
from fpcli.cli.interruption import Interrupted, Interruption, seconds_of
from fpcli.cli.streams import open_streams
from fpcli.cli.targets import require_folder
from fpcli.cli.train_run import DIVES_FOLDER, Run, known_dives, learn
from fpcli.errors import ExitCode, OutputError, UsageError
from fpcli.text import printable
from fpcli.training.parts import Part

if TYPE_CHECKING:
    from fpcli.training.loop import Length
    from fpcli.training.run import RunOutcome

EXAMPLES = (
    "fineparser train --data simulated -o run --dives 300 --steps 400",
    "fineparser train --data simulated -o run --dives 8000 --stream --learn-for 20m",
    "fineparser train --data FineDiving -o run --recipe paper --device cuda",
)


class RecipeName(StrEnum):
    """Ways of training."""

    BEST = "best"
    BEST_GPU = "best-gpu"
    LATE = "late"
    ANEW = "anew"
    MASKS = "masks"
    PAPER = "paper"


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
    options.SizeName | None,
    typer.Option(
        "--model",
        help="Size of the network.",
        show_default="xs; paper for --recipe paper",
        rich_help_panel=options.MODEL,
    ),
]
RecipeOption = Annotated[
    RecipeName,
    typer.Option(
        "--recipe",
        help="Way of training: ours; late, which goes on from other weights and teaches the "
        "layers after the trunks alone, anew, which does so from chance, or masks, which teaches "
        "the sharpening of masks alone; or FineParser as published (needs data in FineDiving's "
        "layout).",
        rich_help_panel=options.MODEL,
    ),
]
StartFrom = Annotated[
    str | None,
    typer.Option(
        "--start-from",
        metavar="NAME_OR_PATH",
        help="Learn on from weights of the same size instead of random ones.",
        rich_help_panel=options.MODEL,
        show_default=False,
    ),
]
Without = Annotated[
    list[Part] | None,
    typer.Option(
        "--without",
        help="Leave a part out of the recipe, to measure what it is worth. May be repeated.",
        rich_help_panel=options.MODEL,
        show_default=False,
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        "--steps",
        min=1,
        help="Batches to learn from.",
        show_default="400; 400 epochs for --recipe paper",
        rich_help_panel=options.MODEL,
    ),
]
LearnFor = Annotated[
    str | None,
    typer.Option(
        "--learn-for",
        metavar="TIME",
        help="Learn for so long instead of so many steps: 20m, 2h. Not repeated bit for bit.",
        rich_help_panel=options.MODEL,
    ),
]
Stream = Annotated[
    bool,
    typer.Option(
        "--stream",
        help="Learn while dives are still being made; all are kept in the device's memory, 6 MB "
        "each (--data simulated). Not repeated bit for bit.",
        rich_help_panel=options.INPUT,
    ),
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
TensorBoard = Annotated[
    bool,
    typer.Option(
        "--tensorboard",
        help="Write event files for TensorBoard too: pip install 'fineparser\\[tensorboard]'.",
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
    stream: Stream = False,
    model: Model = None,
    recipe: RecipeOption = RecipeName.BEST,
    without: Without = None,
    start_from: StartFrom = None,
    steps: Steps = None,
    learn_for: LearnFor = None,
    seed: Seed = 0,
    name: Name = None,
    resume: Resume = False,
    time_budget: TimeBudget = None,
    tensorboard: TensorBoard = False,
    workers: dive_sets.Workers = None,
    device: options.Device = options.DEFAULT_DEVICE,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train a network on dives, and write its weights with exemplars, interval and measures.

    Whole events, a seventh of the dives, are held out to measure on and to set the interval.
    Ctrl-C, SIGTERM and --time-budget stop with a checkpoint; --resume goes on from it exactly as
    if never interrupted (on the same machine, with the same number of threads). Under torchrun
    several GPUs share each batch.
    """
    interruption = Interruption(None if time_budget is None else seconds_of(time_budget))
    streams = open_streams(quiet=quiet, verbose=verbose)
    require_consistent(data, recipe, start_from, stream=stream, steps=steps, learn_for=learn_for)
    _require_own_folder(output, resume=resume)
    if tensorboard:
        from fpcli.training.board import writer_class

        writer_class()
    from fpcli.model.config import CONFIGS
    from fpcli.model.device import describe_device, resolve_device
    from fpcli.training import ablation, processes
    from fpcli.training.recipe import RECIPES
    from fpcli.weights.locate import find_weights

    length = _length(steps, learn_for)
    place = processes.local_device(resolve_device(device))
    size = model or (options.SizeName.PAPER if recipe == RecipeName.PAPER else options.SizeName.XS)
    left_out = without or []
    changed, config = ablation.without(RECIPES[recipe.value], CONFIGS[size.value], left_out)
    with processes.joined(place) as team, interruption.listening():
        run = Run(
            streams=streams if team.first else open_streams(quiet=True),
            interruption=interruption,
            folder=output,
            dives_folder=output,
            config=config,
            recipe=changed,
            length=length,
            seed=seed,
            name=name or _name(size, data, left_out),
            resume=resume,
            device=place,
            processes=team,
            tensorboard=tensorboard,
            start_from=None if start_from is None else find_weights(start_from),
        )
        shared = f", {team.size} processes" if team.size > 1 else ""
        run.streams.note(f"{size.value} on {describe_device(place)}{shared}")
        try:
            if stream:
                outcome = _learn_while_making(run, dives, workers)
            else:
                known = partial(known_dives, run, data, dives, workers)
                outcome = learn(run, team.after_first(known), workers)
            if outcome.bundle is not None:
                run.streams.data(str(outcome.bundle))
        except Interrupted:
            run.streams.note("Stopped while dives were made; go on with the same command.")
    if interruption.signalled:
        raise typer.Exit(ExitCode.INTERRUPTED)


def require_consistent(
    data: str,
    recipe: RecipeName,
    start_from: str | None,
    *,
    stream: bool,
    steps: int | None,
    learn_for: str | None,
) -> None:
    """Refuse options that contradict one another. Raises UsageError."""
    from fpcli.training import processes
    from fpcli.training.recipe import RECIPES

    if steps is not None and learn_for is not None:
        raise UsageError("--steps and --learn-for both say how long.", "Give one of them.")
    if stream and data != dive_sets.SIMULATED:
        raise UsageError("--stream makes dives, and --data names a folder.", "Leave one away.")
    if stream and processes.started_by_torchrun():
        raise UsageError("--stream is for one process.", "Leave --stream or torchrun away.")
    if recipe == RecipeName.PAPER and not is_finediving(data):
        raise UsageError(
            "--recipe paper sees whole pictures, which only FineDiving's layout holds.",
            "Give FineDiving, or a folder made by fineparser simulate.",
        )
    late = RECIPES[recipe.value].late
    if late and start_from is None:
        raise UsageError(
            f"--recipe {recipe.value} leaves the trunks as they are, and random ones see nothing.",
            "Give weights to go on from: --start-from s-simulated.",
        )
    if late and (stream or processes.started_by_torchrun()):
        raise UsageError(
            f"--recipe {recipe.value} reads finished dives in one process.",
            "Leave --stream or torchrun away.",
        )


def _require_own_folder(output: Path, *, resume: bool) -> None:
    """Refuse what is no folder, or holds a run that is not to be resumed. Raises OutputError."""
    from fpcli.training.run import CHECKPOINT

    require_folder(output)
    if (output / CHECKPOINT).exists() and not resume:
        raise OutputError(
            f"{printable(output)} holds a run already.",
            "Add --resume to go on with it, or choose another folder.",
        )


def _length(steps: int | None, learn_for: str | None) -> "Length | None":
    """How long the run was asked to be; None leaves it to the recipe. Raises UsageError."""
    from fpcli.training.loop import Length

    if learn_for is not None:
        return Length(seconds=seconds_of(learn_for))
    return None if steps is None else Length(steps)


def _name(size: options.SizeName, data: str, left_out: Sequence[Part]) -> str:
    """What weights are called that nobody named: their size, their data and what they lack."""
    kind = "finediving" if is_finediving(data) else "simulated"
    return "-".join([size.value, kind, *(f"without-{part}" for part in left_out)])


def _learn_while_making(run: Run, dives: int, workers: int | None) -> "RunOutcome":
    """Learn from dives that come as they are made. Raises Interrupted."""
    from fpcli.training.making import DiveMaking
    from fpcli.training.run import Dives as DivesOfRun

    folder = run.dives_folder / DIVES_FOLDER
    with DiveMaking(folder, dives, run.seed, workers, str(run.device)) as making:
        held_out = dive_sets.first_dives(making, run.streams, run.interruption)
        outcome = run.learn(DivesOfRun.still_made(folder, held_out, run.device), making.stop)
    if making.error is not None:
        run.streams.warn(f"No more dives were made after {making.present}: {making.error}")
    return outcome
