"""Every failure as a sentence, what to do next, and an exit code."""

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import typer

from fpcli.cli.streams import make_console
from fpcli.errors import DISK_FULL, ExitCode, FineParserError
from fpcli.text import printable

DEBUG_VARIABLE = "FINEPARSER_DEBUG"

P = ParamSpec("P")
R = TypeVar("R")


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command so that whatever it raises ends as a sentence and its exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - reported, with a code
            raise typer.Exit(report(error)) from None

    return run


def report(error: BaseException) -> int:
    """Say on stderr what went wrong and return the exit code.

    FINEPARSER_DEBUG=1 adds the traceback. An interruption and a closed pipe stay silent.
    """
    if os.environ.get(DEBUG_VARIABLE, "") not in ("", "0"):
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        silence_stdout()
        return ExitCode.INTERRUPTED
    message, hint, code = describe(error)
    console = make_console(sys.stderr)
    console.print(f"Error: {message}", style="red", soft_wrap=True)
    if hint:
        console.print(hint, soft_wrap=True)
    return code


def describe(error: BaseException) -> tuple[str, str, ExitCode]:
    """Return what is wrong, what to do next, and the exit code."""
    if isinstance(error, FineParserError):
        return printable(error.message), printable(error.hint), error.exit_code
    if isinstance(error, OSError) and error.errno is not None:
        return _describe_system(error)
    if isinstance(error, ImportError) and ".so" in str(error):
        return (
            f"A library of the system is missing: {printable(error)}.",
            "On Debian and Ubuntu: apt-get install libgl1 libglib2.0-0; then fineparser doctor.",
            ExitCode.SOME_FAILED,
        )
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            "There is not enough memory for this.",
            "Use a smaller model (fineparser weights list), fewer files at once, or --device cpu.",
            ExitCode.SOME_FAILED,
        )
    return (
        f"unexpected {type(error).__name__}: {printable(error)}",
        f"This is a defect in fineparser; run again with {DEBUG_VARIABLE}=1 to see where.",
        ExitCode.SOME_FAILED,
    )


def _describe_system(error: OSError) -> tuple[str, str, ExitCode]:
    """Return the sentence for what the operating system refused."""
    if error.errno in DISK_FULL:
        place = f" while writing {printable(error.filename)}" if error.filename else ""
        return (
            f"The disk is full{place}.",
            "Free some space, or write elsewhere; nothing half-written is left under a final name.",
            ExitCode.SOME_FAILED,
        )
    place = f": {printable(error.filename)}" if error.filename else ""
    return (
        f"{error.strerror}{place}.",
        "Check that the path exists and that you may use it.",
        ExitCode.SOME_FAILED,
    )


def silence_stdout() -> None:
    """Point stdout at nothing, so that what is still buffered for a closed pipe raises no more."""
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, sys.stdout.fileno())
    except OSError:  # stdout is no file of the system: nothing is buffered for a pipe
        return
    finally:
        os.close(sink)
