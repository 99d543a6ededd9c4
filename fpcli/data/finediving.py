"""FineDiving and FineDiving-HM on disk: what is there, what is missing, what is survived."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fpcli.data.annotations import Annotation, read_annotations, read_split
from fpcli.data.findings import Fault, Finding, Noise, Notebook, counted
from fpcli.data.layout import (
    COARSE,
    FINE,
    FINE_AQA,
    FRAMES_FOLDER,
    MASKS_FOLDER,
    TEST,
    TRAIN,
    Key,
    Layout,
    is_there,
    locate,
    numbered_pictures,
)
from fpcli.data.pictures import damaged_pictures
from fpcli.data.steps import sampled_transitions
from fpcli.errors import DataError

MOST_LACKING = 0.1  # of a clip's pictures; more is a copy that stopped half-way


@dataclass(frozen=True)
class FineDivingClip:
    """A dive of the data set with all that is known of it.

    event, clip: its key. dive_number: in capitals. score: points. mark: execution mark, 0 to 10.
    judge_marks: empty where unknown. transitions: the first of the 96 sampled frames in the flight,
    and in the entry. step_deductions: marks lost by step; None but for simulated dives.
    frame_names, mask_names: a file in its folder for every frame of the clip, in order.
    """

    event: str
    clip: int
    dive_number: str
    height_m: float
    difficulty: float
    mark: float
    score: float
    judge_marks: tuple[float, ...]
    transitions: tuple[int, int]
    step_deductions: tuple[float, float, float] | None
    simulated: bool
    frames_folder: Path
    frame_names: tuple[str, ...]
    masks_folder: Path
    mask_names: tuple[str, ...]

    @property
    def frames(self) -> list[Path]:
        """The file of every frame."""
        return [self.frames_folder / name for name in self.frame_names]

    @property
    def masks(self) -> list[Path]:
        """The mask of every frame; one may stand for two where one is lacking."""
        return [self.masks_folder / name for name in self.mask_names]

    @property
    def name(self) -> str:
        """A name that no other clip has, fit for a file."""
        return f"{self.event}-{self.clip}"


@dataclass(frozen=True)
class Part:
    """A part of the data set. absent: empty, or what to do about its absence."""

    name: str
    found: str
    absent: str = ""


@dataclass(frozen=True)
class Examination:
    """What was found of a data set.

    train, test: the clips of the splits that can be used. faults stop its use, noise is survived.
    """

    root: Path
    parts: tuple[Part, ...]
    train: tuple[FineDivingClip, ...]
    test: tuple[FineDivingClip, ...]
    faults: tuple[Finding, ...]
    noise: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """All that stops its use, one line each, with examples."""
        return (*self.absent, *(fault.line for fault in self.faults))

    @property
    def absent(self) -> tuple[str, ...]:
        """The parts that are not there, one line each."""
        return tuple(f"{part.name}: {part.absent}" for part in self.parts if part.absent)

    def required(self) -> "Examination":
        """Return this where the data set is whole. Raises DataError with everything that stops."""
        if self.problems:
            raise DataError(
                f"The data set in {self.root} cannot be used: " + "; ".join(self.problems) + ".",
                f"See all of it with: fineparser data check {self.root}",
            )
        return self


def examine(
    root: Path,
    *,
    pictures: bool = False,
    on_clip: Callable[[int, int], None] = lambda done, total: None,
) -> Examination:
    """Look at every part of a data set, and at every clip's files.

    pictures: open every picture too, which takes minutes. on_clip: told how many of how many clips
    were looked at. Raises DataError where there is no folder; all else is in the result.
    """
    layout, book = locate(root), Notebook()
    annotations, annotated = _annotations(layout, book)
    (train_keys, train_part), (test_keys, test_part) = (
        _split(layout, name, annotations, book) for name in (TRAIN, TEST)
    )
    for key in set(train_keys) & set(test_keys):
        book.note(Fault.IN_BOTH, key)
    used = [*dict.fromkeys((*train_keys, *test_keys))]
    # A split that cannot be read tells nothing of what is in it.
    if not (train_part.absent or test_part.absent):
        for key in annotations.keys() - set(used):
            book.note(Noise.IN_NO_SPLIT, key)
    looked = _look(layout, used, annotations, book, pictures, on_clip)
    parts = (
        *annotated,
        train_part,
        test_part,
        _folder_part(layout.frames, FRAMES_FOLDER, looked.frames),
        _folder_part(layout.masks, MASKS_FOLDER, looked.masks),
    )
    return Examination(
        root=root,
        parts=parts,
        train=tuple(looked.clips[key] for key in train_keys if key in looked.clips),
        test=tuple(looked.clips[key] for key in test_keys if key in looked.clips),
        faults=book.findings(Fault),
        noise=book.findings(Noise),
    )


@dataclass(frozen=True)
class _Looked:
    """The clips that can be used, and how many pictures lie in the folders of all."""

    clips: dict[Key, FineDivingClip]
    frames: int
    masks: int


def _look(
    layout: Layout,
    keys: Sequence[Key],
    annotations: Mapping[Key, Annotation],
    book: Notebook,
    pictures: bool,
    on_clip: Callable[[int, int], None],
) -> _Looked:
    """Look at the files of every clip. A folder that is absent as a whole is no fault of a clip."""
    clips: dict[Key, FineDivingClip] = {}
    frames_there, masks_there = layout.frames.is_dir(), layout.masks.is_dir()
    frames_count = masks_count = 0
    for done, key in enumerate(keys, start=1):
        on_clip(done, len(keys))
        try:
            frames = numbered_pictures(layout.frames_of(key))
            masks = numbered_pictures(layout.masks_of(key))
        except OSError:
            book.note(Fault.UNREADABLE, key)
            continue
        frames_count, masks_count = frames_count + len(frames), masks_count + len(masks)
        if frames_there and not frames:
            book.note(Fault.NO_FRAMES, key)
        if masks_there and not masks:
            book.note(Fault.NO_MASKS, key)
        if frames and masks and key in annotations:
            clip = _clip(layout, annotations[key], frames, masks, book)
            if clip is not None:
                clips[key] = clip
                if pictures and damaged_pictures([*clip.frames, *clip.masks]):
                    book.note(Fault.DAMAGED, key)
    return _Looked(clips, frames_count, masks_count)


def _annotations(layout: Layout, book: Notebook) -> tuple[dict[Key, Annotation], list[Part]]:
    """The annotations, and what is there of the files that hold them."""
    files = [
        Part(
            name,
            "found" if is_there(layout.annotations / name) else "absent, not needed",
        )
        for name in (FINE_AQA, FINE, COARSE)
    ]
    try:
        annotations = read_annotations(layout, book)
    except DataError as error:
        return {}, [*files, Part("annotations", "cannot be used", str(error))]
    events = len({event for event, _ in annotations})
    simulated = sum(known.simulated for known in annotations.values())
    found = f"{counted(len(annotations), 'clip')} of {counted(events, 'event')}"
    found += f", {simulated:,} simulated" if simulated else ""
    return annotations, [*files, Part("annotations", found)]


def _split(
    layout: Layout, name: str, annotations: dict[Key, Annotation], book: Notebook
) -> tuple[tuple[Key, ...], Part]:
    try:
        keys = read_split(layout, name, book)
    except DataError as error:
        return (), Part(name, "cannot be used", str(error))
    if annotations:
        for key in keys:
            if key not in annotations:
                book.note(Fault.NOT_ANNOTATED, key)
    events = len({event for event, _ in keys})
    absent = "it names no clip" if name == TRAIN and not keys else ""
    return keys, Part(name, f"{counted(len(keys), 'clip')} of {counted(events, 'event')}", absent)


def _folder_part(folder: Path, name: str, count: int) -> Part:
    if not folder.is_dir():
        return Part(name, "absent", f"there is no folder {folder}")
    return Part(name, counted(count, "picture"))


def _clip(
    layout: Layout,
    known: Annotation,
    frames: dict[int, str],
    masks: dict[int, str],
    book: Notebook,
) -> FineDivingClip | None:
    """One clip whose files are there; None, and a fault in the book, where it cannot be used."""
    key, numbers = known.key, list(frames)
    if len(numbers) != known.labels:
        book.note(Noise.COUNTS_DIFFER, key)
    if known.labels - len(numbers) > MOST_LACKING * known.labels:
        book.note(Fault.FEW_FRAMES, key)
        return None
    if numbers[-1] - numbers[0] >= len(numbers):
        book.note(Noise.FRAMES_SKIPPED, key)
    lacking = sum(number not in masks for number in numbers)
    if lacking > MOST_LACKING * len(numbers):
        book.note(Fault.FEW_MASKS, key)
        return None
    if lacking:
        book.note(Noise.MASKS_LACKING, key)
    if known.transitions is None:
        return None
    try:
        transitions = sampled_transitions(known.transitions, len(numbers))
    except ValueError:
        book.note(Fault.NO_STEPS, key)
        return None
    of_masks = list(masks)
    return FineDivingClip(
        event=key[0],
        clip=key[1],
        dive_number=known.dive_number,
        height_m=known.height_m,
        difficulty=known.difficulty,
        mark=known.mark,
        score=known.score,
        judge_marks=known.judge_marks,
        transitions=transitions,
        step_deductions=known.step_deductions,
        simulated=known.simulated,
        frames_folder=layout.frames_of(key),
        frame_names=tuple(frames[number] for number in numbers),
        masks_folder=layout.masks_of(key),
        mask_names=tuple(masks[_nearest(of_masks, number)] for number in numbers),
    )


def _nearest(numbers: Sequence[int], wanted: int) -> int:
    """The number nearest to the wanted one; numbers rise."""
    place = bisect_left(numbers, wanted)
    return min(numbers[max(place - 1, 0) : place + 1], key=lambda number: abs(number - wanted))
