"""What a person says about the dive and how it is to be scored; shared by what scores."""

import re
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from fpcli.cli.complete import complete_dive_numbers, complete_exemplars
from fpcli.cli.metres import metres
from fpcli.cli.options import DIVE, MODEL, OUTPUT

if TYPE_CHECKING:
    from fpcli.analysis.request import AnalysisRequest, ExemplarSource

DEFAULT_EXEMPLARS = "10"
DEFAULT_LEVEL = 0.9


class GeometryName(StrEnum):
    """How pictures are cut for the network."""

    FOLLOW = "follow"
    CENTRE = "centre"
    PUBLISHED = "published"


DiveNumberText = Annotated[
    str | None,
    typer.Option(
        "--dive",
        metavar="NUMBER",
        help="Dive number as announced, such as 107B; without one the nearest exemplars vote.",
        autocompletion=complete_dive_numbers,
        rich_help_panel=DIVE,
    ),
]
Height = Annotated[
    float | None,
    typer.Option(
        "--height",
        parser=metres,
        metavar="METRES",
        help="Board or platform: 1, 3, 5, 7.5 or 10; the dive's usual one if left out.",
        rich_help_panel=DIVE,
    ),
]
DifficultyValue = Annotated[
    float | None,
    typer.Option(
        "--dd",
        metavar="DIFFICULTY",
        help="Degree of difficulty, instead of the table's.",
        rich_help_panel=DIVE,
    ),
]
Synchro = Annotated[
    bool,
    typer.Option("--synchro", help="Two divers at once.", rich_help_panel=DIVE),
]
Start = Annotated[
    float | None,
    typer.Option(
        "--start",
        metavar="SECONDS",
        help="Where the dive begins in the video; found if left out.",
        rich_help_panel=DIVE,
    ),
]
End = Annotated[
    float | None,
    typer.Option(
        "--end",
        metavar="SECONDS",
        help="Where the dive ends in the video; found if left out.",
        rich_help_panel=DIVE,
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Score even where no dive can be found.", rich_help_panel=DIVE),
]
Geometry = Annotated[
    GeometryName | None,
    typer.Option(
        "--geometry",
        help="What the network is shown: a window that follows the diver, the centre, or the "
        "paper's cut; as its weights were trained if left out.",
        rich_help_panel=MODEL,
    ),
]
Exemplars = Annotated[
    str,
    typer.Option(
        "--exemplars",
        metavar="N|bundled|mine|both",
        help="How many exemplars vote at most, or whose: those of the weights, your own "
        "(fineparser exemplars), or both; mine:5 says both.",
        autocompletion=complete_exemplars,
        rich_help_panel=MODEL,
    ),
]
Level = Annotated[
    float,
    typer.Option(
        "--level",
        metavar="SHARE",
        help="Level of the interval, between 0 and 1.",
        rich_help_panel=OUTPUT,
    ),
]

OtherDive = Annotated[
    str | None,
    typer.Option(
        "--other-dive",
        metavar="NUMBER",
        help="Dive number of the other dive, where it differs.",
        autocompletion=complete_dive_numbers,
        rich_help_panel=DIVE,
    ),
]
OtherHeight = Annotated[
    float | None,
    typer.Option(
        "--other-height",
        parser=metres,
        metavar="METRES",
        help="Board or platform of the other dive, where it differs.",
        rich_help_panel=DIVE,
    ),
]
OtherDifficulty = Annotated[
    float | None,
    typer.Option(
        "--other-dd",
        metavar="DIFFICULTY",
        help="Degree of difficulty of the other dive, where it differs.",
        rich_help_panel=DIVE,
    ),
]


def make_request(
    *,
    dive: str | None,
    height: float | None,
    dd: float | None,
    synchro: bool,
    start: float | None,
    end: float | None,
    exemplars: str,
    level: float,
    force: bool = False,
    geometry: GeometryName | None = None,
) -> "AnalysisRequest":
    """Check the options and return what is asked, before anything heavy is loaded.

    Raises UsageError for a value that cannot be followed, DiveNumberError for a dive number that is
    none or that the height does not allow.
    """
    from fpcli.analysis.request import AnalysisRequest, require_possible

    source, count = whose_and_how_many(exemplars)
    request = AnalysisRequest(
        dive_number=dive,
        height_m=height,
        difficulty=dd,
        synchro=synchro,
        start_s=start,
        end_s=end,
        force=force,
        geometry=None if geometry is None else geometry.value,
        exemplars=count,
        exemplars_from=source,
        level=level,
    )
    require_possible(request)
    return request


def other_request(
    first: "AnalysisRequest", dive: str | None, height: float | None, dd: float | None
) -> "AnalysisRequest":
    """Return what is asked of a second dive: as of the first, where nothing else is said.

    Raises as `make_request`.
    """
    from fpcli.analysis.request import require_possible

    second = replace(
        first,
        dive_number=first.dive_number if dive is None else dive,
        height_m=first.height_m if height is None else height,
        difficulty=dd if dd is not None or dive is not None else first.difficulty,
        start_s=None,
        end_s=None,
    )
    require_possible(second)
    return second


def whose_and_how_many(text: str) -> tuple["ExemplarSource", int]:
    """Return what --exemplars says: "5", "mine" or "mine:5". Raises UsageError."""
    from fpcli.analysis.request import EXEMPLARS, ExemplarSource
    from fpcli.errors import UsageError

    said = re.fullmatch(r"(?P<count>\d+)|(?P<whose>[a-z]+)(:(?P<of_them>\d+))?", text.lower())
    if said is None or (said["whose"] or "bundled") not in tuple(ExemplarSource):
        raise UsageError(
            f"--exemplars {text} says neither how many vote nor whose.",
            "Give a number, bundled, mine or both, or one of each: mine:5.",
        )
    count = said["count"] or said["of_them"] or EXEMPLARS
    return ExemplarSource(said["whose"] or "bundled"), int(count)
