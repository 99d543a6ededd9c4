"""`fineparser ablate`: what the parts of a recipe are worth, each left out once."""

from collections.abc import Sequence
from typing import Annotated

import typer

from fpcli.cli import dive_sets, options, train, train_run
from fpcli.cli.evaluate import measured
from fpcli.cli.evaluation_shown import show
from fpcli.cli.interruption import Interrupted, Interruption
from fpcli.cli.streams import open_streams
from fpcli.cli.targets import require_folder
from fpcli.cli.train_run import Run, known_dives, learn
from fpcli.errors import ExitCode, UsageError
from fpcli.training.parts import Part

EXAMPLES = (
    "fineparser ablate -o ablation",
    "fineparser ablate -o ablation --without pairs --without mixing",
    "fineparser ablate -o ablation --without steps --without steps+marks",
)
MEASURED_FOLDER = "measured"
TOGETHER = "+"
ALL_PARTS = "all-parts"
USUAL = ("pairs", "mixing", "steps", f"steps{TOGETHER}marks")

LeftOut = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="PARTS",
        help="A row of the table: a part that is left out, or several with + between them. May be "
        "repeated. Parts: " + ", ".join(Part) + ".",
        show_default=", ".join(USUAL),
        rich_help_panel=options.MODEL,
    ),
]
MeasuredDives = Annotated[
    int,
    typer.Option(
        "--measured",
        min=2,
        help="How many other dives to make and to measure on.",
        rich_help_panel=options.INPUT,
    ),
]
MeasuredSeed = Annotated[
    int,
    typer.Option("--measured-seed", min=0, help="Of those dives.", rich_help_panel=options.INPUT),
]


def ablate(
    output: train.RunFolder,
    left_out: LeftOut = None,
    dives: train.Dives = 400,
    seed: train.Seed = 5,
    measured_dives: MeasuredDives = 200,
    measured_seed: MeasuredSeed = 1000,
    model: train.Model = options.SizeName.S,
    recipe: train.RecipeOption = train.RecipeName.ANEW,
    start_from: train.StartFrom = "s-simulated",
    steps: train.Steps = 240,
    workers: dive_sets.Workers = None,
    device: options.Device = options.DEFAULT_DEVICE,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train with all parts of a recipe and without some, on the same dives, and measure each.

    The table stands on other simulated dives. As it is, the layers after the trunks of the bundled
    weights learn from chance, which two cores can afford. What is finished in the folder is kept:
    the same command goes on where it was stopped.
    """
    interruption = Interruption()
    streams = open_streams(quiet=quiet, verbose=verbose)
    rows = [(), *(_parts(text) for text in left_out or USUAL)]
    if seed == measured_seed:
        raise UsageError(
            "--seed and --measured-seed are the same, so these dives would be learned from.",
            "Give another --measured-seed.",
        )
    require_folder(output)
    from fpcli.model.config import CONFIGS
    from fpcli.model.device import resolve_device
    from fpcli.training import ablation
    from fpcli.training.loop import Length
    from fpcli.training.processes import Processes
    from fpcli.training.recipe import RECIPES
    from fpcli.weights.bundle import load_bundle
    from fpcli.weights.locate import find_weights

    place = resolve_device(device)
    whole = RECIPES[recipe.value]
    runs = []
    for parts in rows:
        changed, config = ablation.without(whole, CONFIGS[model or options.SizeName.S], parts)
        name = f"without-{TOGETHER.join(parts)}" if parts else ALL_PARTS
        runs.append(
            Run(
                streams=streams,
                interruption=interruption,
                folder=output / name,
                dives_folder=output,
                config=config,
                recipe=changed,
                length=Length(steps or train_run.DEFAULT_STEPS),
                seed=seed,
                name=name,
                resume=True,
                device=place,
                processes=Processes(),
                tensorboard=False,
                start_from=find_weights(start_from) if whole.late and start_from else None,
            )
        )
    with interruption.listening():
        try:
            for run in runs:
                if not run.bundle.exists():
                    streams.note(f"{run.name}:")
                    pool = known_dives(run, dive_sets.SIMULATED, dives, workers)
                    learn(run, pool, workers)
                    interruption.raise_if_wanted()
            pool = dive_sets.simulated_dives(
                output / MEASURED_FOLDER,
                measured_dives,
                measured_seed,
                workers,
                streams,
                interruption,
            )
            bundles = [load_bundle(run.bundle) for run in runs]
            found = measured(bundles, pool, True, None, place, streams, interruption)
        except Interrupted:
            streams.note("Stopped; the same command goes on.")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    show(found, streams)


def _parts(text: str) -> Sequence[Part]:
    """Parts left out together. Raises UsageError for one that is not known."""
    try:
        return [Part(word.strip()) for word in text.split(TOGETHER)]
    except ValueError as error:
        raise UsageError(
            f"--without {text!r} names a part that is not known.", "Parts: " + ", ".join(Part) + "."
        ) from error
