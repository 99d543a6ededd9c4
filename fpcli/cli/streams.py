"""Two consoles: results on stdout, talk on stderr.

Nothing but results ever reaches stdout, so that a pipe can be trusted. Talk is progress, hints,
warnings and errors.
"""

import os
import sys
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

from fpcli.errors import UsageError
from fpcli.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.progress import Progress

LAST_STANDARD_STREAM = 2  # file descriptor of stderr
PIPED_WIDTH = 200  # columns; a pipe has no edge at which a table must be folded


class Verbosity(IntEnum):
    """How much is said on stderr."""

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


def open_closed_streams() -> None:
    """Let the null device stand in for stdin, stdout or stderr where the caller closed it.

    The next file that is opened would take its number, and what a library writes to stderr would go
    into that file.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD_STREAM:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def plain_wanted() -> bool:
    """Return whether the environment asks for text without colour or other escapes."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in ("dumb", "unknown")


def make_console(stream: TextIO) -> "Console":
    """Build a console that writes plain text wherever no terminal, or a plain one, listens."""
    from rich.console import Console

    class PipeAwareConsole(Console):
        """A console that leaves a closed pipe to the command line's own handling."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    terminal = stream.isatty()
    return PipeAwareConsole(
        file=stream,
        force_terminal=terminal,
        color_system="auto" if terminal and not plain_wanted() else None,
        width=None if terminal else PIPED_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
    )


@dataclass(frozen=True)
class Streams:
    """Where a command writes: `out` for results, `talk` for everything else.

    machine: stdout carries JSON or CSV, so no progress is drawn.
    """

    out: "Console"
    talk: "Console"
    verbosity: Verbosity = Verbosity.NORMAL
    machine: bool = False

    def data(self, line: str) -> None:
        """Write one line of results exactly as it is, and flush it."""
        stream = self.out.file
        stream.write(line + "\n")
        stream.flush()

    def path(self, path: "Path") -> None:
        """Write where a result lies: the very path for a program, safe to look at on a terminal."""
        self.data(printable(path) if self.out.is_terminal else str(path))

    def note(self, sentence: str) -> None:
        """Say something useful on stderr, unless quiet."""
        if self.verbosity >= Verbosity.NORMAL:
            self.talk.print(sentence, soft_wrap=True)

    def warn(self, sentence: str) -> None:
        """Say on stderr what a reader must know, unless quiet."""
        if self.verbosity >= Verbosity.NORMAL:
            self.talk.print(f"! {sentence}", style="yellow", soft_wrap=True)

    def detail(self, sentence: str) -> None:
        """Say a timing, a shape or the like on stderr, with --verbose only."""
        if self.verbosity >= Verbosity.VERBOSE:
            self.talk.print(sentence, style="dim", soft_wrap=True)

    def progress(self, *, in_bytes: bool = False) -> "Progress":
        """Return a progress display, to be used in `with`; it draws only where someone watches.

        in_bytes: the tasks' totals are sizes, not counts.
        """
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        return Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn() if in_bytes else MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self.talk,
            transient=True,
            disable=not self.shows_progress,
        )

    @property
    def shows_progress(self) -> bool:
        """Whether somebody watches: a terminal, not quiet, no machine reading."""
        return self.talk.is_terminal and self.verbosity >= Verbosity.NORMAL and not self.machine


def open_streams(*, quiet: bool = False, verbose: bool = False, machine: bool = False) -> Streams:
    """Build the two consoles of one command.

    Raises UsageError if both quiet and verbose are asked for.
    """
    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other.", "Leave one of them out.")
    verbosity = Verbosity.QUIET if quiet else Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    return Streams(make_console(sys.stdout), make_console(sys.stderr), verbosity, machine)
