"""Heights as people type them: 10, 10m, 7,5, "3m springboard"."""

import typer

from fpcli.analysis.listed_height import listed_height_m
from fpcli.errors import UsageError


def metres(text: str) -> float:
    """Return a height in metres. Raises typer.BadParameter for what is none or leaves a choice."""
    try:
        return listed_height_m(text.strip())
    except UsageError as error:
        raise typer.BadParameter(error.message) from error
