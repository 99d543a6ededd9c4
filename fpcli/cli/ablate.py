"""`fineparser ablate`: what the parts of a recipe are worth, each left out once."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from fpcli.cli import dive_sets, options, train
from fpcli.cli.evaluate import measured
from fpcli.cli.evaluation_shown import show
from fpcli.cli.interruption import Interrupted, Interruption
from fpcli.cli.streams import open_streams
from fpcli.cli.targets import require_folder
from fpcli.cli.train_run import Run, known_dives, learn
from fpcli.errors import ExitCode, OutputError, UsageError
from fpcli.text import printable
from fpcli.training.parts import Part
from fpcli.whole_file import whole_file

EXAMPLES = (
    "fineparser ablate -o ablation",
    "fineparser ablate -o ablation --without pairs --without mixing",
    "fineparser ablate -o ablation --without steps --without steps+marks",
)
MEASURED_FOLDER = "measured"
TOGETHER = "+"
ALL_PARTS = "all-parts"
BUNDLED = "s-simulated"
ASKED_FILE = "ablation.json"
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
Model = Annotated[
    options.SizeName,
    typer.Option("--model", help="Size of the network.", rich_help_panel=options.MODEL),
]
StartFrom = Annotated[
    str | None,
    typer.Option(
        "--start-from",
        metavar="NAME_OR_PATH",
        help="Learn on from weights of the same size.",
        show_default=f"{BUNDLED} where the recipe needs any",
        rich_help_panel=options.MODEL,
    ),
]
Steps = Annotated[
    int,
    typer.Option("--steps", min=1, help="Batches to learn from.", rich_help_panel=options.MODEL),
]


def ablate(
    output: train.RunFolder,
    left_out: LeftOut = None,
    dives: train.Dives = 400,
    seed: train.Seed = 5,
    measured_dives: MeasuredDives = 200,
    measured_seed: MeasuredSeed = 1000,
    model: Model = options.SizeName.S,
    recipe: train.RecipeOption = train.RecipeName.ANEW,
    start_from: StartFrom = None,
    steps: Steps = 240,
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
    from fpcli.weights.bundle import load_bundle, sha256_of
    from fpcli.weights.locate import find_weights

    place = resolve_device(device)
    whole = RECIPES[recipe.value]
    named = start_from or (BUNDLED if whole.late else None)
    train.require_consistent(
        dive_sets.SIMULATED, recipe, named, stream=False, steps=steps, learn_for=None
    )
    start = None if named is None else find_weights(named)
    asked = {
        "dives": dives,
        "seed": seed,
        "model": model,
        "recipe": recipe,
        "start-from": None if start is None else sha256_of(start),
        "steps": steps,
    }
    _require_same(output, asked)
    runs = []
    for parts in rows:
        changed, config = ablation.without(whole, CONFIGS[model], parts)
        name = f"without-{TOGETHER.join(parts)}" if parts else ALL_PARTS
        runs.append(
            Run(
                streams=streams,
                interruption=interruption,
                folder=output / name,
                dives_folder=output,
                config=config,
                recipe=changed,
                length=Length(steps),
                seed=seed,
                name=name,
                resume=True,
                device=place,
                processes=Processes(),
                tensorboard=False,
                start_from=start,
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


def _require_same(folder: Path, asked: Mapping[str, object]) -> None:
    """Note what was asked for in a folder, whose rows are comparable only if all were asked alike.

    Raises OutputError where something else was.
    """
    path = folder / ASKED_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            part.write_text(json.dumps(asked, indent=2))
        return
    try:
        before = json.loads(path.read_text())
        different = [name for name, value in asked.items() if before[name] != value]
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{printable(path)} does not tell what was asked for.", "Choose another folder."
        ) from error
    if different:
        raise OutputError(
            f"{printable(folder)} holds an ablation with another --{different[0]}.",
            "Give the options of the first, or choose another folder.",
        )
