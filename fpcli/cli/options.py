"""Options that several commands share: name, meaning, range and default, once.

A command takes `device: Device = DEFAULT_DEVICE` and so on; Typer reads the rest from here.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fpcli.cli.complete import complete_devices, complete_scoring_weights

INPUT = "Input"
DIVE = "Dive"
MODEL = "Model"
OUTPUT = "Output"
RUNTIME = "Runtime"

DEFAULT_DEVICE = "auto"


class PrecisionName(StrEnum):
    """Arithmetic of the network."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class SizeName(StrEnum):
    """Sizes of the network."""

    PAPER = "paper"
    S = "s"
    XS = "xs"


DEFAULT_PRECISION = PrecisionName.AUTO

Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        "-w",
        metavar="NAME or FILE",
        help="Weights by name (fineparser weights list) or file; the bundled ones if left out.",
        autocompletion=complete_scoring_weights,
        rich_help_panel=MODEL,
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",
        metavar="auto|cpu|cuda|cuda:N|mps",
        help="Where the network runs.",
        autocompletion=complete_devices,
        rich_help_panel=RUNTIME,
    ),
]
Precision = Annotated[
    PrecisionName,
    typer.Option(
        "--precision",
        help="Arithmetic of the network; auto takes bfloat16 where the device is fast in it.",
        rich_help_panel=RUNTIME,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Say errors only.", rich_help_panel=RUNTIME),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Say timings and shapes.", rich_help_panel=RUNTIME),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Write JSON on stdout.", rich_help_panel=OUTPUT),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace an existing target file.", rich_help_panel=OUTPUT),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write to this file.", rich_help_panel=OUTPUT
    ),
]
