"""`fineparser train`: dives in, weights out, however often it is interrupted."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fpcli.cli import dive_sets, options
from fpcli.cli.finediving_dives import Split, finediving_dives, is_finediving
from fpcli.cli.interruption import Interrupted, Interruption, seconds_of
from fpcli.cli.streams import open_streams
from fpcli.cli.train_run import Run
from fpcli.errors import ExitCode, OutputError, UsageError
from fpcli.text import printable

EXAMPLES = (
    "fineparser train --data simulated -o run --dives 300 --steps 400",
    "fineparser train --data simulated -o run --dives 300 --steps 400 --resume --time-budget 50m",
    "fineparser train --data simulated -o run --dives 8000 --stream --model s --recipe best-gpu "
    "--learn-for 20m --device cuda",
)
DIVES_FOLDER = "dives"
DEFAULT_STEPS = 400
HELD_OUT_SHARE = 0.15


class RecipeName(StrEnum):
    """Ways of training."""

    BEST = "best"
    BEST_GPU = "best-gpu"


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
    int | None,
    typer.Option(
        "--steps",
        min=1,
        help="Batches to learn from.",
        show_default="400",
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
    model: Model = options.SizeName.XS,
    recipe: RecipeOption = RecipeName.BEST,
    steps: Steps = None,
    learn_for: LearnFor = None,
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
    from fpcli.model.device import describe_device, resolve_device
    from fpcli.training.loop import Length
    from fpcli.training.run import CHECKPOINT
    from fpcli.training.run import Dives as DivesOfRun

    if steps is not None and learn_for is not None:
        raise UsageError("--steps and --learn-for both say how long.", "Give one of them.")
    if stream and data != dive_sets.SIMULATED:
        raise UsageError("--stream makes dives, and --data names a folder.", "Leave one away.")
    length = Length(steps or DEFAULT_STEPS)
    if learn_for is not None:
        length = Length(seconds=seconds_of(learn_for))
    place = resolve_device(device)
    if (output / CHECKPOINT).exists() and not resume:
        raise OutputError(
            f"{printable(output)} holds a run already.",
            "Add --resume to go on with it, or choose another folder.",
        )
    run = Run(
        streams=streams,
        interruption=interruption,
        folder=output,
        model=model.value,
        recipe=recipe.value,
        length=length,
        seed=seed,
        name=name or f"{model.value}-{'finediving' if is_finediving(data) else 'simulated'}",
        resume=resume,
        device=place,
    )
    streams.note(f"{model.value} on {describe_device(place)}")
    with interruption.listening():
        try:
            if stream:
                from fpcli.training.making import DiveMaking

                folder = output / DIVES_FOLDER
                with DiveMaking(folder, dives, seed, workers, str(place)) as making:
                    held_out = dive_sets.first_dives(making, streams, interruption)
                    run.learn(DivesOfRun.still_made(folder, held_out, place), making.stop)
            else:
                if data == dive_sets.SIMULATED:
                    pool = dive_sets.simulated_dives(
                        output / DIVES_FOLDER, dives, seed, workers, streams, interruption
                    )
                elif is_finediving(data):
                    pool = finediving_dives(
                        data, Split.TRAIN, output / DIVES_FOLDER, workers, streams, interruption
                    )
                else:
                    pool = dive_sets.stored_dives(data)
                run.learn(DivesOfRun.of_pool(pool, HELD_OUT_SHARE, place))
        except Interrupted:
            streams.note("Stopped while dives were made; go on with the same command.")
    if interruption.signalled:
        raise typer.Exit(ExitCode.INTERRUPTED)
