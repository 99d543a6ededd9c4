"""`fineparser weights`: what weights there are, where they lie, and whether they can be trusted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli.complete import complete_weights
from fpcli.cli.options import INPUT, OUTPUT, Json, Overwrite, Quiet
from fpcli.cli.streams import Streams, open_streams
from fpcli.cli.targets import require_free
from fpcli.errors import UsageError, WeightsError
from fpcli.text import printable

if TYPE_CHECKING:
    from fpcli.weights.registry import Entry

SCHEMA_VERSION = "1.0"
HELP = "See, fetch, check and import weights."
UNSTATED = "not stated"
ROOMY = 160  # columns, in which the list has a line for each
SHORT_WORD = 10  # characters of the longest word for a kind or a place

EXAMPLES = {
    "list": ("fineparser weights list", "fineparser weights list --json"),
    "path": (
        "fineparser weights path",
        "fineparser weights path resnet34-imagenet",
    ),
    "verify": (
        "fineparser weights verify",
        "fineparser weights verify s-simulated",
        "fineparser weights verify mine.safetensors",
    ),
    "import": (
        "fineparser weights import best.pth -o mine.safetensors",
        "fineparser weights import best.pth -o mine.safetensors --half",
    ),
    "download": (
        "fineparser weights download resnet34-imagenet",
        "fineparser weights download resnet34-imagenet kinetics-i3d-rgb",
    ),
    "remove": (
        "fineparser weights remove resnet34-imagenet",
        "fineparser weights remove resnet34-imagenet kinetics-i3d-rgb",
    ),
}

Names = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME...",
        help="Weights by name (fineparser weights list).",
        autocompletion=complete_weights,
        rich_help_panel=INPUT,
        show_default=False,
    ),
]


def list_weights(as_json: Json = False) -> None:
    """List the weights that are known by name: size, licence, place, training data."""
    from fpcli.weights.locate import present_path
    from fpcli.weights.registry import load_registry

    streams = open_streams(machine=as_json)
    registry = load_registry()
    if as_json:
        rows = [describe(entry) for entry in registry.entries]
        streams.data(
            json.dumps(
                {"schema_version": SCHEMA_VERSION, "default": registry.default, "weights": rows}
            )
        )
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    # What has no room for a line gets two, in the columns whose words are short.
    short = SHORT_WORD if streams.out.width < ROOMY else None
    table.add_column("name", no_wrap=True)
    table.add_column("kind", max_width=short)
    table.add_column("size", no_wrap=True, justify="right")
    table.add_column("licence", overflow="fold")
    table.add_column("where", max_width=short)
    table.add_column("trained on", overflow="fold")
    for entry in registry.entries:
        path = present_path(entry)
        table.add_row(
            entry.name,
            entry.kind,
            size_in_words(entry, path),
            entry.licence,
            where(entry, path),
            entry.trained_on,
        )
    streams.out.print(table)
    streams.note(f"Used when none are named: {registry.default}")


def path(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="Weights by name or file; the ones used by default if left out.",
            autocompletion=complete_weights,
            rich_help_panel=INPUT,
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print where weights lie on this machine, and nothing else."""
    from fpcli.weights.locate import find_weights

    open_streams(machine=True).data(str(find_weights(name)))


def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME or FILE]...",
            help="Weights by name, or bundles by file; all that are here if left out.",
            autocompletion=complete_weights,
            rich_help_panel=INPUT,
            show_default=False,
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Check weights against their published hashes, and files for being whole bundles."""
    from fpcli.weights.locate import find_weights
    from fpcli.weights.registry import load_registry
    from fpcli.weights.verify import check_all, problems

    streams = open_streams(quiet=quiet)
    registry = load_registry()
    if names:
        for name in names:
            entry = registry.find(name)
            line = _verify_file(find_weights(name)) if entry is None else _verify_entry(entry)
            streams.data(line)
        return
    checks = check_all(registry)
    for result in checks:
        streams.data(f"{result.entry.name}: {result.status}")
    for worry in problems(checks):
        worry.required()


def _verify_entry(entry: "Entry") -> str:
    """Return the line for registered weights that are here and good. Raises WeightsError."""
    from fpcli.weights.verify import check

    result = check(entry)
    return f"{entry.name}: {result.status} ({entry.hash}) {printable(result.required())}"


def _verify_file(file: Path) -> str:
    """Return the line for a whole bundle that nobody registered. Raises WeightsError."""
    from fpcli.weights.bundle import load_bundle
    from fpcli.weights.hashing import sha256_of

    bundle = load_bundle(file)
    return f"{printable(file)}: a whole bundle, {bundle.card.name!r} (sha256 {sha256_of(file)})"


def import_checkpoint(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="CHECKPOINT",
            help="A checkpoint in the layout of the published code (best.pth).",
            rich_help_panel=INPUT,
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The bundle to write (.safetensors).",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(
            "--name", help="What to call it; the file's name if left out.", rich_help_panel=OUTPUT
        ),
    ] = None,
    training_data: Annotated[
        str,
        typer.Option("--training-data", help="What it was trained on.", rich_help_panel=OUTPUT),
    ] = UNSTATED,
    licence: Annotated[
        str, typer.Option("--licence", help="Its licence.", rich_help_panel=OUTPUT)
    ] = UNSTATED,
    half: Annotated[
        bool,
        typer.Option("--half", help="Store as float16: half the size.", rich_help_panel=OUTPUT),
    ] = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Turn a checkpoint of the published layout into a bundle.

    The checkpoint is read as tensors only; nothing in it is run. A tensor that is missing, extra or
    misshapen is named, and nothing is written.
    """
    streams = open_streams(quiet=quiet)
    if not checkpoint.is_file():
        raise WeightsError(f"There is no checkpoint {str(checkpoint)!r}.", "Check the path.")
    require_free(output, [checkpoint], overwrite=overwrite)
    from datetime import UTC, datetime

    from fpcli import __version__
    from fpcli.model.published import import_published
    from fpcli.video.transform import PUBLISHED
    from fpcli.weights.bundle import Bundle, Card, save_bundle
    from fpcli.weights.hashing import sha256_of
    from fpcli.weights.storage import Storage

    config, state = import_published(checkpoint)
    card = Card(
        name=name or output.stem,
        training_data=training_data,
        simulated=False,
        licence=licence,
        origin=f"imported from {checkpoint.name}, sha256 {sha256_of(checkpoint)}",
        recipe="as in the checkpoint; not known here",
        created=datetime.now(UTC).date().isoformat(),
        version=__version__,
    )
    save_bundle(
        Bundle(card, config, PUBLISHED, state),
        output,
        Storage.FLOAT16 if half else Storage.FLOAT32,
    )
    parameters = sum(tensor.numel() for tensor in state.values() if tensor.is_floating_point())
    streams.data(f"{printable(output)} (sha256 {sha256_of(output)})")
    streams.note(
        f"{len(state)} tensors, {parameters:,} numbers. It holds no exemplars yet: a score needs a "
        "bundle with dives to compare with."
    )


