"""Are the weights on this machine the published ones?"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fpcli.errors import WeightsError
from fpcli.weights.locate import present_path
from fpcli.weights.registry import Entry, Registry


class Status(StrEnum):
    """What a check of registered weights found."""

    GOOD = "good"
    DIFFERENT = "not what its hash says"
    UNREADABLE = "not readable"
    ABSENT = "not on this machine"


@dataclass(frozen=True)
class Check:
    """A registered file, where it lies, and whether it is the published one."""

    entry: Entry
    path: Path | None
    status: Status

    def required(self) -> Path:
        """Return the path of a file that is there and good. Raises WeightsError otherwise."""
        if self.path is not None and self.status is Status.GOOD:
            return self.path
        name = self.entry.name
        where = f" ({self.path})" if self.path else ""
        if self.status is Status.UNREADABLE:
            hint = "Check its permissions and disk."
        elif self.entry.url is None:
            hint = "Install fineparser again."
        else:
            hint = f"Fetch them anew: fineparser weights download {name}"
        raise WeightsError(f"The weights {name}{where} are {self.status}.", hint)


def check(entry: Entry) -> Check:
    """Hash a registered file, if it is here."""
    path = present_path(entry)
    if path is None:
        return Check(entry, None, Status.ABSENT)
    try:
        is_published = entry.hash.matches(path)
    except OSError:
        return Check(entry, path, Status.UNREADABLE)
    return Check(entry, path, Status.GOOD if is_published else Status.DIFFERENT)


def check_all(registry: Registry) -> list[Check]:
    """Hash every registered file that is here."""
    return [check(entry) for entry in registry.entries]


def problems(checks: list[Check]) -> list[Check]:
    """Return the checks that should worry: what is here and wrong, and what is absent from us.

    What is downloaded when asked for may be absent; what comes with the program may not.
    """
    return [
        result
        for result in checks
        if result.status in (Status.DIFFERENT, Status.UNREADABLE)
        or (result.status is Status.ABSENT and result.entry.url is None)
    ]
