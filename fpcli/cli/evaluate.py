"""`fineparser evaluate`: how good weights are, beside what needs no video and a human judge."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli import dive_sets, options
from fpcli.cli.evaluation_shown import plain, show
from fpcli.cli.finediving_dives import Split, finediving_dives, is_finediving
from fpcli.cli.interruption import Interrupted, Interruption
from fpcli.cli.streams import Streams, open_streams
from fpcli.cli.targets import FIGURE_SUFFIXES, require_folder, require_free, require_suffix
from fpcli.errors import ExitCode, UsageError
from fpcli.text import printable

if TYPE_CHECKING:
    import torch

    from fpcli.training.evaluation import Drawn, Evaluation
    from fpcli.training.samples import Pool
    from fpcli.weights.bundle import Bundle

EXAMPLES = (
    "fineparser evaluate --data simulated --dives 100",
    "fineparser evaluate --data simulated --weights run/s-simulated.safetensors",
    "fineparser evaluate --data simulated --beside mine.safetensors --figure it.png",
)
Dives = Annotated[
    int,
    typer.Option(
        "--dives",
        min=2,
        help="How many dives to make (--data simulated).",
        rich_help_panel=options.INPUT,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        min=0,
        help="Of the dives to make, not the one that the weights were trained with; and of drawing "
        "--exemplars.",
        rich_help_panel=options.INPUT,
    ),
]
Beside = Annotated[
    list[str] | None,
    typer.Option(
        "--beside",
        metavar="NAME or FILE",
        help="Other weights, measured on the same dives, each a further column. May be repeated.",
        rich_help_panel=options.MODEL,
        show_default=False,
    ),
]
FigureFile = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        metavar="FILE",
        help="Draw marks, residuals, intervals and transitions into a .png, .svg or .pdf.",
        rich_help_panel=options.OUTPUT,
        show_default=False,
    ),
]
Keep = Annotated[
    Path | None,
    typer.Option(
        "--keep",
        metavar="DIR",
        help="Keep the dives that are made in this folder, and take those already there.",
        rich_help_panel=options.OUTPUT,
    ),
]
WithoutNumber = Annotated[
    bool,
    typer.Option(
        "--without-number",
        help="Do not tell the dive's number: the most similar exemplars vote.",
        rich_help_panel=options.DIVE,
    ),
]


Exemplars = Annotated[
    int | None,
    typer.Option(
        "--exemplars",
        min=1,
        help="Draw so many exemplars of the dive's number at random with --seed, as the paper does "
        "with 10; up to 10 are chosen by rule if left out.",
        rich_help_panel=options.DIVE,
        show_default=False,
    ),
]


def evaluate(
    data: dive_sets.Data,
    dives: Dives = 100,
    seed: Seed = 1000,
    weights: options.Weights = None,
    beside: Beside = None,
    without_number: WithoutNumber = False,
    exemplars: Exemplars = None,
    keep: Keep = None,
    figure: FigureFile = None,
    overwrite: options.Overwrite = False,
    as_json: options.Json = False,
    workers: dive_sets.Workers = None,
    device: options.Device = options.DEFAULT_DEVICE,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Measure weights on dives that they never saw, each number with its 95 % interval.

    Beside the weights stand what needs no video (the dive number's mean mark and median steps, the
    difficulty alone) and a human judge. Dives that the weights learned from are refused.
    """
    streams = open_streams(quiet=quiet, verbose=verbose, machine=as_json)
    from fpcli.model.device import describe_device, resolve_device
    from fpcli.training.evaluation import Drawn
    from fpcli.video.transform import PUBLISHED
    from fpcli.weights.bundle import load_bundle
    from fpcli.weights.locate import find_weights

    if figure is not None:
        require_suffix(figure, FIGURE_SUFFIXES)
        require_free(figure, [], overwrite=overwrite)
    if keep is not None:
        require_folder(keep)
    place = resolve_device(device)
    finediving = is_finediving(data)
    stored = not finediving and data != dive_sets.SIMULATED
    pool = dive_sets.stored_dives(data) if stored else None
    bundles = [load_bundle(find_weights(name)) for name in (weights, *(beside or ()))]
    _require_same_input(bundles)
    published = bundles[0].geometry == PUBLISHED
    if published and not finediving:
        raise UsageError(
            f"The weights {bundles[0].card.name} see whole pictures, which only FineDiving's "
            "layout holds.",
            "Measure them on FineDiving, or on a folder made by fineparser simulate.",
        )
    streams.note(f"{bundles[0].card.name} on {describe_device(place)}")
    interruption = Interruption()
    with tempfile.TemporaryDirectory(prefix="fineparser-") as scratch, interruption.listening():
        folder = keep or Path(scratch)
        try:
            if finediving:
                pool = finediving_dives(
                    data, Split.TEST, folder, workers, streams, interruption, published=published
                )
            elif pool is None:
                pool = dive_sets.simulated_dives(
                    folder, dives, seed, workers, streams, interruption
                )
            drawn = None if exemplars is None else Drawn(exemplars, seed)
            found = measured(bundles, pool, not without_number, drawn, place, streams, interruption)
        except Interrupted:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    if figure is not None:
        from fpcli.training.evaluation_figure import draw_evaluation

        draw_evaluation(found, figure)
        streams.note(f"drawn: {printable(figure)}")
    if as_json:
        streams.data(json.dumps(plain(found)))
    else:
        show(found, streams)


def measured(
    bundles: "Sequence[Bundle]",
    pool: "Pool",
    with_number: bool,
    drawn: "Drawn | None",
    device: "torch.device",
    streams: Streams,
    interruption: Interruption,
) -> "Evaluation":
    """Measure weights one after another on the same dives; the first ones' row leads.

    Raises Interrupted between two dives.
    """
    from fpcli.training.evaluation import beside, evaluate

    with streams.progress() as progress:
        task = progress.add_task("encoding", total=len(pool) * len(bundles))

        def tell(done: int) -> None:
            progress.advance(task)
            interruption.raise_if_wanted()

        first, *others = (
            evaluate(
                bundle, pool, with_number=with_number, drawn=drawn, device=device, on_dive=tell
            )
            for bundle in bundles
        )
    return beside(first, others)


def _require_same_input(bundles: "Sequence[Bundle]") -> None:
    """Refuse weights that see other pictures: they cannot be measured on the same ones."""
    first, *others = bundles
    for other in others:
        if other.geometry != first.geometry:
            raise UsageError(
                f"The weights {other.card.name} see other pictures than {first.card.name} do.",
                "Measure them by themselves.",
            )
