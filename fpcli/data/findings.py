"""What is wrong with a data set: faults that stop its use, and noise that is survived."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fpcli.data.layout import Key

EXAMPLES = 3  # clips named in a summary line


class Fault(Enum):
    """Why a data set cannot be used as it is; clips are named after the value."""

    MALFORMED = "annotation not laid out as documented"
    NOT_ANNOTATED = "in a split and not annotated"
    IN_BOTH = "in the training and in the test split"
    NO_STEPS = "labels that do not show take-off, flight and entry"
    UNREADABLE = "folder that cannot be read"
    NO_FRAMES = "no frames"
    FEW_FRAMES = "more than a tenth of the labelled frames lacking"
    NO_MASKS = "no masks"
    FEW_MASKS = "more than a tenth of the masks lacking"
    DAMAGED = "damaged pictures"


class Noise(Enum):
    """What a reader survives, and how; clips are named after the value."""

    TRANSITIONS_DISAGREE = "transition list unlike the label changes, which are believed"
    LABEL_UNNAMED = "label that the clip's dictionary does not name, kept by its number"
    ENDS_IN_TWIST = "label 35 at the end where 36, entry, is meant and read"
    ENTRY_TWICE = "entry label twice, the last one believed"
    COUNTS_DIFFER = "more or fewer labels than frames, the last label going on to the end"
    FRAMES_SKIPPED = "frame numbers skipped, the frames there taken as they follow"
    MASKS_LACKING = "a few masks lacking, the nearest frame's standing in"
    NUMBER_UNKNOWN = (
        "dive number that the rules do not know, learned by its text, not told to scorers"
    )
    MARK_BEYOND = "more points than the difficulty allows, execution mark taken as 10"
    JUDGES_UNREADABLE = "judges' marks that are no numbers, left out: the score is enough"
    HEIGHT_GUESSED = "height told neither by the event nor by the difficulty, guessed"
    LISTED_TWICE = "listed twice in a split, taken once"
    IN_NO_SPLIT = "annotated and in neither split, left out"


@dataclass(frozen=True)
class Finding:
    """The clips of which one thing is true. clips: their names, sorted; at least one."""

    what: Fault | Noise
    clips: tuple[str, ...]

    @property
    def line(self) -> str:
        """One summary line, with examples."""
        return self.naming(EXAMPLES)

    def naming(self, most: int) -> str:
        """One line that names up to so many clips."""
        more = ", …" if len(self.clips) > most else ""
        named = ", ".join(self.clips[:most])
        return f"{self.what.value}: {counted(len(self.clips), 'clip')} ({named}{more})"


def counted(count: int, thing: str) -> str:
    """A count in words: (2, "clip") -> "2 clips"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def name_of(key: Key) -> str:
    """A clip as people read it."""
    return f"{key[0]}/{key[1]}"


class Notebook:
    """Collects what is found, clip by clip."""

    def __init__(self) -> None:
        self._clips: dict[Fault | Noise, set[str]] = {}

    def note(self, what: Fault | Noise, clip: Key | str) -> None:
        """Write down that something is true of a clip."""
        name = clip if isinstance(clip, str) else name_of(clip)
        self._clips.setdefault(what, set()).add(name)

    def note_all(self, what: Iterable[Fault | Noise], clip: Key) -> None:
        """Write down several things of one clip."""
        for one in what:
            self.note(one, clip)

    def findings(self, kind: type[Fault] | type[Noise]) -> tuple[Finding, ...]:
        """What was written down of one kind, in the order of its definition."""
        return tuple(
            Finding(what, tuple(sorted(self._clips[what]))) for what in kind if what in self._clips
        )
