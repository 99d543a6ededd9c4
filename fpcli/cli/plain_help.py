"""Help in a person's words: Typer's types of Python are left out where they tell nothing.

An option that takes nothing would be followed by <bool>, as if it took a value, and a video by
<list[Path]>.
"""

from collections.abc import Sequence
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class PlainCommand(TyperCommand):
    """A command with plain help."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, their types told only where they are to be typed."""
        return _told_plainly(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands with plain help."""

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, their types told only where they are to be typed."""
        return _told_plainly(super().get_params(ctx))


def _told_plainly(parameters: Sequence[Any]) -> Sequence[Any]:
    for parameter in parameters:
        if isinstance(parameter, TyperOption) and parameter.is_flag and parameter.metavar is None:
            parameter.metavar = ""
        if isinstance(parameter, TyperArgument):
            vars(parameter)["display_type_rich"] = _no_type  # its name says what it is
    return parameters


def _no_type(ctx: Any) -> None:
    return None