def download(names: Names, quiet: Quiet = False) -> None:
    """Fetch weights by name; a file gets its name only once its hash is right.

    A download that broke off is continued.
    """
    from fpcli.weights.locate import present_path
    from fpcli.weights.registry import load_registry

    streams = open_streams(quiet=quiet)
    registry = load_registry()
    for entry in [registry.get(name) for name in names]:
        present = present_path(entry) if entry.url is None else None
        streams.data(str(present or _fetch_watched(entry, streams)))


def _fetch_watched(entry: "Entry", streams: Streams) -> Path:
    """Download one file under a progress display."""
    from fpcli.weights.download import download as fetch
    from fpcli.weights.locate import cache_folder

    streams.note(f"{entry.name}: {entry.licence}. {entry.terms} Origin: {entry.origin}.")
    with streams.progress(in_bytes=True) as progress:
        task = progress.add_task(entry.name, total=None)
        return fetch(
            entry,
            cache_folder(),
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )


def remove(names: Names, quiet: Quiet = False) -> None:
    """Remove downloaded weights from the cache; those that come with the program stay."""
    from fpcli.weights.begun_file import begun_files
    from fpcli.weights.locate import cache_folder, present_path
    from fpcli.weights.registry import load_registry

    streams = open_streams(quiet=quiet)
    registry = load_registry()
    for entry in [registry.get(name) for name in names]:
        target = cache_folder() / entry.file
        if here := [file for file in (target, *begun_files(target)) if file.is_file()]:
            for file in here:
                file.unlink()
                streams.note(f"Removed {printable(file)}")
        elif present_path(entry):
            raise UsageError(
                f"The weights {entry.name} come with the program and are not removed.",
                "Uninstalling fineparser removes them.",
            )
        else:
            raise WeightsError(
                f"The weights {entry.name} are not in the cache.",
                "See what is: fineparser weights list",
            )


def describe(entry: "Entry") -> dict[str, object]:
    """Return a registered file as plain containers, for JSON."""
    from fpcli.weights.locate import present_path

    file = present_path(entry)
    return {
        "name": entry.name,
        "kind": entry.kind,
        "where": where(entry, file),
        "path": str(file) if file else None,
        "size_bytes": file.stat().st_size if file else None,
        "published_size_mb": entry.size_mb,
        "licence": entry.licence,
        "terms": entry.terms,
        "origin": entry.origin,
        "purpose": entry.purpose,
        "trained_on": entry.trained_on,
        "url": entry.url,
        "hash": {"kind": entry.hash.kind, "value": entry.hash.value},
    }


def where(entry: "Entry", file: Path | None) -> str:
    """Say in a word or two where a registered file lies."""
    from fpcli.weights.registry import bundled_folder

    if file is None:
        return "missing" if entry.url is None else "not downloaded"
    return "bundled" if file.parent == bundled_folder() else "cache"


def size_in_words(entry: "Entry", file: Path | None) -> str:
    """Return a file's size in MB, or what its publisher says it is."""
    return f"{file.stat().st_size / 1e6:.1f} MB" if file else f"≈ {entry.size_mb:.0f} MB"


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_weights,
    "path": path,
    "verify": verify,
    "import": import_checkpoint,
    "download": download,
    "remove": remove,
}
