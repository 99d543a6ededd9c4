"""The one tree of errors a person may see: a sentence, what to do next, and an exit code.

Every leaf says what is wrong in `message` and what mends it in `hint`. The command line prints both
and ends with `exit_code`; nothing else in the package decides an exit code.
"""

import errno
from enum import IntEnum

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)  # no room, or none left of what a user may take


class ExitCode(IntEnum):
    """Exit codes of every command (README, "Exit codes")."""

    OK = 0
    SOME_FAILED = 1
    USAGE = 2
    VIDEO = 3
    WEIGHTS = 4
    INTERRUPTED = 130


class FineParserError(Exception):
    """Anything the user can act on.

    message: one sentence saying what is wrong.
    hint: one sentence saying what to do next; may be empty.
    """

    exit_code: ExitCode = ExitCode.SOME_FAILED

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(FineParserError):
    """Options or arguments that cannot be followed."""

    exit_code = ExitCode.USAGE


class DiveNumberError(UsageError):
    """A dive number that is not one, or that the rules do not allow."""


class OutputError(UsageError):
    """A target that exists, is an input, or cannot be written."""


class DiskFullError(OutputError):
    """A target that there was no room for; nothing of it is left."""

    exit_code = ExitCode.SOME_FAILED


class DeviceError(UsageError):
    """A device that was asked for and is not there."""


class VideoError(FineParserError):
    """A video that cannot be read, or that holds no dive."""

    exit_code = ExitCode.VIDEO


class WeightsError(FineParserError):
    """Weights that are missing, cannot be fetched, or are not what their hash says."""

    exit_code = ExitCode.WEIGHTS


class DataError(FineParserError):
    """A data set on disk that is incomplete or not in its documented layout."""

    exit_code = ExitCode.USAGE
